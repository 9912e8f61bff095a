"""Writes storyboards without a model: reads what the story says, and tells what it leaves out.

Long texts are retold in their own words, poems filmed line by line, dialogues kept with their speakers; bare ideas
become small stories from hand-written tellings (``data/tellings``). Nothing is added to a told text: where a film has
more shots than words, some are silent. Pure Python and a few tables, so that it answers at once on any machine.
"""

from __future__ import annotations

from app.models.engine import WriteRequest, WriteResult
from app.services.engines.base import Capabilities, Context, ScriptEngine

_TASK = "app.services.engines.builtin.script.task:write"


class BuiltinScript(ScriptEngine):
    name = "script/builtin"
    version = "3"
    place = "builtin"
    capabilities = Capabilities(
        notes="Chinese (simplified and traditional) and English fully; other languages in their own sentences.",
    )

    async def write(self, request: WriteRequest, context: Context) -> WriteResult:
        """Split a story into complete shots. ValidationFailed when the text is empty."""
        result = await context.compute(_TASK, request.model_dump(mode="json"))
        return WriteResult.model_validate(result)
