"""The interface that every engine has: one abstract class per kind, with one method.

An engine only translates a frozen request into work and its outcome into a frozen result. Limits, time-outs,
retries and fall-back are the router's, artifacts and documents the workflows'. Errors are those of
``app.core.errors``; each says itself whether trying again can help.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from pydantic import Field

from app.core.errors import EngineFailed
from app.models.engine import (
    AnimateRequest,
    AnimateResult,
    ClipResult,
    ComposeRequest,
    ComposeResult,
    DrawRequest,
    DrawResult,
    EngineKind,
    InterpolateRequest,
    Plain,
    PresentRequest,
    SpeakRequest,
    SpeakResult,
    TranslateRequest,
    TranslateResult,
    UpscaleRequest,
    WriteRequest,
    WriteResult,
)


class Context(Protocol):
    """What an engine gets from whoever runs it."""

    @property
    def folder(self) -> Path:
        """An empty folder of this attempt alone; the result's files go here."""

    async def compute(self, task: str, request: dict[str, Any]) -> dict[str, Any]:
        """Run ``package.module:function`` of ours in a child process that dies with us.

        The function is called as ``function(request, folder, check)`` and returns a JSON value; it calls
        ``check()`` at least ten times a second, which raises Canceled when the job was canceled.
        """

    def progress(self, fraction: float, message: str = "") -> None:
        """Say how far the work is, 0 to 1."""

    def waiting(self, waits: bool) -> None:
        """Say that the work stands in somebody's queue, or that its turn has come: only the work itself is timed."""

    @property
    def canceled(self) -> bool:
        """Whether the user canceled the job: only then is what a provider does for it stopped there, too.

        A worker that ends is no reason: whoever takes the job over waits for the same task.
        """

    async def remembered(self) -> dict[str, Any] | None:
        """What :meth:`remember` kept for this same work, also if a worker that died since kept it."""

    async def remember(self, task: dict[str, Any]) -> None:
        """Keep a provider's task (its id, its host) before waiting for it, so that it is never submitted twice."""

    async def forget(self) -> None:
        """The task came to nothing: the next try submits another."""


Place = Literal["builtin", "local", "cloud"]


class Capabilities(Plain):
    """What an engine can do; empty means no limit."""

    languages: tuple[str, ...] = ()
    max_pixels: int = 0
    max_duration_s: float = 0.0
    reference_images: bool = False
    english_prompts: bool = False
    """The model understands English best: prompts in another language come translated in ``prompt_en``."""
    audio: bool = False
    """Of a video engine: it moves lips to the narration."""
    translates: bool = False
    """Of a script engine: it has :meth:`ScriptEngine.translate`."""
    word_times: bool = False
    layers: bool = False
    notes: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)


class Engine(ABC):
    """``name`` is ``kind/provider``; ``version`` is part of every artifact's key.

    Made without arguments, once per process: it reads its own settings then (``app.core.config.EngineSettings``).
    """

    kind: ClassVar[EngineKind]
    name: ClassVar[str]
    version: ClassVar[str]
    place: ClassVar[Place] = "local"
    """Where it works: in this house, on a machine of the owner's, or at somebody's who is paid."""
    capabilities: ClassVar[Capabilities] = Capabilities()

    def missing(self) -> list[str]:
        """What keeps the engine from working now, each a setting, file or package by name; empty: ready.

        Looks at settings and files only, so that it may be asked before every call.
        """
        return []

    def configured(self) -> bool:
        """Whether the owner set it up: only such engines stand in the order that nobody wrote down."""
        return False

    def can(self) -> Capabilities:
        """What it can do as it is set up; most engines can always do the same."""
        return self.capabilities

    def basis(self) -> dict[str, Any]:
        """Settings that decide what is made (model, steps, ...): part of every artifact's key. JSON."""
        return {}

    def lanes(self) -> dict[str, int]:
        """What its calls share with those of other engines, by name (a host, a key): how many at a time."""
        return {}

    async def unreachable(self) -> list[str]:
        """Hosts that do not answer now, or models they lack, in sentences; asked for the list of engines."""
        return []


class KeyRefused(EngineFailed):
    """The provider does not know the key or its account: no other request of ours will fare better."""


class ScriptEngine(Engine):
    kind = "script"

    @abstractmethod
    async def write(self, request: WriteRequest, context: Context) -> WriteResult:
        """Split a story into a storyboard of ``shots_min`` to ``shots_max`` complete shots."""

    async def translate(self, request: TranslateRequest, context: Context) -> TranslateResult:
        """Put prompts into another language, for models that know one best."""
        raise EngineFailed(f"{self.name} does not translate")


class ImageEngine(Engine):
    kind = "image"

    @abstractmethod
    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        """Draw the key frame of a shot."""


class VideoEngine(Engine):
    kind = "video"

    @abstractmethod
    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        """Make the clip of a shot from its key frame."""


class SpeechEngine(Engine):
    kind = "speech"

    @abstractmethod
    async def speak(self, request: SpeakRequest, context: Context) -> SpeakResult:
        """Speak a narration, with word times if the engine has them."""


class MusicEngine(Engine):
    kind = "music"

    @abstractmethod
    async def compose(self, request: ComposeRequest, context: Context) -> ComposeResult:
        """Compose a score of the film's exact length."""


class AvatarEngine(Engine):
    kind = "avatar"

    @abstractmethod
    async def present(self, request: PresentRequest, context: Context) -> ClipResult:
        """Make a photo speak a recording."""


class UpscaleEngine(Engine):
    kind = "upscale"

    @abstractmethod
    async def upscale(self, request: UpscaleRequest, context: Context) -> ClipResult:
        """Enlarge a clip by a whole factor."""


class InterpolateEngine(Engine):
    kind = "interpolate"

    @abstractmethod
    async def interpolate(self, request: InterpolateRequest, context: Context) -> ClipResult:
        """Multiply a clip's frame rate by a whole factor."""
