"""Locks between threads and processes of one machine: flock(2) on small files.

The kernel drops such a lock when its holder dies, however it dies, so there is nothing to clear up after a
crash. Each acquisition opens the file anew, because flock belongs to the open file: two threads exclude each
other exactly as two processes do. Local disks only; flock on network file systems is not to be trusted.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from app.storage.atomic import make_folder


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock file ``path`` (made if needed, never removed); waits for as long as it takes."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        try:
            yield
        finally:
            # Said aloud, and not left to close(): a child forked meanwhile would keep the open file, and the lock.
            fcntl.flock(descriptor, fcntl.LOCK_UN)
    finally:
        os.close(descriptor)


class Turn:
    """An exclusive lock on a file that exists only while somebody holds or wants it."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock, or None if somebody has it; never waits."""
        descriptor = _open(path)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The holder before us removed the file while we opened it: what we hold has no name any more.
            named = os.fstat(descriptor).st_nlink > 0
        except BlockingIOError:
            named = False
        except BaseException:
            os.close(descriptor)
            raise
        if not named:
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def release(self) -> None:
        """Give the lock back and remove its file."""
        try:
            self._path.unlink(missing_ok=True)
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            os.close(self._descriptor)


def _open(path: Path) -> int:
    while True:
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except FileNotFoundError:
            make_folder(path.parent)
