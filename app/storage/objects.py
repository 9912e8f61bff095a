"""Objects: the published copies of what was made, each with a key that clients see in a URL.

A key is a path of checked ids, ``{tenant}/story/{user_id}/{story_id}/...``. A changed file gets another key, so
whatever a URL once showed it shows for ever. They stand in a folder (objects_local.py) or in a bucket
(objects_remote.py with objects_oss.py or objects_s3.py); objects_choice.py opens the one that the settings name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from app.core.errors import AppError

MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".srt": "application/x-subrip; charset=utf-8",
    ".vtt": "text/vtt; charset=utf-8",
    ".json": "application/json",
    ".wav": "audio/wav",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
}


class StorageRefused(AppError):
    """The bucket refused, and would again: no permission, no such bucket, a wrong key. The detail says which.

    Its code is one of those that clients know, and reads back from a job's record with the same status.
    """

    code, status, title = "ENGINE_FAILED", 502, "The object store refused"


class StorageUnavailable(AppError):
    """The bucket could not be reached, or failed every time it was asked; later it may work."""

    code, status, title, retryable = "ENGINE_UNAVAILABLE", 503, "The object store does not work", True


class Gone(NamedTuple):
    """Something that was removed."""

    size_bytes: int
    file: os.stat_result | None = None
    """Of a file: its bytes are free only when the last of its names is gone."""


class Objects(Protocol):
    """Every call with a key raises ValidationFailed for one that is not a path of ids.

    Where they stand in a bucket, all but ``path``, ``url``, ``link`` and ``verify`` ask it, within bounded time, and
    raise StorageRefused or StorageUnavailable. They block: coroutines call them through ``asyncio.to_thread``.
    """

    def put(self, key: str, source: Path) -> None:
        """Publish a copy of ``source``; unchanged if the same content is there. Raises StorageFull.

        After it the object is there, whole, and counts as used now.
        """

    def path(self, key: str) -> Path | None:
        """The object as a file on this machine; None if there is none (or it is kept elsewhere)."""

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> bool:
        """Remove the object; False if there was none."""

    def url(self, key: str, base_url: str) -> str:
        """Where clients get it; made anew for every answer and never stored. ``base_url`` has no trailing slash."""

    def link(self, key: str, method: str) -> str | None:
        """The bucket's own address for a ``GET`` or ``HEAD`` of it; None if this service serves its objects itself."""

    def verify(self, key: str, expires: int | str, signature: str) -> bool:
        """Whether a link to this service made by :meth:`url` is genuine and still good; also False for garbage."""

    def keys(self) -> Iterator[str]:
        """Keys of all objects, in no particular order."""

    def remove_unused(self, key: str, moment: float, *, dry_run: bool = False) -> Gone | None:
        """Remove the object unless it was put since ``moment`` (unix seconds); None if it stays."""

    def remove_leftovers(self, moment: float, *, dry_run: bool = False) -> Iterator[tuple[str, Gone]]:
        """Remove what crashed writers left behind before ``moment``; names each while it goes."""


def media_type(name: str) -> str:
    """The content type of a file, by its ending."""
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")
