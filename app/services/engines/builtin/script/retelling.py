"""Retells a text in its own words: parts it into beats and keeps what can be spoken of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from app.models.story import Character
from app.services.engines.builtin.script import beats, cast, selection
from app.services.engines.builtin.script.camera import by_words
from app.services.engines.builtin.script.cast import Cast, Sentence
from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.interludes import filled
from app.services.engines.builtin.script.language import Language, seconds
from app.services.engines.builtin.script.lexicon import Hit, lexicon, table
from app.services.engines.builtin.script.scene import Moment, stretched
from app.services.engines.builtin.script.sentences import Reading, clauses, joined, rounded
from app.services.engines.builtin.script.setting import Setting, settings
from app.services.engines.builtin.script.silences import silenced

_SHOT_S = {"prose": 6.5, "dialogue": 6.0}
"""How long a shot's words like to be."""
_ROOM_S = 12.0
"""How long they may be before sentences are left out."""
_LONG = 1.6
"""A text this many times longer than its film has room for is told in chosen windows."""
_HOLD_S = 4.5
"""How long the picture of a short sentence stays."""
_LEANS_BACK = re.compile(
    r"^(?:但是?|可是?|然而|于是|所以|因此|而且|并且|不过|他|她|它|这|那|(?:But|However|And|So|He|She|They|It|This|That)\b)"
)
_EMPTY = re.compile(
    r"(?:说|道|问|説|說|問|喊|叫|said|asked|cried|replied)$"
    r"|^(?:said|asked|cried|replied|whispered|answered)\b"
    r"|^(?:从那|从此|然后|后来|以后|於是|于是|忽然)"
    r"|^(?:in the|at the|from that|this is|there (?:is|was|were)|it (?:is|was)\b)"
    r"|(?:以后|之后|后面|时候|的时候)$",
    re.IGNORECASE,
)
_LONG_CLAUSE = 80
_MAIN = re.compile(r"(.{20,80}?) (?:where|which|who|when|while|as|that|because|and|till|until|so) ")
_ONLY_NAMED = re.compile("[和与跟、那这只个条位的一两三们]*")
_DOES = re.compile(
    r"\b(?:\w{2,}(?:ed|ing|es)|\w{3,}s|ran|came|went|was|were|is|are|sat|saw|held|took|fell|rose|sang|ate|drank|flew|swam|stood|knew|had"
    r"|put|got|gave|caught|kept|slept|began|left|hid|found|bit|fought|broke|heard|made|said|told|thought|felt|led|lay|threw|woke)\b"
)
_SIGHT = re.compile(
    r"\b(?:r[au]ns?|running|rows?|rowed|climb\w*|jump\w*|spr[au]ng|leap\w*|leapt|sat|sits?|stands?|stood|danc\w+|fl[ei]es|flew"
    r"|fought|fights?"
    r"|carr\w+|brings?|brought|hold\w*|held|eats?|ate|drinks?|drank|hid|hides|sleeps?|slept|wakes?|rose|rises?|lifts?|lifted|rides?|rode|swims?|swam"
    r"|kiss\w*|hug\w*|laugh\w*|cr(?:y|ied|ies)|shouted|walk\w*|crept|catch\w*|caught|bit|bites?|struck|shook|sings?|sang|sings|paint\w*|opens?|opened|built)\b"
    r"|[跑跳爬抱划骑飞坐站走追逃吃喝唱哭笑推拉抬举捧背扔打挖画写读睡躺跪扑游升落送带牵接递]"
)
"""Deeds that can be seen."""
_THOUGHT = re.compile(
    r"\b(?:knew|knows?|thought|thinks?|thinking|believed?|felt|feels?|remembered|wished?|hoped?|was sure|saw that"
    r"|meant)\b|以为|知道|觉得|心想|记得|希望|明白"
)
_AFLOAT = re.compile(
    r"\b(?:row(?:s|ed|ing)?|sail(?:s|ed|ing)?|boats?|ships?|oars?)\b|划船|划着|小船|帆|轮船|航行|航|桨|驾船",
    re.IGNORECASE,
)
_ASHORE = ("sea", "island")
_SHOWN, _MET = 3, 5
"""Figures of a picture, and of those who are thought of for it."""
_WHO = re.compile(r"[他她它我你]|人|\b(?:he|she|it|they|I|we|you|who)\b", re.IGNORECASE)
_QUOTED = re.compile(r"“[^”]*”?|「[^」]*」?|『[^』]*』?|\"[^\"]*\"?")


@dataclass(frozen=True)
class _Text:
    """A reading with what is known of every unit."""

    reading: Reading
    sentences: tuple[Sentence, ...]
    lengths_s: tuple[float, ...]
    cast: Cast
    check: Callable[[], None]


def retell(
    reading: Reading,
    language: Language,
    given: Sequence[Character],
    bounds: tuple[int, int],
    random: Random,
    check: Callable[[], None],
) -> list[Moment]:
    """The text as moments, in its own order; ``bounds`` are the fewest and most shots."""
    plain = []
    for unit in reading.units:
        check()
        copy = simplified(unit.text)
        told = _QUOTED.sub(lambda quote: "\0" * len(quote.group()), copy)
        plain.append(Sentence(unit.text, copy, told, tuple(lexicon().scan(copy, language)), unit.speaker))
    lengths = tuple(seconds(unit.text) for unit in reading.units)
    found = cast.find(plain, given, language, random)
    text = _Text(reading, tuple(plain), lengths, found, check)
    count = min(max(round(sum(lengths) / _SHOT_S[reading.form]), bounds[0]), bounds[1])
    if sum(lengths) > _LONG * count * _ROOM_S and reading.form == "prose":
        source = selection.Source(reading.units, plain, lengths, found, check)
        ranges, chosen = selection.select(source, min(count, len(plain)))
    else:
        ranges = beats.group(lengths, [unit.opens for unit in reading.units], min(count, len(plain)))
        chosen = _covering(text, [_chosen(text, span) for span in ranges], ranges)
    scenes = settings(_hits(text, ranges, chosen), text.cast)
    moments = [_moment(text, picked, scene, language) for picked, scene in zip(chosen, scenes, strict=True)]
    moments = stretched(moments, count)
    if not language.told and len(reading.units) == 1:
        moments = filled(moments, count, language, random)
    return silenced(moments, count, closing=False)


def _hits(text: _Text, ranges: Sequence[range], chosen: Sequence[Sequence[int]]) -> list[list[Hit]]:
    """The known words of each shot: of what it tells, and of where and when its part of the text is up to there."""
    out: list[list[Hit]] = []
    for span, picked in zip(ranges, chosen, strict=True):
        before = range(span.start, picked[0])
        around = [hit for i in before for hit in text.sentences[i].hits if hit.group in ("place", "time")]
        own = [hit for i in picked for hit in text.sentences[i].hits]
        said = {hit for i in picked for hit in text.sentences[i].hits if text.sentences[i].told[hit.start] == "\0"}
        own = [hit for hit in own if not (hit in said and hit.group == "weather")]
        groups = {hit.group for hit in own}
        out.append([*(hit for hit in around[-12:] if hit.group not in groups), *own])
    return out


def _chosen(text: _Text, span: range) -> list[int]:
    """The units of a beat that are told: all when they can be spoken, else the most telling."""
    text.check()
    room = _ROOM_S
    lengths = [text.lengths_s[i] for i in span]
    if sum(lengths) <= room:
        return list(span)
    met = {figure for i in range(span.start) for figure in text.cast.present[i]} if span.start < 2000 else set()
    scores = []
    told: set[str] = set()
    for i in span:
        again = text.sentences[i].text in told
        scores.append(_score(text, i, span, met) - 2.0 * again)
        told.add(text.sentences[i].text)
        met |= text.cast.present[i]
    goes_on = [text.reading.units[i].goes_on for i in span]
    return [span[k] for k in beats.condense(scores, lengths, goes_on, room)]


def _score(text: _Text, i: int, span: range, met: set[int] | frozenset[int]) -> float:
    sentence, length, unit = text.sentences[i], text.lengths_s[i], text.reading.units[i]
    here = text.cast.present[i]
    groups = {hit.group for hit in sentence.hits}
    score = 0.9 * len(here - met) + 0.4 * min(len(here), 2) + (0.4 if 0 in here else 0.0)
    score += 0.3 * ("tone" in groups) + 0.2 * ("place" in groups) + 0.2 * ("time" in groups)
    score += 0.5 * (i == span[0]) + 0.3 * (i == span[-1]) + 0.2 * bool(unit.opens)
    score += 5.0 * (i in (0, len(text.sentences) - 1))
    score -= 0.4 * (sentence.plain[:1] in '“「『"' and sentence.plain[-1:] in '”」』"')
    score -= 0.35 * bool(_LEANS_BACK.match(sentence.plain)) + 0.5 * (length < 1.2) + 0.15 * max(0.0, length - 7.0)
    return score


def _covering(text: _Text, chosen: list[list[int]], ranges: Sequence[range]) -> list[list[int]]:
    """``chosen`` with a sentence for everyone of the cast whom the telling would leave out."""
    for figure in range(len(text.cast.figures)):
        if any(figure in text.cast.present[i] for picked in chosen for i in picked):
            continue
        at = next((i for i, here in enumerate(text.cast.present) if figure in here), None)
        if at is None:
            continue
        beat = next(k for k, span in enumerate(ranges) if at in span)
        kept, room = [at], _ROOM_S - text.lengths_s[at]
        edges = (0, len(text.sentences) - 1)
        for i in sorted(chosen[beat], key=lambda i: (i not in edges, -len(text.cast.present[i]))):
            if text.lengths_s[i] <= room:
                kept.append(i)
                room -= text.lengths_s[i]
        chosen[beat] = sorted(kept)
    return chosen


def _moment(text: _Text, picked: Sequence[int], scene: Setting, language: Language) -> Moment:
    narration = rounded(joined([text.reading.units[i].text for i in picked]))
    seen = _seen(text, picked)
    first, last, key, also = _actions(text, picked, seen, scene, language)
    shown = (first, last)[key]
    if text.reading.form != "dialogue":
        seen = _doers_first(shown, seen)
    seen = seen[:_SHOWN]
    place = scene.place
    view = ""
    if place in _ASHORE and _AFLOAT.search(narration):
        place = "opensea"
    elif place in _ASHORE and any(figure.kind == "keeper" for figure in seen):
        view = language.say("沙滩和礁石上的灯塔", "a lighthouse on the rocks above a sandy shore")
    return Moment(
        narration=narration,
        figures=seen,
        actions=(first, last),
        place=place,
        time=scene.time,
        tone=scene.tone,
        weather=scene.weather,
        seen=view,
        also="" if any(figure.name in also for figure in text.cast.figures if figure not in seen) else also,
        cameras=(*scene.cameras, *by_words(simplified(narration))),
        whole=True,
        key=key,
        hold_s=_HOLD_S if seconds(narration) < _HOLD_S - 1.0 else None,
    )


def _seen(text: _Text, picked: Sequence[int]) -> tuple[Figure, ...]:
    """Who is in the shot, most named first; the hero when nobody is named."""
    counts: dict[int, int] = {}
    for i in picked:
        for figure in text.cast.meant[i]:
            counts[figure] = counts.get(figure, 0) + 1
    order = sorted(counts, key=lambda figure: (-counts[figure], figure))[:_MET]
    if text.reading.form == "dialogue":
        order = _talking(text, picked, order)
    if not order and text.cast.figures:
        order = [0]
    return tuple(text.cast.figures[figure] for figure in order)


def _doers_first(shown: str, seen: Sequence[Figure]) -> tuple[Figure, ...]:
    """Whoever does what is shown before the others; somebody's mother comes before that somebody."""
    spots: dict[str, tuple[bool, int]] = {}
    people = any(not _is_beast(figure) for figure in seen)
    for figure in seen:
        word = re.sub(r"^the ", "", figure.name)
        found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)" if word.isascii() else re.escape(word), shown)
        owner = found is not None and re.match(r"['’]s ", shown[found.end() :])
        spot = len(shown) + 1 if found is None else len(shown) if owner else found.start()
        spots[figure.name] = (people and _is_beast(figure), spot)
    return tuple(sorted(seen, key=lambda figure: spots[figure.name]))


def _is_beast(figure: Figure) -> bool:
    """Whether a figure is an animal without a name of its own: it comes after people."""
    kind = lexicon().kinds.get(figure.kind)
    return kind is not None and kind.sort == "animal" and (figure.name[:4] == "the " or figure.name in kind.zh)


def _talking(text: _Text, picked: Sequence[int], order: Sequence[int]) -> list[int]:
    """Whoever speaks, last first, and the one who is spoken to: the nearest other speaker."""
    names = [figure.name for figure in text.cast.figures]
    speakers = [names.index(s.speaker) if s.speaker in names else -1 for s in text.sentences]
    here = [speakers[i] for i in picked if speakers[i] >= 0]
    if not here:
        return list(order)
    lead = here[0]
    near = sorted(range(len(speakers)), key=lambda i: abs(i - picked[0]))
    other = next((speakers[i] for i in near if speakers[i] not in (-1, lead)), None)
    return list(dict.fromkeys([lead, *([other] if other is not None else []), *order]))[:3]


def _actions(
    text: _Text, picked: Sequence[int], seen: Sequence[Figure], scene: Setting, language: Language
) -> tuple[str, str, int, str]:
    """Two short clauses of the beat that show something, which shows more, and what else is told there.

    Talk or a gesture fills in.
    """
    found: list[tuple[float, str]] = []
    rest: list[str] = []
    for i in picked:
        for clause in clauses(_QUOTED.sub("，", text.sentences[i].text)):
            bare = _trimmed(_begun(clause.strip(" ，,；;：:、。．.！？!?…—-“”‘’\"'()（）*_"), seen))
            worth = _worth(bare, seen, language)
            if worth:
                found.append((worth, bare))
            elif 3 <= len(bare) <= 40 and not _EMPTY.search(bare) and (language.chinese or _DOES.search(bare)):
                rest.append(bare)
    best = sorted(range(len(found)), key=lambda k: (-found[k][0], k))[:2]
    shown = [found[k][1] for k in sorted(best)]
    row = lexicon().world["gesture"][scene.tone if seen else "scenery"]
    gestures = language.say(row["zh"], row["en"]).split("|")
    if not shown:
        doer = seen[0].name + ("" if language.chinese else " ") if seen else ""
        spoken = [text.sentences[i].text for i in picked if "\0" in text.sentences[i].told]
        first = _talk(spoken[0], seen, language) if spoken and seen else f"{doer}{gestures[0]}"
        return first, gestures[1], 0, rest[0] if rest else ""
    key = int(len(best) > 1 and best[0] > best[1])
    also = shown[1 - key] if len(shown) > 1 else rest[0] if rest else ""
    return shown[0], shown[1] if len(shown) > 1 else gestures[1], key, also


def _talk(speech: str, seen: Sequence[Figure], language: Language) -> str:
    """Who speaks, how, and looking at whom."""
    how = 0 if re.search("[？?]", speech) else 1 if re.search("[！!]", speech) else 2
    first = seen[0].name
    if len(seen) < 2:
        alone = (("歪着头发问", "tilting the head to ask"), ("挥手喊着", "waving and calling"), ("开口说话", "talking"))
        return first + language.say(alone[how][0], " " + alone[how][1])
    other = seen[1].name
    zh, en = (
        (("歪着头向", "问道"), "leaning over to ask"),
        (("挥手对", "说话"), "waving and calling to"),
        (("看着", "说话"), "face to face, talking to"),
    )[how]
    if language.chinese:
        return first + language.say(zh[0], "") + other + language.say(zh[1], "")
    return f"{first} {en} {other}"


def _trimmed(clause: str) -> str:
    """The main part of an English clause that is too long to be shown."""
    match = _MAIN.match(clause) if len(clause) > _LONG_CLAUSE else None
    return match[1] if match else clause


def _without_names(clause: str, seen: Sequence[Figure]) -> str:
    for figure in seen:
        clause = clause.replace(figure.name, "")
    return clause


def _begun(clause: str, seen: Sequence[Figure]) -> str:
    """A clause as it goes on after "then": without its conjunction, small but for a name or I."""
    clause = re.sub(r"^(?:and|but|so|then|yet) ", "", clause, flags=re.IGNORECASE)
    clause = re.sub(r"^(?:in|at|on|by) the \w+ (?=(?:the|an?) [a-z]+ [a-z]+ |[A-Z])", "", clause, flags=re.IGNORECASE)
    named = any(clause.startswith(figure.name) for figure in seen)
    small = table("names.toml")["en"]["not_names"].split()
    first = re.match(r"[A-Za-z]+", clause)
    if first and not named and first.group() != "I" and first.group().lower() in small:
        clause = clause[0].lower() + clause[1:]
    return clause


def _worth(clause: str, seen: Sequence[Figure], language: Language) -> float:
    """How much a clause shows: 0 nothing; most when it says who does something that can be seen."""
    low, high = (4, 34) if language.chinese else (12, 100)
    if not low <= len(clause) <= high or _EMPTY.search(clause):
        return 0.0
    if not language.chinese and (len(clause.split()) < 4 or not _DOES.search(clause)):
        return 0.0
    if language.chinese and _ONLY_NAMED.fullmatch(_without_names(clause, seen)):
        return 0.0
    sight = -0.9 if _THOUGHT.search(clause) else 1.5 * bool(_SIGHT.search(clause))
    if any(figure.name in clause for figure in seen):
        return 3 + sight
    if _WHO.search(clause):
        return 2 + sight
    plain = len(clause) >= (7 if language.chinese else 18) or not seen
    return 1 + max(0.0, 0.4 * sight) if plain else 0.0
