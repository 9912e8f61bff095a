"""Finds proper names: Chinese ones by where they stand, others by their capitals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import lexicon, table

_TOLD = re.compile(
    r"(?:名叫|叫做|叫作|名字叫|名字是|取名叫?|唤作|小名|(?<![大呼惊喊尖吼])叫)[“「]?([\u4e00-\u9fff]{2,3}?)[”」]?"
    r"(?=的|，|。|、|！|是|住|在|和|；|$)"
)
_CAPITALS = re.compile(
    r"(?<![\w’'])((?:(?:Mr|Mrs|Ms|Miss|Dr|Old|Little|King|Queen|Prince|Princess|Captain|Aunt|Uncle|Lady|Sir)\.? )?"
    r"[A-ZÀ-ÞА-ЯЁ][a-zà-ÿа-яё]{1,15}(?:-[a-zà-ÿа-яё]{2,12})*)(?![\w])"
)
_SENTENCE_START = '.!?…“"‘—:*«¿¡('
_ALSO_NAMES = {"teddy", "robin", "rose", "daisy", "dolly"}
_SHORT_TEXT = 5
"""Up to so many sentences, one mention makes a name."""


def names(texts: Sequence[tuple[str, str]], speakers: Sequence[str], language: Language) -> list[tuple[str, int]]:
    """Proper names and how often each stands in the text, most frequent first.

    ``texts``: every sentence as written and in simplified characters; ``speakers``: names of a dialogue.
    """
    if language.chinese:
        counts = _chinese(texts)
    else:
        # German writes every noun with a capital, so that there it tells nothing.
        counts = Counter() if language.code.startswith("de") else _capitals(texts, known_small=language.told)
    known = {word for kind in lexicon().kinds.values() for word in (*kind.zh, *kind.en)} - _ALSO_NAMES
    counts = Counter({name: n for name, n in counts.items() if name.lower() not in known})
    counts.update(Counter(speakers))
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


@cache
def _rules() -> tuple[tuple[tuple[re.Pattern[str], int], ...], frozenset[str], frozenset[str]]:
    """Patterns for Chinese names with the least number of times that makes them believed; words that are none."""
    row = table("names.toml")["zh"]
    verbs = "|".join(sorted(row["verbs"].split(), key=len, reverse=True))
    deeds = "|".join(row["deeds"].split())
    callings = "|".join(row["callings"].split())
    kinds = "|".join(
        sorted((w for k in lexicon().kinds.values() for w in k.zh if k.sort != "sky"), key=len, reverse=True)
    )
    start = r"(?:^|(?<=[，。！？；：“”「」、\s]))"
    rules = (
        (re.compile(rf"(?:{kinds})(([\u4e00-\u9fff])\2(?![头手尾身眼地])|[小阿][\u4e00-\u9fff](?={verbs}))"), 1),
        (re.compile(rf"(?:{callings})([小阿老][\u4e00-\u9fff]|[\u4e00-\u9fff]{{2}}(?=[要想是的，把在和]))"), 1),
        (re.compile(rf"((?:老|小)[{row['surnames']}])(?=[要在从把和跟是又就很的]|{verbs})"), 3),
        (re.compile(rf"({start}阿[\u4e00-\u9fff])(?=[要在从把和跟是又就很的]|{verbs})"), 1),
        (re.compile(rf"([小阿][\u4e00-\u9fff]{{1,2}}?)(?={verbs})"), 2),
        (re.compile(rf"(?:{start}|[和对跟给])([{row['surnames']}][\u4e00-\u9fff]{{1,2}}?)(?={verbs})"), 2),
        (re.compile(rf"{start}(([\u4e00-\u9fff])\2)(?!地|的)(?={verbs})"), 2),
        (re.compile(rf"{start}([\u4e00-\u9fff]{{2,3}}?)(?={deeds})"), 4),
    )
    return rules, frozenset(row["not_names"].split()), frozenset(row["never"])


def _chinese(texts: Sequence[tuple[str, str]]) -> Counter[str]:
    rules, none, never = _rules()
    sure: set[str] = set()
    for text, plain in texts:
        sure |= {text[m.start(1) : m.end(1)] for m in _TOLD.finditer(plain) if not set(m[1]) & never}
    for pattern, least in rules:
        seen: Counter[str] = Counter()
        for text, plain in texts:
            for m in pattern.finditer(plain):
                if m[1] not in none and m[1][:2] not in none and not set(m[1]) & never:
                    seen[text[m.start(1) : m.end(1)]] += 1
        enough = 1 if len(texts) <= _SHORT_TEXT and least == 2 else least
        sure |= {name for name, n in seen.items() if n >= enough}
    counts = Counter({name: sum(text.count(name) for text, _ in texts) for name in sure})
    # 林黛 is only the beginning of 林黛玉.
    parts = {a for a in sure for b in sure if a != b and a in b and counts[a] <= counts[b] + 1}
    return Counter({name: n for name, n in counts.items() if name not in parts})


def _capitals(texts: Sequence[tuple[str, str]], *, known_small: bool) -> Counter[str]:
    none = frozenset(table("names.toml")["en"]["not_names"].split())
    inside: Counter[str] = Counter()
    first: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for text, _ in texts:
        for match in _CAPITALS.finditer(text):
            name = match[1]
            before = text[: match.start()].rstrip()
            last = re.search(r"\b([A-Z][a-z]+)$", before)
            if name.split()[-1].lower() in none or len(name) < 3 or (last and last[1].lower() not in none):
                continue
            if not before or before[-1] in _SENTENCE_START:
                first[name] += 1
            else:
                inside[name] += 1
                places[name] += bool(re.search(r"\b(?:in|at|to|from|near|of|across|through|No\. \d+)$", before))
    small = {word for text, _ in texts for word in re.findall(r"\b[a-zà-ÿа-яё]+", text)}
    least = 1 if len(texts) <= _SHORT_TEXT and known_small else 2
    sure = {name for name, n in inside.items() if 2 * places[name] <= n and name.split()[-1].lower() not in small}
    sure |= {
        name
        for name, n in first.items()
        if (n >= least or " " in name) and name not in places and name.split()[-1].lower() not in small
    }
    return _families(Counter({name: inside[name] + first[name] for name in sure}))


def _families(counts: Counter[str]) -> Counter[str]:
    """Rikki, Rikki-tikki and Rikki-tikki-tavi are one: whichever is said most, with the mentions of all."""
    whole: dict[str, list[str]] = {}
    for name in counts:
        whole.setdefault(name.split("-")[0], []).append(name)
    return Counter(
        {max(family, key=lambda n: (counts[n], n)): sum(counts[n] for n in family) for family in whole.values()}
    )
