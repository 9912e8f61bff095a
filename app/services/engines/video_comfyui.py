"""Clips from key frames by the user's own ComfyUI: HunyuanVideo-1.5, Wan, LTX, SVD, or any graph that he brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import SettingsConfigDict

from app.core.config import CommaList, read_settings
from app.core.errors import EngineUnavailable
from app.models.engine import AnimateRequest, AnimateResult
from app.services.engines.base import Capabilities, Context, VideoEngine
from app.services.engines.comfyui import (
    HOST,
    ComfyUI,
    ComfyUISettings,
    Tuned,
    checked_models,
    checked_size,
    decoded,
    tuned,
)
from app.services.engines.comfyui_graphs import BadGraph, Nodes
from app.services.engines.comfyui_run import Work
from app.services.engines.comfyui_server import FOLDER
from app.services.engines.prompt_words_local import motion_prompt

_NEEDED = ("image", "seed", "filename_prefix", "output")
_SEEDS = 2**63
_UNREADABLE = "SaveAnimatedWEBP"
"""An output node whose files FFmpeg's libraries do not decode."""


class ComfyUIVideoSettings(ComfyUISettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_VIDEO_COMFYUI_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    hosts: CommaList = Field(
        default_factory=lambda: [HOST],
        validation_alias=AliasChoices("engine_video_comfyui_hosts", "comfyui_hosts", "comfyui_url", "comfyui_server"),
    )
    graph: str = "hunyuan15-i2v"
    """``hunyuan15-i2v``, ``wan21-i2v``, ``wan22-5b-i2v``, ``ltx-i2v``, ``svd``, or the path of a graph in API format
    with its map beside it."""
    models: CommaList = Field(default_factory=list)
    """Model files instead of the graph's: ``unet=a.safetensors, vae=b.safetensors``."""
    steps: int | None = Field(default=None, ge=1)
    guidance: float | None = Field(default=None, ge=0)
    negative: str | None = None
    size: str = ""
    """The model's own size for 16:9, such as ``848x480``; other shapes get its area."""
    frames: int = Field(default=0, ge=0)
    """The most frames of a clip; 0: as the graph's map says. A longer shot holds its last frame."""
    fps: float | None = Field(default=None, gt=0)
    """The model's frame rate; empty: the graph's."""

    _models = field_validator("models")(checked_models)
    _sizes = field_validator("size")(checked_size)


class ComfyUIVideo(VideoEngine):
    name = "video/comfyui"
    version = "1"

    def __init__(self) -> None:
        self.settings = read_settings(ComfyUIVideoSettings)
        self._comfy = ComfyUI(self.name, self.settings)

    def missing(self) -> list[str]:
        try:
            self._tuned()
        except BadGraph as error:
            return error.problems
        return []

    def configured(self) -> bool:
        return "hosts" in self.settings.model_fields_set

    def can(self) -> Capabilities:
        if self.missing():
            return Capabilities()
        graph = self._tuned().graph
        return Capabilities(english_prompts=graph.inputs.english, extra={"graph": graph.name})

    def basis(self) -> dict[str, Any]:
        if self.missing():
            return {}
        return {**self._tuned().basis(), "frames": self.settings.frames}

    def lanes(self) -> dict[str, int]:
        return self._comfy.lanes()

    async def unreachable(self) -> list[str]:
        return await self._comfy.unreachable([] if self.missing() else [self._tuned()])

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        try:
            chosen = self._tuned()
        except BadGraph as error:
            raise EngineUnavailable(f"{self.name}: {error}") from error

        def nodes(names: Sequence[str], prefix: str) -> Nodes:
            return self._filled(chosen, request, names, prefix)

        work = Work(nodes, [request.key_frame], chosen.graph.inputs.output, FOLDER)
        file = await self._comfy.made(work, context, "clip")
        facts = await decoded(context, "app.services.media.fitting:clip", {"source": str(file)})
        return AnimateResult(clip=file, facts={**facts, "graph": chosen.graph.name})

    def _filled(self, chosen: Tuned, request: AnimateRequest, names: Sequence[str], prefix: str) -> Nodes:
        graph = chosen.graph
        width, height = graph.size_for(request.width, request.height, chosen.size)
        fps = float(self.settings.fps or graph.value("fps") or graph.inputs.rate)
        values = {
            **chosen.values,
            "prompt": motion_prompt(request, graph.inputs.english),
            "seed": request.seed % _SEEDS,
            "width": width,
            "height": height,
            "frames": graph.frames_for(request.duration_s, fps, self.settings.frames),
            "image": names[0],
            "filename_prefix": prefix,
        }
        return graph.filled(values, chosen.models, [])

    def _tuned(self) -> Tuned:
        mine, setting = self.settings, "ENGINE_VIDEO_COMFYUI_GRAPH"
        found = tuned(
            setting,
            mine.graph,
            _NEEDED,
            models=mine.models,
            size=mine.size,
            steps=mine.steps,
            guidance=mine.guidance,
            negative=mine.negative,
            fps=mine.fps,
        )
        output = found.graph.inputs.output
        if found.graph.nodes[output]["class_type"] == _UNREADABLE:
            raise BadGraph(f"{setting}: node {output} is {_UNREADABLE}; let the graph end in SaveVideo or SaveWEBM")
        return found
