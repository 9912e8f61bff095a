"""What goes into an engine and what comes out: one frozen request and result per kind.

Everything here is plain data, so that it can be fingerprinted, journalled and sent to another process.
Paths in results are files in the folder that the caller gave the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.models.story import Character

EngineKind = Literal["script", "image", "video", "speech", "music", "avatar", "upscale", "interpolate"]


class Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class ShotDraft(Plain):
    """A shot as a script engine writes it. Every text field is filled, but that a silent shot has no narration and
    asks for a duration instead."""

    subject: str
    detail: str
    """What happens, in the form 先…然后…最后… (first, then, finally)."""
    image_detail: str
    """The words that the key frame is drawn from; complete in itself."""
    camera: str
    """English name of one of the eleven moves."""
    narration: str
    tone: str
    sound: str
    style: str
    duration: float | None = None


class WriteRequest(Plain):
    text: str
    display_name: str = ""
    style: str = ""
    language: str = ""
    """BCP 47 (``zh``, ``en``); empty: found from the text."""
    shots_min: int = 6
    shots_max: int = 10
    characters: tuple[Character, ...] = ()
    seed: int = 0


class WriteResult(Plain):
    language: str
    characters: tuple[Character, ...]
    shots: tuple[ShotDraft, ...]


class TranslateRequest(Plain):
    texts: tuple[str, ...]
    language: str = "en"
    """BCP 47: what to translate into."""
    purpose: str = ""
    """What the words are for (``prompts of a picture``), so that they come out in its style."""


class TranslateResult(Plain):
    texts: tuple[str, ...]
    """As many as were asked for, in their order."""


class Reference(Plain):
    """A picture of one of the cast, for engines that draw the same face again."""

    name: str
    description: str = ""
    image: Path


class DrawRequest(Plain):
    task_type: Literal["scene", "character"] = "scene"
    """``character``: a portrait of one of the cast, which later scenes refer to."""
    prompt: str
    """The shot's ``image_detail``."""
    prompt_en: str = ""
    """The same in English, for engines that want it; empty: the prompt is English already, or nobody translates."""
    references: tuple[Reference, ...] = ()
    """Of the characters in this picture; only for engines that can use them."""
    subject: str = ""
    detail: str = ""
    tone: str = ""
    style: str = ""
    camera: str = "static"
    characters: tuple[Character, ...] = ()
    width: int
    height: int
    """Pixels of the key frame wanted (1.25 times the film's size, so that the camera has room)."""
    seed: int = 0


class DrawResult(Plain):
    image: Path
    """PNG without alpha, exactly the size asked for."""
    layers: Path | None = None
    """``layers.json`` (see LayerSet) when the picture can be moved in depth."""
    seed: int
    facts: dict[str, Any] = Field(default_factory=dict)


class Life(Plain):
    """How the figure on a layer of its own moves: a paper puppet that stands on its foot.

    All movement is small: a breath, a bob, a sway. Other drawings of the same figure (eyes closed, the next step) are
    files of the layer's own size and place, shown instead of it for as long as that takes.
    """

    kind: Literal["breathe", "sway", "walk", "run", "hop", "fly", "float", "slide"]
    """``slide`` only travels: what a shadow does. ``sway`` is for what stands rooted, such as a sleeper or a flower."""
    foot: tuple[float, float]
    """What stays where it is while the rest breathes, as fractions of the frame."""
    height: float
    """Of the figure, as a fraction of the frame's height: it scales every movement."""
    side: int = 1
    """Which way it faces and goes: 1 right, -1 left."""
    phase: float = 0.0
    """0 to 1: so that two figures never breathe together."""
    travel: float = 0.0
    """How far it goes over the whole shot, as a signed fraction of the frame's width; half before its drawn place,
    half after."""
    closed: str = ""
    """File with its eyes closed; empty: it does not blink."""
    steps: tuple[str, ...] = ()
    """Files of its other steps, in their order after the layer's own; empty: it goes without moving its legs."""


class Layer(Plain):
    file: str
    """PNG with straight alpha beside ``layers.json``; of the key frame's size unless ``left`` and ``top`` are given."""
    depth: float
    """0 is infinitely far (sky), 1 nearest."""
    name: str
    left: int = 0
    top: int = 0
    """Place of the file's corner in the key frame, pixels: a figure's file holds little more than the figure."""
    life: Life | None = None
    """Set: this layer is one figure that moves by itself. It is part of the flat key frame as it stands here."""


class Effect(Plain):
    """Something that lives in front of a layer: drawn anew in every frame."""

    kind: Literal[
        "rain",
        "snow",
        "leaves",
        "petals",
        "stars",
        "fireflies",
        "waves",
        "smoke",
        "mist",
        "rays",
        "fire",
        "lanterns",
        "bubbles",
        "dust",
        "birds",
    ]
    depth: float = 1.0
    amount: float = 0.5
    """0 to 1."""
    box: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    """Left, top, right, bottom as fractions of the frame."""
    color: tuple[int, int, int] = (255, 255, 255)
    """sRGB."""


class LayerSet(Plain):
    """The content of ``layers.json``: what makes a key frame a small stage."""

    width: int
    height: int
    layers: tuple[Layer, ...]
    """Farthest first; the first is opaque everywhere."""
    effects: tuple[Effect, ...] = ()
    focus: tuple[float, float] = (0.5, 0.5)
    """Where the subject is, as fractions of the frame: what the camera moves towards."""


class AnimateRequest(Plain):
    key_frame: Path
    layers: Path | None = None
    camera: str
    prompt: str = ""
    """What happens in the shot (its ``detail``)."""
    prompt_en: str = ""
    """The same in English, for engines that want it; empty: the prompt is English already, or nobody translates."""
    tone: str = ""
    audio: Path | None = None
    """The shot's narration, for engines that move lips to it."""
    width: int
    height: int
    fps: int
    frames: int
    """How many frames the shot needs; a file with fewer is held, with more is cut."""
    seed: int = 0

    @property
    def duration_s(self) -> float:
        return self.frames / self.fps


class DrawnClip(Plain):
    """A clip that is not a file: frames drawn on demand by ``services.media.motion``."""

    camera: str
    seed: int
    strength: float = 1.0
    parallax: bool = True
    effects: bool = True


class AnimateResult(Plain):
    """Exactly one of ``clip`` (a file) and ``drawn`` is set."""

    clip: Path | None = None
    drawn: DrawnClip | None = None
    facts: dict[str, Any] = Field(default_factory=dict)


class WordTime(Plain):
    """One spoken word: where it stands in the text and when it sounds."""

    offset: int
    """Index of its first character in the text that was spoken."""
    length: int
    """Characters, up to the next word (so punctuation belongs to the word before it)."""
    start_s: float
    end_s: float


class SpeakRequest(Plain):
    text: str
    language: str = "zh"
    voice: str = ""
    tone: str = ""
    rate: float = 1.0
    """1 is the voice's natural speed."""
    seed: int = 0


class SpeakResult(Plain):
    audio: Path
    """WAV, mono, 16 bit, at the engine's own rate."""
    duration_s: float
    words: tuple[WordTime, ...] = ()
    facts: dict[str, Any] = Field(default_factory=dict)


class MusicSection(Plain):
    """A stretch of the film with one tone, usually a shot."""

    start_s: float
    tone: str
    role: Literal["", "title", "end"] = ""
    """Cards before and after the story: the theme is first heard on the one and comes to rest on the other."""


class ComposeRequest(Plain):
    duration_s: float
    sections: tuple[MusicSection, ...] = ()
    style: str = ""
    seed: int = 0


class ComposeResult(Plain):
    audio: Path
    """WAV, stereo, 48 kHz, 16 bit, exactly ``duration_s`` long (to the sample, rounded)."""
    facts: dict[str, Any] = Field(default_factory=dict)


class PresentRequest(Plain):
    photo: Path
    audio: Path
    fps: int = 25
    seed: int = 0
    # None: as the engine is set.
    emotion: int | None = None
    """0 angry, 1 disgust, 2 fear, 3 happy, 4 neutral, 5 sad, 6 surprise, 7 contempt."""
    crop_scale: float | None = None
    """Side of the crop in sides of the face."""
    sampling_steps: int | None = None
    fade_in: int | None = None
    """Frames."""
    fade_out: int | None = None
    face: tuple[float, float, float, float] | None = None
    """Left, top, width and height in pixels of the upright photo: which face is meant; None: it is found."""


class UpscaleRequest(Plain):
    clip: Path
    factor: int


class InterpolateRequest(Plain):
    clip: Path
    factor: int


class ClipResult(Plain):
    """What ``present``, ``upscale`` and ``interpolate`` return."""

    clip: Path
    facts: dict[str, Any] = Field(default_factory=dict)
