"""Artifacts: everything made, addressed by what it was made from, so that nothing is made twice.

``<root>/<first 2 hex>/<key>/`` holds the files and ``manifest.json``. A folder of this name is always whole: it
is filled under a temporary name, hashed, fsynced and renamed. The manifest's time of change says when the
artifact was last asked for (within a minute); the cleanup goes by it.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from loguru import logger

from app.models.artifact import Artifact, ArtifactFile, Manifest, Recipe
from app.storage import atomic
from app.storage.locks import Turn, locked

MANIFEST = "manifest.json"
USE_RESOLUTION_S = 60.0
"""How far the recorded time of last use may lie before the true one, seconds."""
_KEY = re.compile(r"[0-9a-f]{64}")
_LONGEST_POLL_S = 0.1
_T = TypeVar("_T")


class Artifacts:
    """Kept files on a local folder, which is made at the first write. Safe between threads, tasks and processes."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def find(self, key: str) -> Artifact | None:
        """The artifact, marked as used now, or None.

        One whose manifest cannot be read or whose files are not there in full is set aside and so not there.
        """
        if not _KEY.fullmatch(key):
            return None
        folder = self._folder(key)
        if not folder.exists():
            return None
        # Shared with other finders; the sweeper looks at the time of use and removes while nobody is in here.
        with atomic.full_disk_named("the lock of the artifacts"), locked(self._gate, shared=True):
            artifact = _whole(key, folder)
            if artifact is not None:
                _touch(folder / MANIFEST)
                return artifact
        self._set_aside(key)
        return None

    def begin(self) -> Path:
        """An empty folder on the artifacts' file system, for the maker to fill; then commit or discard it."""
        with atomic.full_disk_named("a new artifact"):
            folder = self._root / ".new" / atomic.temporary_name()
            atomic.make_folder(folder.parent)
            folder.mkdir()
            return folder

    def commit(self, recipe: Recipe, folder: Path, facts: dict[str, Any]) -> Artifact:
        """Make ``folder`` (from :meth:`begin`) the artifact of ``recipe``; it is gone afterwards, also after a failure.

        If the artifact exists already that one stays and is returned. Raises StorageFull.
        """
        try:
            with atomic.full_disk_named(f"artifact {recipe.key[:12]} ({recipe.kind})"):
                manifest = Manifest(key=recipe.key, recipe=recipe, files=_settled(folder), facts=facts)
                text = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2, allow_nan=False)
                atomic.replace(folder / MANIFEST, text.encode("utf-8", "backslashreplace") + b"\n")
                return self._named(manifest, folder)
        finally:
            self.discard(folder)

    def discard(self, folder: Path) -> None:
        """Remove a folder from :meth:`begin`, or what is left of it."""
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            return
        except OSError as error:
            # Somebody still writes into it. It is no artifact, and the cleanup removes it when its maker has ended.
            logger.warning("temporary folder {} could not be removed now: {}", folder, error)

    async def make(self, recipe: Recipe, produce: Callable[[Path], Awaitable[dict[str, Any]]]) -> tuple[Artifact, bool]:
        """The artifact of ``recipe``, and whether it was there already (made before, or by somebody else just now).

        Otherwise ``produce`` fills an empty folder and returns the facts. Over all tasks and processes one at a time
        makes a key; the others wait, and when the maker fails, is canceled or dies, the next one tries.
        """
        artifact = await asyncio.to_thread(self.find, recipe.key)
        pause_s = 0.005
        while artifact is None:
            # Tried without waiting, here and not in a thread, so that cancelling never leaves a lock behind.
            with atomic.full_disk_named(f"the lock of artifact {recipe.key[:12]}"):
                turn = Turn.take(self._root / ".locks" / f"{recipe.key}.lock")
            try:
                # Looked for once more while nobody can be making it, or to see whether its maker is done.
                artifact = await asyncio.to_thread(self.find, recipe.key)
                if artifact is None and turn is not None:
                    return await self._produced(recipe, produce), False
            finally:
                if turn is not None:
                    turn.release()
            if artifact is None:
                await asyncio.sleep(pause_s)
                pause_s = min(1.5 * pause_s, _LONGEST_POLL_S)
        return artifact, True

    def keys(self) -> Iterator[str]:
        """Keys of all artifacts, in no particular order."""
        for shelf in self._root.glob("[0-9a-f][0-9a-f]"):
            yield from (path.name for path in shelf.iterdir() if _KEY.fullmatch(path.name))

    def manifest_text(self, key: str) -> str | None:
        """The manifest as it is on the disk, without marking the artifact as used; None if there is none."""
        try:
            return (self._folder(key) / MANIFEST).read_text("utf-8", "replace")
        except FileNotFoundError:
            return None

    def remove_unused(self, key: str, moment: float, *, dry_run: bool = False) -> list[os.stat_result] | None:
        """Remove the artifact unless it was used since ``moment`` (unix seconds).

        Returns what the system says of its files (for counting what is freed), or None if it stays.
        """
        trash = self._root / ".trash" / atomic.temporary_name()
        atomic.make_folder(trash.parent)
        with locked(self._gate):
            if not self._unused_since(key, moment):
                return None
            files = [path.lstat() for path in self._folder(key).rglob("*") if path.is_file()]
            if dry_run:
                return files
            self._folder(key).rename(trash)
        shutil.rmtree(trash)
        return files

    def leftovers(self, moment: float) -> Iterator[Path]:
        """What no living process works on: temporary folders, half removed and damaged artifacts, locks of the dead.

        Damaged artifacts are kept for whoever wants to look until they are older than ``moment`` (unix seconds).
        """
        yield from atomic.abandoned(self._root)
        for path in (self._root / ".damaged").glob("*"):
            if path.lstat().st_ctime < moment:
                yield path

    def drop_dead_locks(self) -> None:
        """Remove the lock files whose holders died."""
        for path in (self._root / ".locks").glob("*.lock"):
            turn = Turn.take(path)
            if turn is not None:
                turn.release()

    @property
    def _gate(self) -> Path:
        return self._root / ".locks" / "sweep"

    def _unused_since(self, key: str, moment: float) -> bool:
        """Whether the artifact was surely last asked for before ``moment``; False if there is none."""
        folder = self._folder(key)
        for path in (folder / MANIFEST, folder):
            try:
                return path.stat().st_mtime + USE_RESOLUTION_S < moment
            except FileNotFoundError:
                continue  # without a manifest, the folder's own age
        return False

    def _folder(self, key: str) -> Path:
        return self._root / key[:2] / key

    def _named(self, manifest: Manifest, folder: Path) -> Artifact:
        target = self._folder(manifest.key)
        while True:
            atomic.make_folder(target.parent)
            try:
                folder.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
                existing = self.find(manifest.key)
                if existing is not None:
                    return existing
                continue  # it was damaged and is set aside now
            atomic.sync_names(target.parent)
            return Artifact(manifest=manifest, folder=target)

    def _set_aside(self, key: str) -> None:
        aside = self._root / ".damaged" / f"{key}-{secrets.token_hex(4)}"
        with locked(self._gate):
            folder = self._folder(key)
            # Looked at again: somebody else may have set it aside, and even made it anew, since.
            if not folder.exists() or _whole(key, folder) is not None:
                return
            atomic.make_folder(aside.parent)
            folder.rename(aside)
        logger.error("artifact {} is damaged, set aside as {}", key, aside)

    async def _produced(self, recipe: Recipe, produce: Callable[[Path], Awaitable[dict[str, Any]]]) -> Artifact:
        folder = self.begin()
        try:
            facts = await produce(folder)
            return await _to_its_end(self.commit, recipe, folder, facts)
        finally:
            await _to_its_end(self.discard, folder)


def _whole(key: str, folder: Path) -> Artifact | None:
    """The artifact if its manifest can be read (ValidationError is a ValueError) and every file has its size."""
    try:
        manifest = Manifest.model_validate(json.loads((folder / MANIFEST).read_bytes()))
        sound = manifest.key == key and all(
            (folder / name).stat().st_size == file.size_bytes for name, file in manifest.files.items()
        )
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return Artifact(manifest=manifest, folder=folder) if sound else None


def _touch(manifest: Path) -> None:
    """Mark as used, at most once in USE_RESOLUTION_S."""
    if time.time() - manifest.stat().st_mtime > USE_RESOLUTION_S:
        os.utime(manifest)


def _settled(folder: Path) -> dict[str, ArtifactFile]:
    """Size and digest of every file in ``folder``, all of it fsynced."""
    files: dict[str, ArtifactFile] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise ValueError(f"{path.name} is neither a file nor a folder")
        atomic.sync(path)
        if path.is_file():
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            name = path.relative_to(folder).as_posix()
            files[name] = ArtifactFile(size_bytes=path.stat().st_size, sha256=digest)
    if MANIFEST in files:
        raise ValueError(f"{MANIFEST} is not a name that a maker may use")
    return files


async def _to_its_end(call: Callable[..., _T], *args: Any) -> _T:
    """Run ``call`` in a thread and wait for its end even when canceled: it never runs on behind our back."""
    loop = asyncio.get_running_loop()
    # A bare executor future: unlike a task it is not canceled with everything else when the loop shuts down.
    work = loop.run_in_executor(None, partial(copy_context().run, call, *args))
    canceled: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError as error:
            canceled = error
    if canceled is not None:
        work.exception()  # looked at, lest the loop complain that nobody did
        raise canceled
    return work.result()
