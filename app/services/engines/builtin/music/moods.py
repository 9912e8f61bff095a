"""From words about tone and style to what a composer needs to know."""

from __future__ import annotations

from typing import NamedTuple

from app.models.engine import ComposeRequest


class Mood(NamedTuple):
    """How a stretch of the film sounds. Chords are degrees of one diatonic collection, 0 is its major tonic:
    a film changes between major (centre 0), minor (5), Dorian (1) and Lydian (3) without leaving its key."""

    name: str
    tempo: float
    """Beats a minute."""
    progressions: tuple[tuple[int, int, int, int], ...]
    home: int
    """Degree of the chord that the film rests on if it ends in this mood."""
    lead: str
    """Instrument of the melody."""
    figure: tuple[int, ...]
    """Accompaniment: chord tones on the eight quavers of a bar, -1 is a rest."""
    density: float
    """Of the melody, 0 to 1."""
    drum: float = 0.0
    """Loudness of the low drum."""
    pad: float = 1.0


_FLOW = (0, 2, 3, 2, 1, 2, 3, 2)
_LULL = (0, -1, 2, -1, 3, -1, 2, -1)
_STEPS = (0, 2, 1, 3, 0, 2, 1, 3)
_PULSE = (0, 0, 2, 0, 0, 0, 2, 1)
_DRIFT = (0, -1, -1, 2, -1, 3, -1, -1)

_MOODS: tuple[tuple[tuple[str, ...], Mood], ...] = (
    (("sad", "sorrow", "lonely", "melanchol", "grief", "悲", "忧", "伤", "孤独", "凄", "哀", "沉重", "失落"),
     Mood("sad", 62, ((5, 3, 0, 4), (5, 1, 3, 4), (5, 2, 3, 4)), 5, "flute", _LULL, 0.55)),
    (("tense", "urgent", "suspens", "danger", "scary", "fear", "storm", "紧张", "惊", "急", "恐", "危险", "害怕",
      "暴风"),
     Mood("tense", 92, ((5, 5, 3, 2), (5, 3, 1, 2), (5, 4, 3, 2)), 5, "pluck", _PULSE, 0.5, 0.7, 0.8)),
    (("epic", "grand", "heroic", "majest", "solemn", "triumph", "史诗", "豪迈", "壮", "庄", "雄", "英雄", "激昂"),
     Mood("epic", 84, ((5, 3, 0, 4), (0, 4, 5, 3), (5, 4, 3, 4)), 0, "flute", _STEPS, 0.7, 0.9)),
    (("myster", "secret", "strange", "神秘", "悬疑", "诡", "未知"),
     Mood("mysterious", 70, ((1, 4, 1, 0), (1, 3, 4, 1), (1, 5, 3, 4)), 1, "bell", _DRIFT, 0.5)),
    (("dream", "magic", "fantas", "wonder", "梦", "奇幻", "魔法", "童话", "星空"),
     Mood("dreamy", 70, ((3, 4, 3, 5), (3, 4, 2, 5), (0, 3, 1, 4)), 0, "bell", _FLOW, 0.6)),
    (("happy", "cheer", "joy", "playful", "bright", "excit", "fun", "快乐", "欢", "活泼", "开心", "愉", "俏皮", "兴奋",
      "喜", "热闹"),
     Mood("happy", 104, ((0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4)), 0, "pluck", _STEPS, 0.85, 0.0, 0.7)),
    (("calm", "peace", "quiet", "serene", "平静", "宁静", "安静", "舒缓", "悠", "静"),
     Mood("calm", 66, ((0, 3, 0, 4), (0, 5, 1, 4), (0, 2, 3, 0)), 0, "bell", _LULL, 0.5)),
    (("warm", "gentle", "tender", "love", "cute", "sweet", "温", "爱", "柔", "感动", "可爱", "甜"),
     Mood("warm", 78, ((0, 4, 5, 3), (0, 5, 3, 4), (0, 2, 3, 4)), 0, "pluck", _FLOW, 0.65)),
)  # fmt: skip
"""Words and moods, the more decided ones first: the first whose word appears wins."""
_DEFAULT = _MOODS[-1][1]
_CHINESE = ("水墨", "国风", "國風", "古风", "中国", "中國", "武侠", "仙侠", "国画", "东方", "古代", "诗词", "戏曲",
            "ink wash", "ink", "chinese", "oriental", "wuxia")  # fmt: skip


def mood_of(tone: str, style: str) -> Mood:
    """The mood that the tone's words name, else the style's, else a warm one."""
    for words in (tone.lower(), style.lower()):
        for keys, mood in _MOODS:
            if any(key in words for key in keys):
                return mood
    return _DEFAULT


def is_chinese(request: ComposeRequest) -> bool:
    """Whether the style asks for five-note melodies over open chords."""
    words = set(request.style.lower().replace("-", " ").split())
    return any(key in words if key.isascii() and " " not in key else key in request.style.lower() for key in _CHINESE)
