"""A score composed for the film: a seeded theme that returns, in the mood of each shot, ending where the film ends.

Nothing is sampled and nothing is downloaded, so the music is free of anybody's rights. The work is in ``task.py``.
"""

from __future__ import annotations

from typing import ClassVar

from app.models.engine import ComposeRequest, ComposeResult
from app.services.engines.base import Capabilities, Context, MusicEngine


class BuiltinMusic(MusicEngine):
    """``style`` and the sections' tones are words in Chinese or English; see ``moods.py``."""

    name: ClassVar[str] = "music/builtin"
    version: ClassVar[str] = "1"
    capabilities: ClassVar[Capabilities] = Capabilities(
        max_duration_s=3600, notes="soft pads, plucked strings, bells, flute and bass; no singing"
    )

    async def compose(self, request: ComposeRequest, context: Context) -> ComposeResult:
        """Compose a score of exactly ``request.duration_s``. Raises ValidationFailed for no or a vast length."""
        made = await context.compute("app.services.engines.builtin.music.task:compose", request.model_dump(mode="json"))
        return ComposeResult(audio=context.folder / made["audio"], facts=made["facts"])
