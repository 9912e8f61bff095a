"""The subtitles' colours for every look of picture: they belong to it, and can be read over anything in it."""

from __future__ import annotations

from app.models.timeline import SubtitleStyle
from app.services.media.style_words import kind_of

_STYLES: dict[str, SubtitleStyle] = {
    "storybook": SubtitleStyle(fill=(255, 250, 238), ink=(44, 28, 20), plate=0.16),
    "warm": SubtitleStyle(fill=(255, 248, 230), ink=(58, 30, 22), plate=0.16),
    "watercolor": SubtitleStyle(fill=(255, 252, 243), ink=(46, 38, 40), plate=0.14),
    "ink": SubtitleStyle(fill=(252, 247, 234), ink=(24, 20, 18), plate=0.2),
    "papercut": SubtitleStyle(fill=(255, 246, 226), ink=(58, 12, 16), plate=0.18),
    "neon": SubtitleStyle(fill=(232, 250, 255), ink=(8, 20, 44), plate=0.3),
    "noir": SubtitleStyle(fill=(255, 255, 255), ink=(6, 6, 8), plate=0.22),
    "pastel": SubtitleStyle(fill=(255, 252, 252), ink=(70, 36, 62), plate=0.16),
    "anime": SubtitleStyle(fill=(255, 255, 255), ink=(18, 32, 62), plate=0.1),
    "retro": SubtitleStyle(fill=(255, 240, 208), ink=(34, 30, 44), plate=0.2),
    "oil": SubtitleStyle(fill=(252, 240, 212), ink=(36, 24, 14), plate=0.18),
    "crayon": SubtitleStyle(fill=(255, 252, 240), ink=(40, 36, 60), plate=0.14),
    "night": SubtitleStyle(fill=(255, 248, 222), ink=(12, 16, 40), plate=0.2),
    "real": SubtitleStyle(fill=(250, 250, 248), ink=(10, 10, 12), plate=0.16),
}


def style_for(style_words: str) -> SubtitleStyle:
    """How subtitles look in a film whose style is described so, in Chinese or English."""
    return _STYLES[kind_of(style_words)]
