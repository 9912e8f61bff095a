"""Finds the sentences, paragraphs and lines of a text, and what form it has: prose, verse or dialogue."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from app.services.engines.builtin.script.language import seconds

Form = Literal["prose", "verse", "dialogue"]

_OPENERS, _CLOSERS = "“‘「『（(《【", "”’」』）)》】\"'"
_QUOTES = {"“": "”", "「": "」", "『": "』"}
_ENDS = "。！？!?…؟।۔｡．"
_END = re.compile(rf"([{_ENDS}]+|\.+(?=[\s{_CLOSERS}]|$))[{_CLOSERS}]*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Sr|Jr|Prof|Capt|Gen|Col|Lt|Mt|No|vs|etc|e\.g|i\.e|cf|approx|Fig|vol|p|pp)|\b[A-Za-z]|\b[ap]\.m)$"
)
_SAID_ZH = re.compile(r"[^，。！？!?；“「\n]{0,9}(?:说|道|问|喊|叫|答|嚷|想|喃喃|笑着|說|問|喊)")
_SAID_EN = re.compile(
    r"\s*(?:[a-z]|(?:[A-Z][\w.]*|The|I)(?: [\w.]+){0,3} "
    r"(?:said|asked|cried|whispered|shouted|replied|answered|called|says|asks|laughed|sighed|added|murmured|thought)\b)"
)
_LONG_QUOTE = 160
_LONGEST_S = 15.0
"""A sentence that takes longer to say is parted at its pauses."""
_LONGEST_POEM = 2000
_TITLE_BEFORE = re.compile(
    r"^《?([\u4e00-\u9fff]{2,8})》?[\s　]+(?:[\u4e00-\u9fff]{1,3}[·•・])?([\u4e00-\u9fff]{2,4})?[\s　：:]+(\S.+)$"
)
_POET = re.compile(
    r"^(?:[\[（(【〔].{1,3}[\]）)】〕]|.{1,3}[·•・]|作者[:：])?\s*[\u4e00-\u9fff]{2,4}$"
    r"|^(?:by |[-—–] ?)?[A-Z][\w.]+(?: [A-Z][\w.]+){0,3}$"
)
_SPEAKER = re.compile(
    r"^([^\s：:，。！？,.!?“”\"（）()\[\]]{1,12}(?: [^\s：:，。,.“”\"（）()]{1,12}){0,2})"
    r"\s*(?:[（(]([^）)]{1,20})[）)])?\s*[：:]\s*(\S.*)$"
)
_DIRECTION = re.compile(r"^[（(\[【]\s*(.+?)\s*[）)\]】]$")
_MANNER = re.compile(r"[（(]([^）)]{1,20})[）)]\s*")
_BREAK = re.compile(
    r"^(?:[*＊·•~#=_\-—]{3,}|\* \* \*|第[一二三四五六七八九十百千零\d]+[章节回幕集部].{0,20}"
    r"|(?i:chapter|part|scene)\b.{0,40})$"
)


@dataclass(frozen=True)
class Unit:
    """A sentence of prose, a line of verse or one speech of a dialogue."""

    text: str
    opens: int
    """0: goes on in its paragraph; 1: begins a paragraph or stanza; 2: begins a scene."""
    speaker: str = ""
    goes_on: bool = False
    """It is a later part of a sentence that was too long for one breath."""
    title: bool = False
    """It is the title of a poem and its poet, not one of its lines."""


@dataclass(frozen=True)
class Reading:
    form: Form
    units: tuple[Unit, ...]


def read(text: str, chinese: bool, hant: bool = False) -> Reading:
    """The units of a cleaned text, in order. Headings and ornaments only mark where scenes begin."""
    lines = text.split("\n")
    filled = [line for line in lines if line]
    spoken = [match for line in filled if (match := _SPEAKER.match(line))]
    if len(spoken) >= 2 and len(spoken) >= 0.5 * len(filled):
        return Reading("dialogue", tuple(_speeches(lines, chinese, hant)))
    verse = _verse(lines)
    if verse:
        return Reading("verse", tuple(verse))
    return Reading("prose", tuple(_prose(_unwrapped(lines))))


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph. A quotation stays with whoever says it."""
    out: list[str] = []
    start = 0
    quotes = _quoted(text)
    for match in _END.finditer(text):
        if match.start() < start or any(a < match.start() and match.end() <= b for a, b in quotes):
            continue
        if not _ends(text, match, start):
            continue
        piece = text[start : match.end()].strip()
        if piece:
            out.append(piece)
        start = match.end()
    rest = text[start:].strip()
    if rest:
        if out and not re.search(r"\w", rest):
            out[-1] += rest
        else:
            out.append(rest)
    return out


def rounded(text: str) -> str:
    """Sentences taken out of their text, made to stand alone: quotes closed, begun large, ended with an end."""
    for opener, closer in _QUOTES.items():
        depth = lowest = 0
        for c in text:
            depth += (c == opener) - (c == closer)
            lowest = min(lowest, depth)
        text = opener * -lowest + text + closer * (depth - lowest)
    text += '"' if text.count('"') % 2 else ""
    if text[-1] in ",;:":
        text = text[:-1] + "…"
    elif text[-1] in "，；：、":
        text = text[:-1] + "……"
    return text[:1].upper() + text[1:]


def clauses(text: str) -> list[str]:
    """The parts of a sentence between its pauses, punctuation kept."""
    parts = re.findall(
        r"[^，,；;：、。！？!?…—]+(?:\d,\d[^，,；;：、。！？!?…—]*)*[，,；;：、。！？!?…—”’」』\"]*", text
    )
    return [part.strip() for part in parts if part.strip()]


def joined(texts: Sequence[str]) -> str:
    """Sentences put together again, with a space where their script has one."""
    out = ""
    for text in texts:
        out += (" " if (out and out[-1] < "\u2e80" and out[-1] not in "”’…") or _latin(out, text) else "") + text
    return out


def _latin(before: str, after: str) -> bool:
    return bool(before) and before[-1] in "”’…" and bool(re.match(r"[\"“‘]?[A-Za-zÀ-ɏ0-9]", after))


def _quoted(text: str) -> list[tuple[int, int]]:
    """Spans of quotations that are short enough to be kept whole, closing mark left out."""
    spans: list[tuple[int, int]] = []
    open_at, closer = -1, ""
    straight = -1
    for i, c in enumerate(text):
        if open_at < 0 and c in _QUOTES:
            open_at, closer = i, _QUOTES[c]
        elif open_at >= 0 and c == closer:
            spans.append((open_at, i))
            open_at = -1
        elif c == '"' and open_at < 0:
            if straight >= 0:
                spans.append((straight, i))
                straight = -1
            else:
                straight = i
    return [(a, b) for a, b in spans if b - a <= _LONG_QUOTE]


def _ends(text: str, match: re.Match[str], start: int) -> bool:
    before, after, mark = text[start : match.start()], text[match.end() : match.end() + 60], match.group()
    if not after.strip():
        return True
    if after.lstrip()[0] in "，、；,;":
        return False
    if mark[0] == ".":
        if _ABBREVIATION.search(before) and len(mark) == 1:
            return False
        if re.match(r"\s*[a-zà-ÿ]", after):
            return False
    if mark[-1] in _CLOSERS:
        return not (_SAID_ZH.match(after) or (after[0] in " ," and _SAID_EN.match(after)))
    if mark[0] == "…":
        return not re.match(r"\s*[a-zà-ÿ，,]", after)
    return not re.match(r"\s*[a-zà-ÿ]", after) or mark[0] in "。！？"


def _prose(paragraphs: list[tuple[str, int]]) -> list[Unit]:
    units: list[Unit] = []
    opens = 0
    for text, level in paragraphs:
        opens = max(opens, level)
        if _BREAK.match(text) or (not re.search(r"\w", text) and units):
            opens = 2
            continue
        for sentence in sentences(text):
            for k, piece in enumerate(_parted(sentence)):
                units.append(Unit(piece, opens if units else 2, goes_on=k > 0))
                opens = 0
    return units


def _unwrapped(lines: list[str]) -> list[tuple[str, int]]:
    """Paragraphs with their level, and hard-wrapped lines put together again."""
    filled = [line for line in lines if line]
    open_ended = sum(line[-1] not in _ENDS + _CLOSERS + ".：:" for line in filled)
    wrapped = len(filled) > 3 and median(map(len, filled)) > 45 and open_ended > 0.4 * len(filled)
    out: list[tuple[str, int]] = []
    blanks = 1
    has_blanks = "" in lines
    for i, line in enumerate(lines):
        if not line:
            blanks += 1
        elif wrapped and not blanks and out:
            out[-1] = (joined([out[-1][0], line]), out[-1][1])
        else:
            heading = _heading(lines, i, has_blanks)
            out.append(("***" if heading and len(filled) > 1 else line.lstrip("#　 "), 2 if blanks > 1 else 1))
            blanks = 0
    return out


def _heading(lines: list[str], i: int, has_blanks: bool) -> bool:
    """A short line without an end of sentence, set apart or marked as a title."""
    line = lines[i]
    if re.match(r"#+ |《[^》]+》$", line):
        return True
    alone = i + 1 < len(lines) and (not lines[i + 1] or (not has_blanks and i == 0))
    return alone and line[-1] not in _ENDS + _CLOSERS + ".：:，,;；" and seconds(line) < 3 and len(line) < 48


def _verse(lines: list[str]) -> list[Unit]:
    """Lines of a poem, or nothing when the text is no poem. Regular Chinese verse is parted into its single lines."""
    filled = [line for line in lines if line]
    if len(filled) > _LONGEST_POEM or any(_BREAK.match(line) or line.startswith("# ") for line in filled):
        return []
    heads, body = _titled(lines)
    title = []
    if heads:
        pause, end = ("，", "。") if _bare(heads[0]) else (", ", ".")
        title = [Unit(pause.join(heads) + end, 2, title=True)]
    regular = _regular(body)
    if regular:
        return [*title, *regular]
    return [*title, *_free(body)] if _poetic(body) else []


def _poetic(body: Sequence[str]) -> bool:
    """Whether these lines are short and even enough to be verse."""
    filled = [line for line in body if line]
    short = [len(line) <= 26 if seconds(line) and _bare(line) else len(line) <= 64 for line in filled]
    if len(filled) < 3 or not all(short):
        return False
    even = median(map(seconds, filled))
    inner = sum(len(sentences(line)) > 1 for line in filled)
    if even > 5 or inner > 0.2 * len(filled):
        return False
    ended = sum(line[-1] in "。." for line in filled)
    return not (len(filled) > 6 and ended > 0.85 * len(filled) and even > 2.6)


def _free(body: Sequence[str]) -> list[Unit]:
    units: list[Unit] = []
    opens = 2
    for line in body:
        if not line:
            opens = max(opens, 1)
        elif re.search(r"\w", line):
            units.append(Unit(line, opens))
            opens = 0
    return units


def _titled(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The title (and poet) above a poem, without brackets and dynasty, and the lines that are the poem."""
    if len(lines) == 1 and (apart := _TITLE_BEFORE.match(lines[0])):
        return [part for part in (apart[1], apart[2]) if part], [apart[3]]
    gap = lines.index("") if "" in lines else 0
    for count in (gap, 2, 1):
        heads, body = list(lines[:count]), [*lines[count:]]
        rest = [line for line in body if line]
        if not 0 < count < 3 or not rest or any(not line[-1].isalnum() and line[-1] not in "》」）)" for line in heads):
            continue
        if any(len(line) > 30 for line in heads) or (count == 2 and not _POET.match(heads[1])):
            continue
        marked = sum(not line[-1].isalnum() for line in rest) >= 0.5 * len(rest)
        alike = len({_bare(line) for line in rest}) == 1 and _bare(heads[0]) != _bare(rest[0])
        if (count == gap and len(rest) > 1) or marked or alike:
            return [_bare_title(line) for line in heads], body
    return [], list(lines)


def _bare_title(line: str) -> str:
    return re.sub(r"^(?:[\[（(【〔].{1,3}[\]）)】〕]|.{1,3}[·•・]|作者[:：]|by )\s*|[《》「」]", "", line).strip()


def _regular(body: Sequence[str]) -> list[Unit]:
    """Classical verse, however it is broken into lines: clauses of one length, four to seven characters each."""
    units: list[Unit] = []
    opens = 2
    for line in body:
        if not line:
            opens = max(opens, 1)
            continue
        parts = re.findall(r"[^，。！？；、,.!?;\s]+[，。！？；、,.!?;]*", line)
        units += [Unit(part, opens if not k else 0) for k, part in enumerate(parts)]
        opens = 1 if len(parts) > 1 else 0
    bare = [re.sub(r"\W", "", unit.text) for unit in units]
    if len(units) < 4 or len(units) % 2 or len({len(part) for part in bare}) > 1:
        return []
    return units if all(_bare(part) == len(part) in (4, 5, 6, 7) for part in bare) else []


def _bare(text: str) -> int:
    return sum("\u2e80" <= c <= "\u9fff" for c in text)


def _speeches(lines: list[str], chinese: bool, hant: bool) -> list[Unit]:
    """``Name: words`` as a voice would tell it; lines between, and directions in brackets, are told as they stand."""
    units: list[Unit] = []
    opens = 2
    for i, line in enumerate(lines):
        if not line or (not units and _heading(lines, i, has_blanks=False)):
            opens = max(opens, 1)
            continue
        match = _SPEAKER.match(line)
        if match and re.search(r"\w", match[3]):
            told = _told(match[1], match[2] or "", match[3], chinese, hant)
            units.append(Unit(told, opens, match[1]))
            opens = 0
            continue
        direction = _DIRECTION.match(line)
        for sentence in sentences(_ended(direction[1], chinese) if direction else line):
            units.append(Unit(sentence, opens))
            opens = 0
    return units


def _ended(text: str, chinese: bool) -> str:
    return text if text[-1] in _ENDS + "." + _CLOSERS else text + ("。" if chinese else ".")


def _told(speaker: str, manner: str, words: str, chinese: bool, hant: bool) -> str:
    """A speech with who says it and how: 狐狸小声问：“…”; what stands in brackets within it is how it is said."""
    within = _MANNER.search(words)
    if within and re.search(r"\w", _MANNER.sub("", words)):
        manner, words = manner or within[1], _MANNER.sub("", words)
    words = _ended(words.strip('“”"「」 '), chinese)
    question, cry = words[-1] in "？?", words[-1] in "！!"
    if chinese:
        verb = ("問" if hant else "问") if question else ("喊" if cry and not manner else ("說" if hant else "说"))
        how = _how(manner.strip("，。 "))
        return f"{speaker}{how}{verb}：「{words}」" if hant else f"{speaker}{how}{verb}：“{words}”"
    verb = "asks" if question else ("cries" if cry else "says")
    return f"{speaker}{f', {manner.strip()},' if manner.strip() else ''} {verb}: “{words}”"


def _how(manner: str) -> str:
    """A direction as it stands before "said": 小声, 笑着, 高兴地, or as a clause of its own."""
    if not manner or manner[-1] in "声聲地着著":
        return manner
    if manner in ("笑", "哭"):
        return manner + "着"
    if len(manner) == 2 and manner[0] not in "叹嘆点點摇搖抬低转轉站坐走跑":
        return manner + "地"
    return f"{manner}，"


def _parted(sentence: str) -> list[str]:
    """The sentence, or its parts at pauses (at words, at characters) when it takes too long to say."""
    if seconds(sentence) <= _LONGEST_S and len(sentence) <= 400:
        return [sentence]
    pieces = [piece for clause in clauses(sentence) or [sentence] for piece in _chopped(clause)]
    out: list[str] = []
    for piece in pieces:
        longer = joined([*out[-1:], piece])
        if out and seconds(longer) <= _LONGEST_S * 0.7 and len(longer) <= 300:
            out[-1] = longer
        else:
            out.append(piece)
    return out


def _chopped(clause: str) -> list[str]:
    if seconds(clause) <= _LONGEST_S and len(clause) <= 400:
        return [clause]
    words = clause.split(" ")
    size = 24 if len(words) > 24 else 0
    if size:
        groups = [" ".join(words[i : i + size]) for i in range(0, len(words), size)]
        return [piece for group in groups for piece in _chopped(group)]
    return [clause[i : i + 48] for i in range(0, len(clause), 48)]
