"""Documents: JSON by key, each changed as a whole and never half.

A key is a path of checked ids such as ``default/stories/story-001/u-001``. Calls block on the disk for
milliseconds at most; coroutines call them through ``asyncio.to_thread``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

Document = dict[str, Any]


class Documents(Protocol):
    def read(self, key: str) -> Document | None:
        """The document, or None if there is none. Raises CorruptDocument after setting a damaged one aside."""

    def create(self, key: str, document: Document) -> bool:
        """Store a new document; False, and nothing changed, if the key is taken (safe between processes)."""

    def update(self, key: str, change: Callable[[Document], Document | None]) -> Document:
        """Change a document under its lock: ``change`` gets it and returns the new one, or None to leave it.

        Returns what is stored afterwards. Raises NotFound. Two writers never lose each other's change.
        """

    def put(self, key: str, document: Document) -> None:
        """Store a document whether or not there is one."""

    def delete(self, key: str) -> bool:
        """Remove a document and its log; False if there was none."""

    def keys(self, prefix: str, *, newest_first: bool = False, before: str = "") -> Iterator[str]:
        """Keys under a prefix in the order of their names, lazily; with ``newest_first`` the reverse,
        beginning after ``before`` (a key). Job ids sort by time, so this is newest first."""

    def by_change(self, prefix: str) -> list[tuple[int, str]]:
        """(time of the last change in ns since 1970, key) under a prefix, newest change first; reads no document."""

    def append(self, key: str, line: Document) -> None:
        """Add a line to the log that belongs to a document."""

    def log(self, key: str) -> list[Document]:
        """All lines of that log in order."""
