"""Who speaks when: words in quotation marks sound as somebody else's than the narrator's.

A reader aloud lends each figure a voice: small ones speak high, large and old ones low. Who it is is looked for beside
the quotation, in the words that say so.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple


class Role(NamedTuple):
    """How somebody's words differ from the narrator's."""

    variant: str
    """espeak-ng's voice variant, if no voice was asked for by name."""
    pitch: int
    variation: int
    speed: float


NARRATOR = Role("", 0, 0, 1.0)
_SOMEBODY = Role("", 8, 8, 1.03)
_NAMED = (Role("f3", 6, 8, 1.02), Role("m3", -4, 8, 1.0), Role("f2", 12, 8, 1.04), Role("m1", 4, 6, 0.98))
"""For a name that says nothing of its bearer: always the same one of these."""
_NAME = re.compile(
    r"([\u4e00-\u9fff]{1,4}?)(?:轻轻|輕輕|小声|小聲|大声|大聲|笑着|笑著|哭着|哭著)*地?"
    r"(?:说|說|问|問|答|道|喊|叫|笑|哭)|([\u4e00-\u9fff]{1,5})[:：]\s*$|"
    r"\b(?:said|asked|cried|whispered|answered|replied|shouted|called) (?:the |a |an )?([A-Za-z]+(?: [a-z]+)?)|"
    r"\b([A-Z][a-z]+|(?<=the )[a-z]+) (?:said|asked|cried|whispered|answered|replied|shouted|called)\b"
)
_QUOTED = re.compile(r"“([^“”]*)(?:”|$)|「([^「」]*)(?:」|$)|『([^『』]*)(?:』|$)|(?<!\w)\"([^\"]*)(?:\"|$)")
_SPEECH_END = re.compile(r"[，。！？；,.!?;…—~～]$")
_SPEECH_START = re.compile(r"[:：,，]\s*$")
_SENTENCE = re.compile(r"[。！？!?\n]|\.(?=\s)")
_REACH = 28
"""Characters beside a quotation in which its speaker may be named."""

_ROLES: tuple[tuple[str, Role], ...] = (
    (r"老奶奶|奶奶|外婆|婆婆|老婆婆|姥姥|\b(grand(ma|mother)|old (woman|lady)|granny)\b", Role("f2", -6, 4, 0.92)),
    (
        r"老爷爷|爺爺|爷爷|外公|老人|老头|老頭|老船长|师父|師父|\b(grand(pa|father)|old (man|keeper|sailor)|wizard)\b",
        Role("m2", -10, 2, 0.9),
    ),
    (
        r"大熊|狗熊|棕熊|大象|狮子|獅子|老虎|大灰狼|鲸|鯨|巨人|龙|龍|国王|國王|"
        r"\b(bear|elephant|lion|tiger|wolf|whale|giant|dragon|king|troll|ogre)\b",
        Role("m7", -16, 6, 0.93),
    ),
    (
        r"小(狗|猫|貓|兔|鸟|鳥|鹿|鸭|鴨|鸡|雞|老鼠|松鼠|羊|猪|豬|狐狸|熊|象|鱼|魚|蜜蜂|女孩|男孩|朋友|星星)|孩子|宝宝|"
        r"寶寶|老鼠|松鼠|蜗牛|蝸牛|蜜蜂|蝴蝶|"
        r"\b(child|baby|little|tiny|mouse|squirrel|puppy|kitten|chick|bunny|sparrow|bird|bee|fairy|snail)\b",
        Role("f5", 20, 12, 1.05),
    ),
    (r"妈妈|媽媽|母亲|母親|姐姐|阿姨|女王|公主|仙女|她|\b(mother|mum|mom|queen|princess|she|girl|woman|lady|her)\b",
     Role("f3", 4, 8, 1.0)),
    (r"爸爸|父亲|父親|哥哥|叔叔|船长|船長|\b(father|dad|captain|prince|sailor|man|boy)\b", Role("m3", -4, 6, 1.0)),
)  # fmt: skip


class Turn(NamedTuple):
    """A stretch of the text and who speaks it."""

    start: int
    end: int
    role: Role


def turns(text: str) -> list[Turn]:
    """The whole text as turns, in order, without a gap; one turn if nobody is quoted."""
    found: list[Turn] = []
    at = 0
    for match in _QUOTED.finditer(text):
        if not _is_speech(text, match):
            continue
        if match.start() > at:
            found.append(Turn(at, match.start(), NARRATOR))
        found.append(Turn(match.start(), match.end(), _speaker(text, match.start(), match.end())))
        at = match.end()
    if at < len(text) or not found:
        found.append(Turn(at, len(text), NARRATOR))
    return found


def _is_speech(text: str, match: re.Match[str]) -> bool:
    """Marks are also set around names and titles: speech ends like a sentence or is led in."""
    inside = next((group for group in match.groups() if group is not None), "").strip()
    return bool(inside) and bool(_SPEECH_END.search(inside) or _SPEECH_START.search(text[: match.start()]))


def _speaker(text: str, start: int, end: int) -> Role:
    before = _SENTENCE.split(re.split(r"[”」』]", text[max(0, start - _REACH) : start])[-1])[-1]
    after = _SENTENCE.split(re.split(r"[“「『\"]", text[end : end + _REACH])[0])[0]
    for beside in (before, after):
        for words, role in _ROLES:
            if re.search(words, beside, re.IGNORECASE):
                return role
    for beside in (before, after):
        if (named := _NAME.search(beside)) is not None:
            name = next(group for group in named.groups() if group)
            return _NAMED[zlib.crc32(name.lower().encode()) % len(_NAMED)]
    return _SOMEBODY


def split(start: int, text: str, spoken: list[Turn]) -> Iterator[tuple[int, str, Role]]:
    """A stretch that begins at ``start`` of the whole text, divided where another one speaks."""
    end = start + len(text)
    cuts = sorted({start, end, *(turn.start for turn in spoken if start < turn.start < end)})
    for left, right in pairwise(cuts):
        role = next((turn.role for turn in spoken if turn.start <= left < turn.end), NARRATOR)
        yield left, text[left - start : right - start], role
