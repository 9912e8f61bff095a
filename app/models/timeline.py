"""The film's time: every instant is a frame number or an exact fraction, never a summed float.

A film of shots s0..sn at ``fps`` frames per second. Shot i shows its own frames 0..frames-1; its first one
appears at film frame ``start``. Neighbours overlap by ``trail`` frames of the one and ``lead`` of the next
(equal numbers) when the transition is a dissolve or a fade; a cut has no overlap. The film is the list of
*segments*: every shot's body and every transition window, each encoded once.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Literal

from pydantic import Field

from app.models.engine import DrawnClip, Plain, WordTime

Transition = Literal["cut", "fade", "dissolve"]
Joining = Transition | Literal["auto"]
"""What a client may ask for: one transition for the whole film, or each by its meaning."""
SAMPLE_RATE = 48_000
"""Of the film's sound, Hz."""


class ShotSpan(Plain):
    """Where one shot, or a card, is in the film."""

    shot_id: str
    """Empty: a card."""
    start: int
    """Film frame that shows the shot's frame 0."""
    frames: int
    lead: int
    """How many of the first frames are shared with the shot before."""
    trail: int
    """How many of the last frames are shared with the shot after."""
    speech_at: int
    """Frame of the shot at which its narration begins."""


class Segment(Plain):
    """One closed piece of the film: a body (one part) or a transition window (two parts)."""

    start: int
    """Film frame."""
    frames: int
    parts: tuple[tuple[int, int], ...]
    """(index of the shot, that shot's frame number at the segment's first frame)."""
    transition: Transition = "cut"


class Timeline(Plain):
    fps: int
    width: int
    height: int
    spans: tuple[ShotSpan, ...]
    segments: tuple[Segment, ...]
    frames: int
    """Of the whole film."""

    @property
    def duration(self) -> Fraction:
        """Seconds, exact."""
        return Fraction(self.frames, self.fps)

    def sample(self, frame: int) -> int:
        """Sound sample (48 kHz) at which a film frame begins."""
        return round(Fraction(frame * SAMPLE_RATE, self.fps))

    @property
    def samples(self) -> int:
        """Length of the film's sound: the same instant as the end of its picture."""
        return self.sample(self.frames)


class Card(Plain):
    """A page before or after the story: the living picture in a window of paper, with words beside it."""

    kind: Literal["title", "end"]
    words: str
    """The film's title, or what stands at its end. Never empty."""
    small: str = ""
    """A second, smaller line."""
    style: str = ""
    """The story's style in its own words: decides paper, ink and ornament."""


class SubtitleStyle(Plain):
    """How burned words look. Whatever it is, letters stand out from what is behind them by at least 4.5 to 1."""

    fill: tuple[int, int, int] = (255, 255, 255)
    """sRGB of the letters."""
    ink: tuple[int, int, int] = (12, 12, 12)
    """sRGB of their outline."""
    plate: float = 0.0
    """Opacity of a soft dark ground behind the lines, 0 to 1."""


class Source(Plain):
    """Where the frames of a shot come from. Exactly one of ``drawn`` and ``clip`` is set."""

    key_frame: Path
    layers: Path | None = None
    drawn: DrawnClip | None = None
    clip: Path | None = None
    frames: int
    """Length of the shot in frames: camera moves are eased over it, files held or cut to it."""
    card: Card | None = None
    """Laid over every one of its frames."""


class Cue(Plain):
    """Words on screen between two frames of a segment, both inclusive."""

    first: int
    last: int
    text: str
    """Already broken into lines by ``\\n``."""


class Part(Plain):
    source: Source
    first: int
    """The shot's frame number at the segment's first frame."""


class CutRequest(Plain):
    """Everything that one segment is made from; nothing in it depends on where it is in the film."""

    width: int
    height: int
    fps: int
    frames: int
    parts: tuple[Part, ...]
    transition: Transition = "cut"
    cues: tuple[Cue, ...] = ()
    """Burned subtitles."""
    label: LabelStyle | None = None
    label_frames: int = 0
    """How many of the segment's first frames carry the visible label."""
    crf: int = 20
    preset: str = "fast"
    """``fast`` (superfast with macroblock-tree rate control) or any x264 preset name."""
    font: str = ""
    """Font file of subtitles, cards and label; empty: the one inside OpenCV."""
    subtitle_style: SubtitleStyle = SubtitleStyle()
    fade_out: int = 0
    """How many of the segment's last frames sink into black, words and all."""


class LabelStyle(Plain):
    """The visible label of generated content (GB 45438-2025)."""

    text: str = "AI生成"
    position: Literal["top_left", "top_right", "bottom_left", "bottom_right"] = "top_right"
    height: float = Field(default=0.05, ge=0.05, le=0.2)
    """Of the shorter side; the standard asks for at least 0.05."""


class Voice(Plain):
    """One narration in the film."""

    audio: Path
    at_sample: int
    words: tuple[WordTime, ...] = ()


class Ambience(Plain):
    """What is heard of the world over a stretch of the film, usually a shot."""

    at_sample: int
    samples: int
    sound: str
    """The shot's own words for it, in any language (``风声、脚步声``); words that mean no sound are passed over."""
    seed: int = 0


class MixRequest(Plain):
    samples: int
    """Length of the film's sound at 48 kHz."""
    voices: tuple[Voice, ...]
    music: Path | None = None
    ambience: tuple[Ambience, ...] = ()
    """In order of time; neighbours flow into each other."""
    loudness_lufs: float = -16.0
    peak_dbtp: float = -1.5
    duck_db: float = -12.0


class Subtitle(Plain):
    """One cue of a subtitle file, in exact film time."""

    start: Fraction
    end: Fraction
    text: str


class JoinRequest(Plain):
    """Packets of segments in order, one sound track, metadata: one MP4."""

    segments: tuple[tuple[Path, int], ...]
    """(file, frames) in order."""
    fps: int
    sound: Path | None = None
    """An m4a with one AAC track; None: silence of the picture's length is encoded."""
    subtitles: tuple[Subtitle, ...] = ()
    """For a soft mov_text track; empty: none."""
    language: str = ""
    metadata: dict[str, str] = Field(default_factory=dict)
    """Container tags, such as ``title`` and ``AIGC``."""


CutRequest.model_rebuild()
