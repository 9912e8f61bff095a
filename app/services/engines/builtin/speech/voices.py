"""Which voice speaks, and how: from language, wished voice, tone and rate to espeak-ng's names and numbers.

``voice`` may be empty, a friendly name (:data:`FRIENDLY`, English or Chinese), an espeak-ng voice (``en-gb``),
a variant (``f3`` or ``+f3``) or both (``en-us+f3``).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

from app.core.errors import ValidationFailed
from app.services.engines.builtin.speech.espeak import Delivery
from app.services.engines.builtin.speech.speakers import Role


class Voice(NamedTuple):
    base: str
    """espeak-ng's name of the language's voice, such as ``cmn``."""
    variant: str = ""
    pitch: int = 0
    """Added to the pitch."""

    @property
    def name(self) -> str:
        return f"{self.base}+{self.variant}" if self.variant else self.base


_CHINESE = {
    "zh": "cmn", "zh-cn": "cmn", "zh-sg": "cmn", "zh-tw": "cmn", "zh-hans": "cmn", "zh-hant": "cmn", "cmn": "cmn",
    "zh-hk": "yue", "zh-mo": "yue", "zh-yue": "yue", "zh-hant-hk": "yue", "yue": "yue",
    "zh-hakka": "hak", "hak": "hak",
}  # fmt: skip
_OTHERS = {"en": "en-us", "en-gb": "en", "en-au": "en", "en-nz": "en", "en-ie": "en", "en-in": "en", "en-za": "en",
           "no": "nb", "nn": "nb", "fr-fr": "fr", "es-es": "es", "es-mx": "es-419", "iw": "he", "in": "id", "tl": "id",
           "sr-latn": "hr", "pt-pt": "pt"}  # fmt: skip

FRIENDLY: dict[str, tuple[str, int]] = {
    "female": ("f3", 0), "woman": ("f3", 0), "女声": ("f3", 0), "女": ("f3", 0), "女聲": ("f3", 0),
    "male": ("m3", 0), "man": ("m3", 0), "男声": ("m3", 0), "男": ("m3", 0), "男聲": ("m3", 0),
    "child": ("f5", 22), "kid": ("f5", 22), "童声": ("f5", 22), "孩子": ("f5", 22), "童聲": ("f5", 22),
    "grandma": ("grandma", 0), "奶奶": ("grandma", 0), "grandpa": ("grandpa", 0), "爷爷": ("grandpa", 0),
    "narrator": ("", 0), "default": ("", 0), "旁白": ("", 0),
}  # fmt: skip
"""Name to (variant, pitch added)."""

_TONES: tuple[tuple[tuple[str, ...], tuple[float, int, int]], ...] = (
    (("gentle", "warm", "calm", "soft", "tender", "quiet", "温柔", "温馨", "温暖", "平静", "舒缓", "轻柔", "宁静",
      "柔和", "溫"), (0.94, 0, -6)),
    (("sad", "sorrow", "lonely", "melanchol", "grief", "悲", "忧", "伤", "孤独", "凄", "哀", "沉重"), (0.88, -7, -16)),
    (("tense", "urgent", "suspens", "danger", "frighten", "scary", "紧张", "惊险", "急", "恐怖", "危险", "害怕"),
     (1.08, 4, 10)),
    (("happy", "cheer", "joy", "playful", "bright", "excit", "快乐", "欢", "活泼", "开心", "愉", "俏皮", "兴奋", "喜"),
     (1.05, 6, 14)),
    (("solemn", "epic", "grand", "heroic", "serious", "majest", "庄", "史诗", "严肃", "豪迈", "壮", "雄"),
     (0.94, -6, 4)),
    (("myster", "dream", "secret", "神秘", "悬疑", "梦幻", "奇幻"), (0.92, -3, -4)),
    (("angry", "furious", "rage", "怒"), (1.06, -2, 16)),
)  # fmt: skip
"""Words in a tone, and what they do to (speed factor, pitch, variation). Modest: a narrator, not an actor."""

_PACE = {"cmn": 200, "yue": 200, "hak": 200, "ja": 180}
"""Words a minute at rate 1 where 165 would drag: about 4.5 Chinese characters a second."""


def find(language: str, wished: str, data: Path) -> Voice:
    """The voice for a BCP 47 ``language`` and a wish. Raises ValidationFailed naming what is unknown."""
    voices, variants = _listed(data)
    base, wished = _of_language(language, voices), wished.strip()
    if wished.lower() in FRIENDLY:
        variant, pitch = FRIENDLY[wished.lower()]
        return Voice(base, variant, pitch)
    head, _, tail = wished.partition("+")
    if head and not tail and head.lower() in variants:
        head, tail = "", head
    if head:
        name = head.lower().replace("_", "-")
        if name not in voices and name not in _CHINESE and name not in _OTHERS:
            raise _unknown("voice", wished)
        base = _of_language(name, voices)
    if tail and tail.lower() not in variants:
        raise _unknown("voice", wished)
    return Voice(base, variants.get(tail.lower(), ""))


def delivery(voice: Voice, tone: str, rate: float) -> Delivery:
    """Speed, pitch and variation. Raises ValidationFailed if ``rate`` is not between 0.25 and 4."""
    if not (math.isfinite(rate) and 0.25 <= rate <= 4):
        raise ValidationFailed(f"rate must be between 0.25 and 4, not {rate}")
    found = [change for words, change in _TONES if any(word in tone.lower() for word in words)] or [(1.0, 0, 0)]
    speed, pitch, variation = (sum(values) / len(found) for values in zip(*found, strict=True))
    return Delivery(
        words_per_minute=round(min(450, max(80, _PACE.get(voice.base, 162) * speed * rate))),
        pitch=round(min(99, max(0, 46 + voice.pitch + pitch))),
        variation=round(min(99, max(5, 52 + variation))),
    )


def acted(plain: Delivery, role: Role, words: str) -> Delivery:
    """The narrator's delivery as a figure's words and the sentence's end ask for: livelier for a call, slower for a
    sentence that trails off."""
    ending = words.rstrip("”」』\"'’) ")
    call, question, trail = (
        ending.endswith(("！", "!")),
        ending.endswith(("？", "?")),
        ending.endswith(("…", "...", "——")),
    )
    speed = role.speed * (1.03 if call else 0.94 if trail else 1.0)
    return Delivery(
        words_per_minute=round(min(450, max(80, plain.words_per_minute * speed))),
        pitch=min(99, max(0, plain.pitch + role.pitch + (3 if call else 0))),
        variation=min(99, max(5, plain.variation + role.variation + (10 if call else 8 if question else 0))),
    )


def _of_language(language: str, voices: frozenset[str]) -> str:
    tag = language.strip().lower().replace("_", "-")
    while tag:
        name = _CHINESE.get(tag) or _OTHERS.get(tag) or tag
        if name in voices:
            return name
        tag = tag.rpartition("-")[0]
    raise _unknown("language", language)


def _listed(data: Path) -> tuple[frozenset[str], dict[str, str]]:
    """espeak-ng's voices in lower case, and its variants by lower-case name."""
    voices = frozenset(path.name.lower() for path in (data / "lang").rglob("*") if path.is_file())
    return voices, {path.name.lower(): path.name for path in (data / "voices" / "!v").iterdir()}


def _unknown(what: str, value: str) -> ValidationFailed:
    detail = f"speech/builtin knows no {what} {value[:60]!r}"
    return ValidationFailed(detail, errors=[{"type": "unknown", "loc": [what], "msg": detail}])
