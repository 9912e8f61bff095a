"""Objects as files in a folder, served by this service under ``/files/``, with signed links if a secret is set."""

from __future__ import annotations

import base64
import filecmp
import hashlib
import hmac
import os
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from app.core.ids import checked
from app.storage import atomic
from app.storage.locks import locked
from app.storage.objects import Gone

LINK_DAYS = 7
"""A signed link is good for at least so long, and at most a day longer."""
_DAY_S = 86_400
_EXPIRES = re.compile(r"[0-9]{1,12}", re.ASCII)


class LocalObjects:
    """Implements :class:`app.storage.objects.Objects`. ``link_secret`` None: links are not signed and all are good."""

    def __init__(self, root: Path, link_secret: bytes | None) -> None:
        self._root = root
        self._secret = link_secret

    def put(self, key: str, source: Path) -> None:
        """Publish ``source`` by a hard link (or a copy where there can be none): it must not be written to later."""
        target = self._file(key)
        with atomic.full_disk_named(f"object {key}"), locked(self._gate, shared=True):
            if _same(source, target):
                # Sets the time of last use, which is ctime: links share their mtime with the artifact's file.
                facts = target.stat()
                os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))
                return
            atomic.sync(source)
            atomic.place(target, lambda temporary: _link_or_copy(source, temporary))

    def path(self, key: str) -> Path | None:
        path = self._file(key)
        return path if path.is_file() else None

    def exists(self, key: str) -> bool:
        return self.path(key) is not None

    def delete(self, key: str) -> bool:
        path = self._file(key)
        try:
            path.unlink()
        except (FileNotFoundError, NotADirectoryError):
            return False
        atomic.prune(path.parent, self._root)
        return True

    def url(self, key: str, base_url: str) -> str:
        """``{base_url}/files/{key}``, signed if there is a secret; the same for a day, so that it can be cached."""
        self._file(key)
        url = f"{base_url.rstrip('/')}/files/{quote(key, safe='/:')}"
        if self._secret is None:
            return url
        expires = (int(time.time()) // _DAY_S + LINK_DAYS + 1) * _DAY_S
        return f"{url}?expires={expires}&signature={_signature(self._secret, key, expires)}"

    def link(self, key: str, method: str) -> None:
        """None: these are served by this service itself."""
        self._file(key)

    def verify(self, key: str, expires: int | str, signature: str) -> bool:
        """Compares in constant time. Without a secret every link is good."""
        if self._secret is None:
            return True
        if not _EXPIRES.fullmatch(str(expires)):
            return False
        expected = _signature(self._secret, key, int(expires))
        genuine = hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
        return genuine and time.time() < int(expires)

    def keys(self) -> Iterator[str]:
        """Keys of all objects, in no particular order."""
        for folder, below, files in atomic.walk(self._root):
            below[:] = [name for name in below if not name.startswith(".")]
            for name in files:
                if not name.startswith("."):
                    yield (folder / name).relative_to(self._root).as_posix()

    def remove_unused(self, key: str, moment: float, *, dry_run: bool = False) -> Gone | None:
        """Looks at the time of use and removes while nobody puts."""
        path = self._file(key)
        with locked(self._gate):
            try:
                facts = path.stat()
            except FileNotFoundError:
                return None
            if facts.st_ctime >= moment:
                return None
            if not dry_run:
                path.unlink()
                atomic.prune(path.parent, self._root)
        return Gone(facts.st_size, facts)

    def remove_leftovers(self, moment: float, *, dry_run: bool = False) -> Iterator[tuple[str, Gone]]:
        """Temporary files whose writers are dead, whenever that was."""
        for path in list(atomic.abandoned(self._root)):
            facts = path.lstat()
            if not dry_run:
                path.unlink(missing_ok=True)
            yield str(path), Gone(facts.st_size, facts)

    @property
    def _gate(self) -> Path:
        return self._root / ".locks" / "sweep"

    def _file(self, key: str) -> Path:
        return self._root.joinpath(*(checked(part, "file key") for part in key.split("/")))


def _same(source: Path, target: Path) -> bool:
    try:
        return source.samefile(target) or filecmp.cmp(source, target, shallow=False)
    except FileNotFoundError:
        if not source.exists():
            raise
        return False


def _link_or_copy(source: Path, temporary: Path) -> None:
    try:
        temporary.hardlink_to(source)
    except FileNotFoundError:
        raise
    except OSError:
        # Another file system, one without links, or too many links: a copy does as well, whatever the reason.
        shutil.copyfile(source, temporary)
        atomic.sync(temporary)


def _signature(secret: bytes, key: str, expires: int) -> str:
    digest = hmac.new(secret, f"{key}\n{expires}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
