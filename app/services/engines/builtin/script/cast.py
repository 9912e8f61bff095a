"""Finds who is in a text: names, beings, what is said of their looks, and in which sentences they appear."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from app.models.story import Character
from app.services.engines.builtin.script import figures, speaking
from app.services.engines.builtin.script.figures import Figure
from app.services.engines.builtin.script.han import simplified
from app.services.engines.builtin.script.language import Language
from app.services.engines.builtin.script.lexicon import Hit, Kind, lexicon
from app.services.engines.builtin.script.names import names

_MOST = 9
_NAMED_IN = 8000
"""Sentences of a very long text in which its cast is looked for."""
_LOOKED_AT = 400
"""Sentences of a long text that are searched for someone's looks."""
_WORN_ZH = re.compile(
    r"(?:穿着?|戴着?|披着?|系着?|背着?|围着?|扎着?|留着|长着|有着)[^，。；！？“”「」\n]{1,10}?"
    r"(?:裙子?|上?衣|外套|帽子?|围巾|书包|背包|斗篷|披风|靴子?|鞋子?|头发|长发|短发|辫子?|马尾|胡子|眼镜|蝴蝶结|铃铛|尾巴|翅膀|长袍|盔甲|手套|花环|背心|围裙)"
)
_WORN_EN = re.compile(
    r"\b(?:wore|wearing|dressed in|with) ((?:an?|his|her|their|its|the)? ?(?:[a-z\-]+ ){0,3}"
    r"(?:cloak|(?:rain)?coat|dress|hat|cap|scarf|boots|apron|shirt|jacket|cape|hood|robe|sweater|gown|crown|hair|beard|fur|tail|wings))\b"
)
_HAIR = re.compile("[发髮辫辮胡鬍]|马尾|馬尾|hair|braid|beard")
_SCENERY = ("sky", "thing", "machine")
_ALIVE = ("robot", "snowman", "doll")
_SPEAKS = re.compile(r".{0,3}(?:说|道|问|想|喊|笑|哭)|\s(?:\w+ly )?(?:said|asked|thought|cried|laughed|smiled|sighed)")
_BEFORE_ZH = "老小大白黑灰黄红花"
_IS_A = re.compile(r"(?:He|She|It) (?:was|is) an? |[他她它牠](?:是|原来是)一?[\u4e00-\u9fff]?")
_BESIDE_BEFORE = re.compile(r"(?:[，, ]{0,2}|，?[它他她]?(?:名?叫做?|叫作|名字叫)[“「]?|,? (?:named|called) )")
_BESIDE_AFTER = re.compile(
    r"(?:[”」]?的|是(?:一|个|位|只|条|名)*[\u4e00-\u9fff]{0,4}|,? (?:the|was an?|is an?|an?)(?: [a-z]+){0,2} )"
)


@dataclass(frozen=True)
class Sentence:
    """A sentence to look for beings in: its text, the same in simplified characters, its known words.

    ``told`` is ``plain`` with what is only quoted blotted out, so that it has the same length.
    """

    text: str
    plain: str
    told: str
    hits: tuple[Hit, ...]
    speaker: str = ""


@dataclass(frozen=True)
class Cast:
    figures: tuple[Figure, ...]
    present: tuple[frozenset[int], ...]
    """For every sentence, which figures (by index) are named in it."""
    meant: tuple[frozenset[int], ...]
    """For every sentence that names nobody, whom its pronouns mean; else the same as ``present``."""


@dataclass(frozen=True)
class _Found:
    """Somebody whom the text names, before they are described."""

    name: str
    """As the film calls them."""
    word: str
    """As it stands in the text; in simplified or small letters when it is a kind's word."""
    kind: Kind
    noun: str
    weight: float


def find(texts: Sequence[Sentence], given: Sequence[Character], language: Language, random: Random) -> Cast:
    """The cast of a text: the request's own characters first, then those who are named most, at most nine more."""
    cast = [figures.given(character, language, random) for character in given]
    words = [figure.name for figure in cast]
    known = {figure.kind for figure in cast if figure.kind}
    people = _named(texts[:_NAMED_IN], words, language)
    taken = known | {found.kind.key for found in people}
    called = {part.lower() for word in (*words, *(found.name for found in people)) for part in word.split()}
    others = _unnamed(texts[:_NAMED_IN], taken, called, language)
    for found in sorted((*people, *others), key=lambda found: -found.weight)[:_MOST]:
        looks = _looks(found, texts, language, random, worn=not cast)
        cast.append(Figure(found.name, looks, found.kind.key))
        words.append(found.word)
    kinds = Counter(figure.kind for figure in cast)
    alone = [figure.kind if kinds[figure.kind] == 1 else "" for figure in cast]
    present = tuple(_present(sentence, cast, words, alone) for sentence in texts)
    return Cast(tuple(cast), present, tuple(_meant(texts, present, cast)))


_PRONOUN = re.compile(r"[他她它牠]|\b(?:he|she|it|his|her|its|him)\b", re.IGNORECASE)
_MEMORY = 3
"""Sentences after which a pronoun no longer means who was named."""


def _meant(
    texts: Sequence[Sentence], present: Sequence[frozenset[int]], cast: Sequence[Figure]
) -> Iterator[frozenset[int]]:
    """Whom each sentence is about: those it names, else whom a pronoun means, the last named who fits it."""
    lately: list[tuple[int, int]] = []
    for i, sentence in enumerate(texts):
        spots = sorted((max(sentence.text.find(cast[k].name), 0), k) for k in present[i])
        lately = [(i, k) for _, k in spots] + [(at, k) for at, k in lately if i - at <= _MEMORY]
        word = _PRONOUN.search(sentence.told)
        if word is None or any(_fits(cast[k], word.group().lower()) for k in present[i]):
            yield present[i]
            continue
        fits = [k for _, k in lately if k not in present[i] and _fits(cast[k], word.group().lower())]
        lately = [(i, k) for k in fits[:1]] + lately
        yield present[i] | frozenset(fits[:1])


def _fits(figure: Figure, word: str) -> bool:
    """Whether the pronoun can mean ``figure``: by sex, and he or she only for persons and those with a name."""
    kind = lexicon().kinds.get(figure.kind)
    if kind is None:
        return True
    if _several(figure):
        return False
    latin = figure.name[:1] < "\u2e80"
    named = figure.name[:1].isupper() if latin else figure.name not in kind.zh
    person = kind.sort == "person" or (kind.sort in ("animal", "fantasy", "machine") and named)
    sex = kind.sex or {"girl": "she", "boy": "he"}.get(kind.key, "")
    wanted = "she" if word in ("她", "she", "her") else "he" if word in ("他", "he", "his", "him") else ""
    return not wanted or (person and (not sex or sex == wanted))


def _present(sentence: Sentence, cast: Sequence[Figure], words: Sequence[str], alone: Sequence[str]) -> frozenset[int]:
    """Who is named in ``sentence``: by name, as its speaker, or, the only one of a kind, by any word for it."""
    kinds = {hit.key for hit in sentence.hits if hit.group == "kind" and sentence.told[hit.start] != "\0"}
    return frozenset(
        i
        for i, figure in enumerate(cast)
        if sentence.speaker == figure.name
        or (alone[i] and alone[i] in kinds and not _several(figure))
        or _says(sentence, words[i])
    )


def _several(figure: Figure) -> bool:
    """Whether a figure is more than one: the sailors, 水手们. No other word for one of its kind means them."""
    return figure.name.endswith(("们", "們")) or re.fullmatch(r"the [a-z ]+[^s]s", figure.name) is not None


def _says(sentence: Sentence, word: str) -> bool:
    if word[:1] >= "\u2e80":
        return word in sentence.text or word in sentence.plain
    return re.search(rf"(?<!\w){_spelt(word)}s?(?![\w’']\w?)", sentence.text, re.IGNORECASE) is not None


def _spelt(name: str) -> str:
    """A name as a pattern; of one with hyphens its first part stands for it too."""
    first, *rest = name.split("-")
    return re.escape(first) + ("(?:-[a-z]+)*" if rest else "")


def _named(texts: Sequence[Sentence], given: Sequence[str], language: Language) -> list[_Found]:
    """Those with a name of their own, most frequent first."""
    out: list[_Found] = []
    pairs = [(sentence.text, sentence.plain) for sentence in texts]
    speakers = [sentence.speaker for sentence in texts if sentence.speaker]
    for name, count in names(pairs, speakers, language)[: 3 * _MOST]:
        if any(name in other or other in name for other in given):
            continue
        kind, noun = _kind_of(name, texts, language)
        kind = kind or _by_pronoun(name, texts)
        noun = noun or figures.noun_of(kind, language)
        out.append(_Found(name, name, kind, noun, 2.0 * count + _early(name, texts)))
    return out


def _early(word: str, texts: Sequence[Sentence]) -> float:
    """Who comes first is likelier the hero."""
    first = next((i for i, sentence in enumerate(texts) if word in sentence.text or word in sentence.plain), len(texts))
    return 2.0 * (1.0 - first / len(texts))


def _kind_of(name: str, texts: Sequence[Sentence], language: Language) -> tuple[Kind | None, str]:
    """What ``name`` is, when a word for a being stands right beside it or in "he was a ...", and that word."""
    latin = name[:1] < "\u2e80"
    spelt = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)" if latin else re.escape(name))
    for sentence, after in zip(texts, [*texts[1:], texts[-1]], strict=True):
        match = spelt.search(sentence.text)
        if match is None:
            continue
        spot = match.start()
        for hit in sentence.hits:
            if hit.group != "kind":
                continue
            end = hit.start + len(hit.word)
            before = hit.start < spot and _BESIDE_BEFORE.fullmatch(sentence.plain[end:spot])
            behind = hit.start >= spot and _BESIDE_AFTER.fullmatch(sentence.plain[spot + len(name) : hit.start])
            if before or behind:
                return lexicon().kinds[hit.key], sentence.text[hit.start : end].lower()
        is_a = _IS_A.match(after.plain)
        told = next((hit for hit in after.hits if hit.group == "kind"), None)
        if is_a and told and told.start - is_a.end() < 16 and match.end() > 0.6 * len(sentence.text):
            return lexicon().kinds[told.key], after.text[told.start : told.start + len(told.word)].lower()
        kin = re.match(
            r",? (\w[\w-]*)['’]s (?:\w+ ){0,2}(?:wife|husband|sister|brother|son|daughter)\b",
            sentence.text[match.end() :],
        )
        if kin and kin[1] != name:
            return _kind_of(kin[1], texts, language)
    return figures.kind_of(name) if not latin else None, ""


def _by_pronoun(name: str, texts: Sequence[Sentence]) -> Kind:
    """A girl, boy, woman or man from the title, or the pronouns where ``name`` stands and right after."""
    kinds = lexicon().kinds
    called = re.search(
        "(?:(婶|嫂|奶奶|大娘|太太|女士|姨|婆|姐)|(镇长|先生|伯|叔|师傅|大哥|队长|老板|爷|公))$", simplified(name)
    )
    called = called or re.match("()(老)[\u4e00-\u9fff]$", simplified(name))
    if called:
        return kinds["woman" if called[1] else "man"]
    title = re.match(r"(Mrs|Ms|Miss|Lady|Aunt|Queen)\b|(Mr|Sir|Old|Uncle|Captain|King)\b", name)
    if title:
        return kinds["woman" if title[1] else "man"]
    score = 0
    for sentence, after in zip(texts, [*texts[1:], texts[-1]], strict=True):
        if name in sentence.text:
            near = sentence.text + after.text
            score += len(re.findall(r"她|\b(?:she|her|elle|ella)\b", near, re.IGNORECASE))
            score -= len(re.findall(r"他(?!们|們)|\b(?:he|his|him|il)\b", near, re.IGNORECASE))
    if score == 0:
        return speaking.kind_by_name(name)
    return kinds["girl" if score > 0 else "boy"]


def _unnamed(texts: Sequence[Sentence], taken: set[str], called: set[str], language: Language) -> list[_Found]:
    """Beings without a name: a word that is somebody's name (``called``) is none of a kind.

    Scenery (sun, tree, boat) only when it is named most and speaks or thinks.
    """
    counts: Counter[str] = Counter()
    words: dict[str, Counter[str]] = defaultdict(Counter)
    lively: set[str] = set()
    for sentence in texts:
        for hit in sentence.hits:
            end = hit.start + len(hit.word)
            owned = sentence.plain[end : end + 2] in ("'s", "’s")
            if hit.group == "kind" and hit.key not in taken and sentence.told[hit.start] != "\0" and not owned:
                if sentence.text[hit.start : end].istitle() and hit.word in called:
                    continue
                counts[hit.key] += 1
                words[hit.key][_written(sentence, hit)] += 1
                lively |= {hit.key} if _SPEAKS.match(sentence.plain, end) else set()
    most = max((n for key, n in counts.items() if not _scenery(key)), default=0)
    least = 1 if len(texts) <= 40 else 2
    out: list[_Found] = []
    for key, n in counts.most_common():
        if n < least or (_scenery(key) and (n < 3 or n <= most or key not in lively)):
            continue
        word = max(words[key], key=lambda word: (words[key][word], len(word)))
        name = word if language.chinese else f"the {word if language.told else lexicon().kinds[key].en[0]}"
        noun = next(
            (hit.word for sentence in texts for hit in sentence.hits if hit.key == key and hit.word in word), word
        )
        out.append(_Found(name, word, lexicon().kinds[key], noun, n + _early(word, texts)))
    return out


def _scenery(key: str) -> bool:
    return lexicon().kinds[key].sort in _SCENERY and key not in _ALIVE


def _written(sentence: Sentence, hit: Hit) -> str:
    """A kind's word as the text writes it, with the 老 or 小 before it."""
    end = hit.start + len(hit.word)
    word = sentence.text[hit.start : end]
    if word[:1] < "\u2e80":
        return hit.word
    before = sentence.plain[hit.start - 1 : hit.start]
    return sentence.text[hit.start - 1 : end] if before and before in _BEFORE_ZH else word


def _looks(found: _Found, texts: Sequence[Sentence], language: Language, random: Random, *, worn: bool) -> str:
    """Looks as the text tells them, else as the kind has them; a person's told hair or clothes go before the kind's."""
    told = _told_looks(found.word, texts, language)
    noun = found.noun if found.word == found.name else found.word
    if not language.told:
        noun = found.kind.en[0]
    colour = _told_colour(found.word, texts)
    own = figures.looks(found.kind, noun, language, random, worn=worn and not told, like=colour)
    comma = "，" if language.chinese else ", "
    if told and found.kind.sort == "person":
        # A person's coat is "hair and clothes".
        parts = re.split("和| and ", own.partition(comma)[2])[:2]
        hair = next((look for look in told if _HAIR.search(look)), parts[0])
        clothes = [look for look in told if not _HAIR.search(look)] or parts[1:]
        return comma.join([noun, hair, *clothes])
    return comma.join([own, *told])


def _told_colour(word: str, texts: Sequence[Sentence]) -> str:
    """The colour that stands right before an English ``word``: his grey cat."""
    if word[:1] >= "\u2e80":
        return ""
    colours = "|".join(figures.COLORS.values())
    pattern = re.compile(rf"\b({colours})\b(?: [a-z]+)?? {re.escape(word)}\b", re.IGNORECASE)
    found = (pattern.search(sentence.text) for sentence in texts[:_LOOKED_AT])
    return next((match[1] for match in found if match), "")


def _told_looks(word: str, texts: Sequence[Sentence], language: Language) -> list[str]:
    """Hair and clothes that the text gives to ``word`` where it stands, at most two."""
    pattern = _WORN_ZH if language.chinese else _WORN_EN
    for sentence in texts[:_LOOKED_AT]:
        spot = sentence.text.find(word)
        if spot < 0:
            continue
        near = [m for m in pattern.finditer(sentence.plain, spot) if m.start() - spot < 40]
        near = [m for m in near if not re.search("[他她它我你]的", m.group())][:2]
        if near and language.chinese:
            return [sentence.text[m.start() : m.end()] for m in near]
        if near:
            return [re.sub(r"^(?:his|her|their|its|the|an?) ", "", m[1].strip())[:40] for m in near]
    return []
