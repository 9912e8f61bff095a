"""Files that are whole or not there: every write of the storage room goes through these few functions.

The recipe is the one of every careful writer on POSIX: a unique temporary file in the same folder, write, fsync,
rename (or link) to the final name, fsync the folder. A crash at any moment leaves the former file or the new
one, and at worst a temporary whose name says which process made it, so that it can be told from one in use.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

from app.core.errors import StorageFull

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_TEMPORARY = re.compile(r"\.new-([0-9a-f]{8})-(\d+)-(\d+)-[0-9a-f]{12}")
FOREIGN_AGE_S = 24 * 3600.0
"""Age in seconds at which a temporary of another machine or container, whose processes we cannot see, is abandoned."""


@contextmanager
def full_disk_named(what: str) -> Iterator[None]:
    """Turn the errors of a full disk, quota or file size limit into StorageFull; all others pass."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise StorageFull(f"{what} cannot be stored: {os.strerror(error.errno or errno.ENOSPC).lower()}") from error


def sync(path: Path) -> None:
    """fsync a file or a folder by its path."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_names(folder: Path) -> None:
    """fsync a folder, so that the names in it last. One that is gone, pruned when it was empty, needs nothing."""
    with suppress(FileNotFoundError):
        sync(folder)


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, each of them durably. No error if it is there."""
    try:
        folder.mkdir()
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folder(folder.parent)
        make_folder(folder)
        return
    sync_names(folder.parent)


def temporary_name() -> str:
    """A hidden name that no other thread, process, container or machine makes."""
    pid = os.getpid()
    return f".new-{_machine()}-{pid}-{_own_start(pid)}-{secrets.token_hex(6)}"


@cache
def _own_start(pid: int) -> int:
    """When this process started; by its id, because a fork has another one."""
    return _started(pid) or 0


def is_abandoned(name: str, age_s: float) -> bool:
    """Whether ``name`` is a temporary name whose maker cannot be at work on it any more.

    On this machine the process decides (its pid with the same start time lives or not), elsewhere the age.
    """
    match = _TEMPORARY.fullmatch(name)
    if match is None:
        return False
    machine, pid, started = match.groups()
    if machine != _machine() or not Path("/proc/self/stat").exists():
        return age_s > FOREIGN_AGE_S
    return _started(int(pid)) != int(started)


def abandoned(folder: Path) -> Iterator[Path]:
    """Temporary files and folders anywhere under ``folder`` whose maker cannot be at work on them any more."""
    for inside, folders, files in walk(folder):
        temporaries = [name for name in (*folders, *files) if _TEMPORARY.fullmatch(name)]
        folders[:] = sorted(set(folders).difference(temporaries))
        for name in temporaries:
            path = inside / name
            try:
                age_s = time.time() - path.lstat().st_mtime
            except FileNotFoundError:
                continue  # its living writer has just given it its name
            if is_abandoned(name, age_s):
                yield path


def walk(folder: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """:func:`os.walk` that passes over what is removed meanwhile, and over nothing else."""

    def unless_gone(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            raise error

    for inside, folders, files in os.walk(folder, onerror=unless_gone):
        yield Path(inside), folders, files


def replace(path: Path, data: bytes) -> None:
    """Put ``data`` at ``path``, durably and at once. Raises OSError; then nothing has changed."""
    with _written(path, data) as temporary:
        temporary.replace(path)


def create(path: Path, data: bytes) -> bool:
    """Put ``data`` at ``path`` unless there is a file; False if there is one (safe between processes)."""
    if path.exists():
        return False
    try:
        with _written(path, data) as temporary:
            path.hardlink_to(temporary)
    except FileExistsError:
        return False
    return True


def place(path: Path, fill: Callable[[Path], None]) -> None:
    """Let ``fill`` make a temporary file beside ``path`` (by link or copy), then rename it to ``path``."""
    while True:
        make_folder(path.parent)
        temporary = path.parent / temporary_name()
        try:
            fill(temporary)
            temporary.replace(path)
        except FileNotFoundError:
            # An emptied folder may be removed between its making and its use; anything else missing is an error.
            if path.parent.exists():
                raise
            continue
        finally:
            # A rename onto another name of the same file does nothing, by POSIX, and leaves the old name.
            temporary.unlink(missing_ok=True)
        sync_names(path.parent)
        return


def prune(folder: Path, top: Path) -> None:
    """Remove ``folder`` and its parents below ``top`` as far as they are empty."""
    while folder != top and top in folder.parents:
        try:
            folder.rmdir()
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            return
        folder = folder.parent


@contextmanager
def _written(path: Path, data: bytes) -> Iterator[Path]:
    """A temporary beside ``path`` that holds ``data`` on the disk; the body gives it its name."""
    temporary = path.parent / temporary_name()
    descriptor = _open_new(temporary)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            # The kernel stamps files by a clock of some 4 ms; the order of changes is worth a finer one.
            moment = time.time_ns()
            os.utime(descriptor, ns=(moment, moment))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        yield temporary
        # Unlinked before the fsync: a link that came to stand costs one journal commit, not two.
        temporary.unlink(missing_ok=True)
        sync_names(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _open_new(path: Path) -> int:
    while True:
        try:
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileNotFoundError:
            # No folder yet, or an emptied one was removed just now. Once the file stands the folder stays.
            make_folder(path.parent)


@cache
def _machine() -> str:
    """8 hex digits for what shares our process numbers: this boot of this host, this pid name space."""
    facts = [socket.gethostname()]
    with suppress(OSError):
        facts.append(Path("/proc/sys/kernel/random/boot_id").read_text())
        facts.append(str(Path("/proc/self/ns/pid").stat().st_ino))
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:8]


def _started(pid: int) -> int | None:
    """Start time of a living process in clock ticks since boot (proc(5), field 22 of stat), or None."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in (b"Z", b"X") else int(fields[19])
