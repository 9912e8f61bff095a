"""The builtin illustrator: layered scenes drawn from the words, with no model, no network and no font."""

from __future__ import annotations

from typing import ClassVar

from app.models.engine import DrawRequest, DrawResult
from app.services.engines.base import Capabilities, Context, ImageEngine, Place


class BuiltinImage(ImageEngine):
    """Draws by OpenCV and NumPy in a child process; the same request gives the same bytes."""

    name: ClassVar[str] = "image/builtin"
    version: ClassVar[str] = "3"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        languages=("zh", "en"), max_pixels=8192 * 8192, layers=True, notes="picture-book scenes from words"
    )

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        """Draw the key frame and its layers into the context's folder."""
        made = await context.compute("app.services.engines.builtin.picture.task:draw", request.model_dump(mode="json"))
        return DrawResult(
            image=context.folder / made["image"],
            layers=context.folder / made["layers"],
            seed=made["seed"],
            facts=made["facts"],
        )
