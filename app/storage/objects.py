"""Objects: the published copies of what was made, each with a key that clients see in a URL.

A key is a path of checked ids, ``{tenant}/story/{user_id}/{story_id}/...``. A changed file gets another key, so
whatever a URL once showed it shows for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class Objects(Protocol):
    """Every call raises ValidationFailed for a key that is not a path of ids."""

    def put(self, key: str, source: Path) -> None:
        """Publish a copy of ``source``; unchanged if the same content is there. Raises StorageFull."""

    def path(self, key: str) -> Path | None:
        """The object as a file on this machine; None if there is none (or it is kept elsewhere)."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> bool:
        """Remove the object; False if there was none."""

    def url(self, key: str, base_url: str) -> str:
        """Where clients get it; made anew for every answer and never stored. ``base_url`` has no trailing slash."""

    def verify(self, key: str, expires: int | str, signature: str) -> bool:
        """Whether a link made by :meth:`url` is genuine and still good; also False for garbage."""
