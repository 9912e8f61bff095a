"""A score composed for the film: a seeded theme that returns, changed by the mood of each shot, its last chord
struck as the last picture stands.

Nothing is sampled and nothing is downloaded, so the music is free of anybody's rights. The work is in ``task.py``.
"""

from __future__ import annotations

from typing import ClassVar

from app.models.engine import ComposeRequest, ComposeResult
from app.services.engines.base import Capabilities, Context, MusicEngine, Place


class BuiltinMusic(MusicEngine):
    """``style`` and the sections' tones are words in Chinese or English; see ``moods.py``."""

    name: ClassVar[str] = "music/builtin"
    version: ClassVar[str] = "2"
    place: ClassVar[Place] = "builtin"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_duration_s=3600, notes="eleven ensembles from picture book to ink and noir; no singing"
    )

    async def compose(self, request: ComposeRequest, context: Context) -> ComposeResult:
        """Compose a score of exactly ``request.duration_s``. Raises ValidationFailed for no or a vast length."""
        made = await context.compute("app.services.engines.builtin.music.task:compose", request.model_dump(mode="json"))
        return ComposeResult(audio=context.folder / made["audio"], facts=made["facts"])
