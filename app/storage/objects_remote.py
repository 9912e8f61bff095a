"""Objects in a bucket: what is the same whichever store it is.

An object carries the SHA-256 of its content, so the same content is not sent again, one that was sent is looked at
before its job succeeds, and the cleanup removes nothing that we did not put there. Links are signed by the store's
own rules when they are read, which asks nobody; one is handed out for half its life, so that clients can cache.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol, TypeVar

from loguru import logger

from app.core.config import Settings
from app.storage import atomic
from app.storage.locks import locked
from app.storage.objects import Gone, StorageRefused, StorageUnavailable, media_type
from app.storage.objects_link import answer_at
from app.storage.objects_names import Names

T = TypeVar("T")

PATIENCE_S = 60.0
"""No further try begins so long after the first."""
USE_RESOLUTION_S = 3600.0
"""How far the store's time of last use may lie before the true one; also covers clocks that differ by minutes."""
_MOST_LINKS = 20_000
_LARGEST_COPY = 1_000_000_000
"""Bytes up to which stores copy an object in one call."""


class Content(NamedTuple):
    """A file that is to be in the bucket."""

    size_bytes: int
    sha256: str
    checksum: str
    """As the store counts it; empty if it tells none."""
    headers: dict[str, str]
    """``Content-Type``, ``Content-Disposition`` and ``Cache-Control`` of every answer with it."""


class Seen(NamedTuple):
    """An object as the store describes it."""

    size_bytes: int
    sha256: str
    """As we noted it beside the content; empty: not ours."""
    changed_at: float
    """Unix seconds, by the store's clock."""
    checksum: str = ""
    """The store's own, of what it holds; empty if it tells none."""

    def is_(self, content: Content) -> bool:
        """Whether it holds that content."""
        told = bool(self.checksum and content.checksum)
        return (self.size_bytes, self.sha256) == (content.size_bytes, content.sha256) and (
            not told or self.checksum == content.checksum
        )


class Fault(NamedTuple):
    """Why a call failed, in words without secrets, and whether it may pass by itself."""

    reason: str
    passing: bool


class Page(NamedTuple):
    names: list[str]
    after: str
    """Where the next page begins; empty: this was the last."""


class HalfSent(NamedTuple):
    """An upload that has not ended."""

    name: str
    note: Path
    """The file that tells of it."""
    give_up: Callable[[], None]
    """Lets the store forget the parts that it has, and removes the note."""


class NotWhole(Exception):
    """What the store has is not what was sent."""


class Bucket(Protocol):
    """One bucket by its vendor's library. Every call ends within seconds, or fails with one of ``errors``."""

    title: str
    """For messages: the store and the bucket's name."""
    errors: tuple[type[Exception], ...]
    pauses_s: tuple[float, ...]
    """Before each further try; none where the library tries again itself."""

    def fault(self, error: Exception) -> Fault:
        """What one of ``errors`` means."""

    def look(self, name: str) -> Seen | None: ...

    def checksum(self, source: Path) -> str:
        """Of a file, by the store's own rule; empty if it has none."""

    def send(self, name: str, source: Path, content: Content) -> None: ...

    def refresh(self, name: str, content: Content) -> None:
        """Make an object that is there count as changed now."""

    def remove(self, name: str) -> None: ...

    def page(self, prefix: str, after: str) -> Page:
        """Names under a prefix, some hundred at a time."""

    def sign(self, name: str, method: str, good_for_s: int) -> str:
        """The address for clients. Asks nobody."""

    def half_sent(self) -> Iterator[HalfSent]:
        """Uploads that have not ended, as far as there are notes about them."""


class RemoteObjects:
    """Implements :class:`app.storage.objects.Objects`. ``folder`` is for locks, and made when the first is needed."""

    def __init__(self, bucket: Bucket, settings: Settings, folder: Path) -> None:
        self._bucket = bucket
        self._names = Names(settings.objects_prefix)
        self._ttl_s = settings.link_ttl_s
        self._cached = f"{'private' if settings.api_keys else 'public'}, max-age=31536000, immutable"
        self._folder = folder
        self._links_open = False
        self._links: dict[tuple[str, str], tuple[float, str]] = {}
        self._links_lock = Lock()

    def put(self, key: str, source: Path) -> None:
        name = self._names.of(key)
        content = self._content(name, source)
        with atomic.full_disk_named(f"the upload of {name}"), self._turn(name):
            if not self._is_there(name, content):
                began = time.monotonic()
                self._tried(f"storing {name}", self._sent, name, source, content)
                logger.info("stored {}, {} bytes in {:.2f} s", name, content.size_bytes, time.monotonic() - began)
        if not self._links_open:
            self._open_link(key, content.size_bytes)

    def path(self, key: str) -> Path | None:
        self._names.of(key)
        return None

    def exists(self, key: str) -> bool:
        return self._seen(self._names.of(key)) is not None

    def delete(self, key: str) -> bool:
        name = self._names.of(key)
        with self._turn(name):
            if self._seen(name) is None:
                return False
            self._tried(f"removing {name}", self._bucket.remove, name)
        return True

    def url(self, key: str, base_url: str) -> str:
        return self.link(key, "GET")

    def link(self, key: str, method: str) -> str:
        """Signed for ``link_ttl_s`` seconds, and the same for the first half of them."""
        now = time.time()
        with self._links_lock:
            until, link = self._links.get((method, key), (0.0, ""))
        if now < until:
            return link
        link = self._bucket.sign(self._names.of(key), method, self._ttl_s)
        with self._links_lock:
            self._links.pop((method, key), None)
            self._links[method, key] = (now + self._ttl_s / 2, link)
            if len(self._links) > _MOST_LINKS:
                del self._links[next(iter(self._links))]  # the one that was signed first
        return link

    def verify(self, key: str, expires: int | str, signature: str) -> bool:
        """Never: links are the store's, and it verifies them."""
        return False

    def keys(self) -> Iterator[str]:
        prefix, after, more = self._names.prefix, "", True
        while more:
            page = self._tried("listing", self._bucket.page, prefix, after)
            yield from (key for name in page.names if (key := self._names.key(name)) is not None)
            after = page.after
            more = bool(after)

    def remove_unused(self, key: str, moment: float, *, dry_run: bool = False) -> Gone | None:
        """An object also stays for up to an hour longer than ``moment`` asks, or if it is not one of ours."""
        name = self._names.of(key)
        with self._turn(name):
            seen = self._seen(name)
            if seen is None or not seen.sha256 or seen.changed_at + USE_RESOLUTION_S >= moment:
                return None
            if not dry_run:
                self._tried(f"removing {name}", self._bucket.remove, name)
        return Gone(seen.size_bytes)

    def remove_leftovers(self, moment: float, *, dry_run: bool = False) -> Iterator[tuple[str, Gone]]:
        for half in self._bucket.half_sent():
            with self._turn(half.name):
                try:
                    facts = half.note.stat()
                except FileNotFoundError:
                    continue  # it has ended since
                if facts.st_mtime >= moment:
                    continue
                if not dry_run:
                    self._tried(f"giving up the upload of {half.name}", half.give_up)
            yield f"unfinished upload of {half.name}", Gone(facts.st_size)

    # -- inside ----------------------------------------------------------------------------------------

    def _turn(self, name: str) -> AbstractContextManager[None]:
        """One at a time writes or removes an object; some share a turn with others, so that the files stay few."""
        number = hashlib.sha256(name.encode()).hexdigest()[:3]
        return locked(self._folder / ".locks" / number)

    def _content(self, name: str, source: Path) -> Content:
        with source.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        headers = {
            "Content-Type": media_type(name),
            "Content-Disposition": "inline",
            "Cache-Control": self._cached,
        }
        return Content(source.stat().st_size, digest, self._bucket.checksum(source), headers)

    def _seen(self, name: str) -> Seen | None:
        return self._tried(f"looking at {name}", self._bucket.look, name)

    def _is_there(self, name: str, content: Content) -> bool:
        """Whether the same content is there; then it counts as used now."""
        try:
            seen = self._seen(name)
        except StorageRefused:
            # By some policies nobody may look at what is not there. If it is worse, the upload is told in words.
            return False
        if seen is None or not seen.is_(content):
            return False
        if time.time() - seen.changed_at < USE_RESOLUTION_S / 2:
            return True
        if content.size_bytes > _LARGEST_COPY:
            return False
        self._tried(f"renewing {name}", self._bucket.refresh, name, content)
        return True

    def _sent(self, name: str, source: Path, content: Content) -> None:
        self._bucket.send(name, source, content)
        seen = self._bucket.look(name)
        if seen is None:
            raise NotWhole("the store took it, but does not have it")
        if not seen.is_(content):
            raise NotWhole(f"what the store has, {seen.size_bytes} bytes of {content.size_bytes}, is not what was sent")

    def _open_link(self, key: str, size_bytes: int) -> None:
        """Once in a process, see that clients can open what we publish: a link has another address than an upload.

        Raises StorageRefused when there is an answer and it is not the object. None at all proves nothing: clients
        may well reach an address that this machine does not.
        """
        answer = answer_at(self.link(key, "GET"))
        if answer.said and answer.size_bytes != size_bytes:
            raise StorageRefused(f"{self._bucket.title}: the link to what was stored does not open: {answer.said}")
        if not answer.said:
            logger.warning("{}: links cannot be tried from this machine", self._bucket.title)
        # Also where it cannot be tried: that would take its time for every object.
        self._links_open = True

    def _tried(self, doing: str, call: Callable[..., T], *arguments: object) -> T:
        """Call until it works, by the bucket's pauses. Raises StorageRefused, StorageUnavailable."""
        until, pauses = time.monotonic() + PATIENCE_S, iter(self._bucket.pauses_s)
        while True:
            try:
                return call(*arguments)
            except NotWhole as error:
                fault = Fault(str(error), True)
            except self._bucket.errors as error:
                fault = self._bucket.fault(error)
            # Raised outside the handler: what a library's error holds has no place in our log.
            said = f"{self._bucket.title}: {doing} failed: {fault.reason}"
            if not fault.passing:
                raise StorageRefused(said)
            pause_s = next(pauses, None)
            if pause_s is None or time.monotonic() + pause_s > until:
                raise StorageUnavailable(said)
            logger.warning("{}; again in {} s", said, pause_s)
            time.sleep(pause_s * random.uniform(0.8, 1.2))
