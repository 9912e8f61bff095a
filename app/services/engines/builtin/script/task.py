"""The task that a child process runs for :class:`BuiltinScript`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.models.engine import WriteRequest
from app.services.engines.builtin.script.storyboard import storyboard


def write(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """A WriteRequest as JSON to a WriteResult as JSON; writes no file. ValidationFailed when the text is empty."""
    check()
    result = storyboard(WriteRequest.model_validate(request), check)
    return result.model_dump(mode="json")
