"""Where a document's key is on disk, and the walk through keys in order.

``default/stories/story-001/u-001`` is ``<root>/default/stories/story-001/u-001.json``. Collections that grow
without end are spread over folders by the beginning of an id, which the key does not show:
``default/jobs/01KA7Z3M...`` is ``default/jobs/01KA/7Z/01KA7Z3M....json``. The first four characters of a ULID
change every 12 days and the next two every 17 minutes, so the newest jobs are in the last folder. Ids of
another form stand in the folder ``@``, a name that no id can have. All keys of a collection have the same number
of parts, so that no document's file can stand where another key needs a folder.
"""

from __future__ import annotations

import heapq
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.core.errors import ValidationFailed
from app.core.ids import ID_PATTERN, checked

SUFFIX = ".json"
LOG_SUFFIX = ".events.jsonl"
_OTHERS = "@"
_ID = re.compile(ID_PATTERN, re.ASCII)


class _Spread(NamedTuple):
    ids: re.Pattern[str]
    widths: tuple[int, ...]

    def folders(self, name: str) -> list[str]:
        if not self.ids.fullmatch(name):
            return [_OTHERS]
        ends = [sum(self.widths[: level + 1]) for level in range(len(self.widths))]
        return [name[end - width : end] for end, width in zip(ends, self.widths, strict=True)]


_BY_TIME = _Spread(re.compile(r"[0-9A-HJKMNP-TV-Z]{26}"), (4, 2))
_BY_HASH = _Spread(re.compile(r"[0-9a-f]{64}"), (2,))
_SPREAD = {"jobs": _BY_TIME, "deliveries": _BY_TIME, "operations": _BY_HASH}
"""Name of the collection (a key's second part) to how its third part is spread."""

Parts = tuple[str, ...]


class _Entry(NamedTuple):
    name: str
    is_folder: bool
    path: str


def parts_of(key: str) -> Parts:
    """The parts of a key, each a checked id. Raises ValidationFailed."""
    parts = tuple(checked(part, "document key") for part in key.split("/"))
    if len(parts) > 8:
        raise ValidationFailed("a document key has at most 8 parts")
    return parts


def folder_of(root: Path, parts: Parts) -> Path:
    """The folder that holds the documents whose keys begin with ``parts``."""
    path = root
    for depth, part in enumerate(parts):
        if depth == 2 and parts[1] in _SPREAD:
            path = path.joinpath(*_SPREAD[parts[1]].folders(part))
        path = path / part
    return path


def file_of(root: Path, parts: Parts, suffix: str = SUFFIX) -> Path:
    """The file of a document, or with another suffix a file that stands beside it."""
    folder = folder_of(root, parts)
    return folder.with_name(folder.name + suffix)


def walk(root: Path, parts: Parts, *, reverse: bool, before: Parts) -> Iterator[tuple[Parts, str]]:
    """Keys that begin with ``parts``, in order part by part, and their files; only keys less than ``before`` if given.

    Reads a folder when the walk reaches it, not earlier. What appears or goes meanwhile may be seen or not.
    """
    if before and parts >= before:
        return
    yield from _below(str(folder_of(root, parts)), parts, reverse, before if parts == before[: len(parts)] else ())


def _below(folder: str, parts: Parts, reverse: bool, before: Parts) -> Iterator[tuple[Parts, str]]:
    depth = len(parts)
    edge = before[depth] if depth < len(before) else ""
    for entry in _entries(folder, parts, reverse, edge):
        key = (*parts, entry.name)
        at_edge = bool(edge) and entry.name == edge
        if edge and (entry.name > edge or (at_edge and len(before) == depth + 1)):
            continue
        if entry.is_folder:
            yield from _below(entry.path, key, reverse, before if at_edge else ())
        else:
            yield key, entry.path


def _entries(folder: str, parts: Parts, reverse: bool, edge: str) -> Iterator[_Entry]:
    spread = _SPREAD.get(parts[1]) if len(parts) == 2 else None
    if spread is None:
        return iter(_scan(folder, reverse))
    # Both in order already; merging reads only as far as is asked for.
    others = _scan(f"{folder}/{_OTHERS}", reverse)
    return heapq.merge(
        others, _spread_entries(folder, spread.widths, reverse, edge), key=lambda one: one.name, reverse=reverse
    )


def _spread_entries(folder: str, widths: tuple[int, ...], reverse: bool, edge: str, stem: str = "") -> Iterator[_Entry]:
    if not widths:
        yield from _scan(folder, reverse)
        return
    for entry in _scan(folder, reverse):
        begin = stem + entry.name
        if entry.is_folder and not (edge and begin > edge[: len(begin)]):
            yield from _spread_entries(entry.path, widths[1:], reverse, edge, begin)


def _scan(folder: str, reverse: bool) -> list[_Entry]:
    """Folders and documents in ``folder``, sorted; hidden, set aside and foreign files are not there."""
    found: list[_Entry] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                is_folder = entry.is_dir(follow_symlinks=False)
                name = entry.name if is_folder else entry.name.removesuffix(SUFFIX)
                if (is_folder or name != entry.name) and _ID.fullmatch(name):
                    found.append(_Entry(name, is_folder, entry.path))
    except (FileNotFoundError, NotADirectoryError):
        return []
    return sorted(found, key=lambda one: (one.name, one.is_folder), reverse=reverse)
