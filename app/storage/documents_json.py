"""Documents as JSON files that a person can open, with the promises of :mod:`app.storage.documents`.

A document is replaced as a whole (:mod:`app.storage.atomic`). Changes of one document exclude each other
between threads and processes by one of 1024 lock files, chosen by a hash of the key, so that locks never
pile up. A document's log stands beside it as ``<name>.events.jsonl``.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loguru import logger

from app.core.errors import CorruptDocument, InternalError, NotFound
from app.storage import atomic
from app.storage.document_paths import LOG_SUFFIX, file_of, parts_of, walk
from app.storage.documents import Document
from app.storage.locks import locked

_LOCKS = 1024
_ASIDE = re.compile(r"\.json\.corrupt-[0-9]{8}T[0-9]{6}Z-[0-9a-f]{4}$")
_ABSENT = (FileNotFoundError, NotADirectoryError)
Check = Callable[[str, Document], None]


class JsonDocuments:
    """Implements :class:`app.storage.documents.Documents` on a local folder, made at the first write.

    Every call may raise ValidationFailed (a key that is not a path of ids), StorageFull (nothing changed, nothing
    half written) and what else the system says (PermissionError). ``update``, ``put`` and ``delete`` hold a lock;
    calling one of them inside an ``update``'s change would be a deadlock sooner or later and raises InternalError.
    ``create``, ``append`` and the reading calls may be used there.
    """

    def __init__(self, root: Path, *, check: Check | None = None, check_line: Check | None = None) -> None:
        """``check`` and ``check_line`` get a key and what was read there, a document or a line of its log, and raise
        ValueError for what cannot be used although it is sound JSON (:mod:`app.storage.document_shapes`)."""
        self._root = root
        self._check = check or _anything
        self._check_line = check_line or _anything
        self._holding = threading.local()

    def path(self, key: str) -> Path:
        """The file of a document, whether it exists or not."""
        return file_of(self._root, parts_of(key))

    def read(self, key: str) -> Document | None:
        path = self.path(key)
        try:
            return _parsed(key, path.read_bytes(), self._check)
        except _ABSENT:
            return None
        except _Damaged:
            # Only under the lock is it sure that the file set aside is the one that was found damaged.
            with self._alone(key):
                sound = self._sound(key, path)
                return None if sound is None else sound[1]

    def create(self, key: str, document: Document) -> bool:
        with atomic.full_disk_named(f"document {key}"):
            return atomic.create(self.path(key), _encoded(document))

    def update(self, key: str, change: Callable[[Document], Document | None]) -> Document:
        path = self.path(key)
        with self._alone(key):
            sound = self._sound(key, path)
            if sound is None:
                raise NotFound(f"there is no document {key}")
            raw, document = sound
            changed = change(document)
            if changed is None:
                return _parsed(key, raw)  # and not ``document``, in which ``change`` may have written
            if (data := _encoded(changed)) != raw:
                atomic.replace(path, data)
            return changed

    def put(self, key: str, document: Document) -> None:
        path, data = self.path(key), _encoded(document)
        with self._alone(key):
            atomic.replace(path, data)

    def delete(self, key: str) -> bool:
        path = self.path(key)
        with self._alone(key):
            # The log goes first: a crash in between must not leave it to a later document of the same key.
            self._log_path(key).unlink(missing_ok=True)
            try:
                path.unlink()
            except _ABSENT:
                return False
            atomic.sync_names(path.parent)
        atomic.prune(path.parent, self._root)
        return True

    def keys(self, prefix: str, *, newest_first: bool = False, before: str = "") -> Iterator[str]:
        """Keys under a prefix (empty: all), lazily, sorted part by part.

        ``before`` leaves out that key and whatever sorts after it, in either direction.
        """
        parts = parts_of(prefix) if prefix else ()
        edge = parts_of(before) if before else ()
        return ("/".join(key) for key, _ in walk(self._root, parts, reverse=newest_first, before=edge))

    def by_change(self, prefix: str) -> list[tuple[int, str]]:
        """(time of the last change in ns since 1970, key) under a prefix, newest change first; reads no document."""
        found: list[tuple[int, str]] = []
        for parts, path in walk(self._root, parts_of(prefix), reverse=False, before=()):
            try:
                found.append((os.stat(path).st_mtime_ns, "/".join(parts)))  # noqa: PTH116  (thousands of them)
            except _ABSENT:
                continue  # deleted since the walk saw it
        return sorted(found, reverse=True)

    def append(self, key: str, line: Document) -> None:
        """Add a line to the log that belongs to a document.

        One write, seen by every process at once; it outlives a killed process. It is not fsynced: after a power
        cut the last lines may be missing, and the document itself is what counts.
        """
        data = json.dumps(line, ensure_ascii=True, allow_nan=False).encode() + b"\n"
        with atomic.full_disk_named(f"the log of {key}"):
            descriptor = self._open_log(key)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                end = _whole_lines(descriptor)
                if os.write(descriptor, data) < len(data):
                    os.ftruncate(descriptor, end)
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            finally:
                os.close(descriptor)

    def log(self, key: str) -> list[Document]:
        """All whole lines of that log in order; the torn last one of a crash is left out."""
        try:
            lines = self._log_path(key).read_bytes().split(b"\n")[:-1]
        except _ABSENT:
            return []
        whole: list[Document] = []
        for line in lines:
            try:
                whole.append(_parsed(key, line, self._check_line))
            except _Damaged as error:
                logger.error("a line of the log of {} is damaged and left out: {}", key, error)
        return whole

    def top_folders(self) -> list[str]:
        """The first parts of all keys."""
        return sorted(path.name for path in self._root.glob("[!.]*") if path.is_dir())

    def damaged(self) -> Iterator[Path]:
        """Documents that were set aside, wherever they are."""
        return (folder / name for folder, _, names in atomic.walk(self._root) for name in names if _ASIDE.search(name))

    def abandoned(self) -> Iterator[Path]:
        """Temporary files that crashed writers left behind."""
        return atomic.abandoned(self._root)

    def _log_path(self, key: str) -> Path:
        return file_of(self._root, parts_of(key), LOG_SUFFIX)

    def _open_log(self, key: str) -> int:
        path = self._log_path(key)
        while True:
            try:
                return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            except FileNotFoundError:
                atomic.make_folder(path.parent)

    def _sound(self, key: str, path: Path) -> tuple[bytes, Document] | None:
        """Bytes and content; the lock is held. None if there is no such document, CorruptDocument if damaged."""
        try:
            raw = path.read_bytes()
            return raw, _parsed(key, raw, self._check)
        except _ABSENT:
            return None
        except _Damaged as error:
            stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
            aside = path.with_name(f"{path.name}.corrupt-{stamp}-{secrets.token_hex(2)}")
            path.rename(aside)
            atomic.sync_names(path.parent)
            logger.error("document {} is damaged ({}), set aside as {}", key, error, aside)
            raise CorruptDocument(
                f"document {key} is damaged and was set aside as {aside.relative_to(self._root)}"
            ) from error

    @contextmanager
    def _alone(self, key: str) -> Iterator[None]:
        """Hold the lock of a document: one at a time in a thread, so that two threads cannot wait on each other."""
        if (held := getattr(self._holding, "key", None)) is not None:
            raise InternalError(f"document {key} was to be changed inside the change of {held}")
        number = int.from_bytes(hashlib.blake2s(key.encode(), digest_size=2).digest()) % _LOCKS
        self._holding.key = key
        try:
            with atomic.full_disk_named(f"document {key}"), locked(self._root / ".locks" / f"{number:03x}"):
                yield
        finally:
            self._holding.key = None


class _Damaged(ValueError):
    """These bytes are not a JSON object, or not one that can be used."""


def _anything(_key: str, _document: Document) -> None:
    return


def _parsed(key: str, raw: bytes, check: Check = _anything) -> Document:
    try:
        value = json.loads(raw.decode())
        if not isinstance(value, dict):
            raise ValueError("not a JSON object")
        check(key, value)
    except (ValueError, RecursionError) as error:
        raise _Damaged(str(error)) from error
    return value


def _encoded(document: Document) -> bytes:
    """Readable JSON. Half a surrogate pair, which UTF-8 cannot hold, is written as an escape."""
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def _whole_lines(descriptor: int) -> int:
    """Cut the torn last line of a log, if there is one; returns the log's length in bytes. The lock is held."""
    size = end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 4096)
        chunk = os.pread(descriptor, end - start, start)
        newline = chunk.rfind(b"\n")
        end = start + newline + 1 if newline >= 0 else start
        if newline >= 0:
            break
    if end < size:
        os.ftruncate(descriptor, end)
    return end
