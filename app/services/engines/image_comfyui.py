"""Key frames by the user's own ComfyUI: Qwen-Image, FLUX.1, SDXL, or any graph that he brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import SettingsConfigDict

from app.core.config import CommaList, read_settings
from app.core.errors import EngineUnavailable
from app.models.engine import DrawRequest, DrawResult, Reference
from app.services.engines.base import Capabilities, Context, ImageEngine
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
from app.services.engines.prompt_words_local import picture_prompt

_GRAPH, _REFERENCE_GRAPH = "ENGINE_IMAGE_COMFYUI_GRAPH", "ENGINE_IMAGE_COMFYUI_REFERENCE_GRAPH"
_NEEDED = ("prompt", "seed", "filename_prefix", "output")
_SEEDS = 2**63


class ComfyUIImageSettings(ComfyUISettings):
    model_config = SettingsConfigDict(
        env_prefix="ENGINE_IMAGE_COMFYUI_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    hosts: CommaList = Field(
        default_factory=lambda: [HOST],
        validation_alias=AliasChoices("engine_image_comfyui_hosts", "comfyui_hosts", "comfyui_url", "comfyui_server"),
    )
    graph: str = "qwen-image"
    """``qwen-image``, ``flux-dev``, ``sdxl``, or the path of a graph in API format with its map beside it."""
    models: CommaList = Field(default_factory=list)
    """Model files instead of the graph's: ``unet=a.safetensors, vae=b.safetensors``."""
    steps: int | None = Field(default=None, ge=1)
    guidance: float | None = Field(default=None, ge=0)
    negative: str | None = None
    size: str = ""
    """The model's own size for 16:9, such as ``1536x864``; other shapes get its area."""
    reference_graph: str = ""
    """For pictures that show one of the cast: ``flux-kontext``, ``qwen-image-edit-plus``, or a path."""
    reference_models: CommaList = Field(default_factory=list)
    reference_steps: int | None = Field(default=None, ge=1)
    reference_guidance: float | None = Field(default=None, ge=0)
    reference_negative: str | None = None
    reference_size: str = ""

    _models = field_validator("models", "reference_models")(checked_models)
    _sizes = field_validator("size", "reference_size")(checked_size)


class ComfyUIImage(ImageEngine):
    name = "image/comfyui"
    version = "1"

    def __init__(self) -> None:

        self.settings = read_settings(ComfyUIImageSettings)
        self._comfy = ComfyUI(self.name, self.settings)

    def missing(self) -> list[str]:
        problems: list[str] = []
        for graph in (self._scene, self._with_references):
            try:
                graph()
            except BadGraph as error:
                problems += error.problems
        return problems

    def configured(self) -> bool:
        return "hosts" in self.settings.model_fields_set

    def can(self) -> Capabilities:
        graphs = self._graphs()
        references = max((len(one.graph.inputs.references) for one in graphs), default=0)
        return Capabilities(
            reference_images=references > 0,
            english_prompts=any(one.graph.inputs.english for one in graphs),
            extra={"references": references, "graphs": [one.graph.name for one in graphs]},
        )

    def basis(self) -> dict[str, Any]:
        return {"graphs": [one.basis() for one in self._graphs()]}

    def lanes(self) -> dict[str, int]:
        return self._comfy.lanes()

    async def unreachable(self) -> list[str]:
        return await self._comfy.unreachable(self._graphs())

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        try:
            chosen = self._for(request)
        except BadGraph as error:
            raise EngineUnavailable(f"{self.name}: {error}") from error
        references = request.references[: len(chosen.graph.inputs.references)]
        size = chosen.graph.size_for(request.width, request.height, chosen.size)

        def nodes(names: Sequence[str], prefix: str) -> Nodes:
            return self._filled(chosen, request, references, size, names, prefix)

        work = Work(nodes, [one.image for one in references], chosen.graph.inputs.output, FOLDER)
        file = await self._comfy.made(work, context, "made")
        fitted = await decoded(
            context,
            "app.services.media.fitting:picture",
            {"source": str(file), "width": request.width, "height": request.height},
        )
        facts = {
            "graph": chosen.graph.name,
            "size": fitted["was"],
            "references": [one.name for one in references],
        }
        return DrawResult(image=context.folder / str(fitted["image"]), seed=request.seed, facts=facts)

    def _filled(
        self,
        chosen: Tuned,
        request: DrawRequest,
        references: Sequence[Reference],
        size: tuple[int, int],
        names: Sequence[str],
        prefix: str,
    ) -> Nodes:
        values = {
            **chosen.values,
            "prompt": picture_prompt(request, chosen.graph.inputs.english, references),
            "seed": request.seed % _SEEDS,
            "width": size[0],
            "height": size[1],
            "filename_prefix": prefix,
        }
        return chosen.graph.filled(values, chosen.models, names)

    def _for(self, request: DrawRequest) -> Tuned:
        return (self._with_references() if request.references else None) or self._scene()

    def _graphs(self) -> list[Tuned]:
        """Those that can be used; what is wrong with the others says :meth:`missing`."""
        if self.missing():
            return []
        return [one for one in (self._scene(), self._with_references()) if one is not None]

    def _scene(self) -> Tuned:
        mine, setting = self.settings, _GRAPH
        scene = tuned(
            setting,
            mine.graph,
            _NEEDED,
            models=mine.models,
            size=mine.size,
            steps=mine.steps,
            guidance=mine.guidance,
            negative=mine.negative,
        )
        if scene.graph.inputs.references_needed:
            name = scene.graph.name
            raise BadGraph(f"{setting}: {name} needs a reference picture; name it in {_REFERENCE_GRAPH}")
        return scene

    def _with_references(self) -> Tuned | None:
        """The graph for pictures that show one of the cast; None: there is none, and references go unused."""
        mine, setting = self.settings, _REFERENCE_GRAPH
        if not mine.reference_graph:
            return None
        found = tuned(
            setting,
            mine.reference_graph,
            _NEEDED,
            models=mine.reference_models,
            size=mine.reference_size,
            steps=mine.reference_steps,
            guidance=mine.reference_guidance,
            negative=mine.reference_negative,
        )
        if not found.graph.inputs.references:
            raise BadGraph(f"{setting}: {found.graph.name} takes no reference picture (its map has no references)")
        return found
