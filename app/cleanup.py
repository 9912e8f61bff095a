"""Remove the files that nothing refers to: ``python -m app.cleanup [--dry-run] [--min-age-hours N]``.

Mark and sweep, safe beside a running service. Kept are all artifacts and objects that a document mentions
(stories with their history and takes, unfinished jobs, jobs and callbacks not older than the minimum age or still
owed), what kept artifacts were made from, and everything used since the oldest unfinished job began or within
the minimum age. Jobs are read before stories: a job that ends in between has written its story by then, and
whatever a later one uses is too new to be swept. Each removal looks at the time of use again, under a lock.
Objects in a bucket are listed there; those that this service did not put there are left alone. What was remembered
of tasks at providers goes after a week: no provider keeps a result for so long.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.core.config import SettingsError, load_settings
from app.core.errors import AppError, CorruptDocument
from app.core.logging import setup_logging
from app.models.job import TERMINAL
from app.storage.artifacts import Artifacts
from app.storage.documents import Document
from app.storage.documents_json import JsonDocuments
from app.storage.objects import Gone, Objects
from app.storage.objects_choice import open_objects

_KEY = re.compile(r"[0-9a-f]{64}")
_PATH = re.compile(r"[A-Za-z0-9._:/\-]+")
_MOST_PARTS = 12
"""Of an object key."""
_CLOCK_SLACK_S = 1.0
"""File times come from a coarser clock than ours."""
_TASKS = "tasks"
"""Top folder of what engines remember of their tasks at providers."""
_TASK_AGE_S = 7 * 24 * 3600.0
_SHARED = ("open", "outbox", _TASKS)
"""Top folders of the documents that are no tenants."""

Say = Callable[[str], None]


@dataclass
class Freed:
    """What was removed, counted so that a file with several names is freed with the last of them."""

    things: int = 0
    bytes: int = 0
    _names: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, files: Iterable[os.stat_result]) -> None:
        """Count one thing made of ``files``, as they were before their removal."""
        self.things += 1
        for facts in files:
            inode = (facts.st_dev, facts.st_ino)
            # While names go one by one, those still to come and those gone make up what there were in the beginning.
            total = self._names.setdefault(inode, facts.st_nlink) - 1
            self._names[inode] = total
            if total == 0:
                self.bytes += facts.st_size

    def add_one(self, gone: Gone) -> None:
        """Count an object: what it has in bytes, or as a file with its other names."""
        if gone.file is not None:
            self.add([gone.file])
        else:
            self.things += 1
            self.bytes += gone.size_bytes


class Cleanup:
    """One run over the three stores."""

    def __init__(self, documents: JsonDocuments, artifacts: Artifacts, objects: Objects) -> None:
        self._documents = documents
        self._artifacts = artifacts
        self._objects = objects

    def run(self, min_age_s: float, *, dry_run: bool = False, say: Say = print) -> Freed:
        """Remove (or with ``dry_run`` only tell) what nothing needs and nothing used for ``min_age_s`` seconds."""
        started = time.time()
        artifacts, objects = set(self._artifacts.keys()), set(self._objects.keys())
        recent, texts = self._jobs(started - min_age_s, say)
        moment = min(started - min_age_s, recent) - _CLOCK_SLACK_S
        kept_artifacts: set[str] = set()
        kept_objects: set[str] = set()
        for text in (*texts, *self._stories(say), *self._damaged()):
            kept_artifacts |= artifacts.intersection(_KEY.findall(text))
            kept_objects |= objects.intersection(_paths(text))
        self._with_inputs(kept_artifacts, artifacts)
        freed, verb = Freed(), "would remove" if dry_run else "removed"
        for key in sorted(objects - kept_objects):
            if (gone := self._objects.remove_unused(key, moment, dry_run=dry_run)) is not None:
                freed.add_one(gone)
                say(f"{verb} object {key}")
        for key in sorted(artifacts - kept_artifacts):
            if (files := self._artifacts.remove_unused(key, moment, dry_run=dry_run)) is not None:
                freed.add(files)
                say(f"{verb} artifact {key}")
        for name, gone in self._objects.remove_leftovers(started - min_age_s, dry_run=dry_run):
            freed.add_one(gone)
            say(f"{verb} {name}")
        for key in self._old_tasks(started):
            freed.add(_files(self._documents.path(key)))
            if not dry_run:
                self._documents.delete(key)
            say(f"{verb} {key}")
        for path in self._leftovers(started - min_age_s):
            freed.add(_files(path))
            if not dry_run:
                _remove(path)
            say(f"{verb} {path}")
        if not dry_run:
            self._artifacts.drop_dead_locks()
        return freed

    def _jobs(self, since: float, say: Say) -> tuple[float, list[str]]:
        """When the oldest unfinished job was created (infinity: none is), and the texts whose mentions keep files."""
        oldest, texts = float("inf"), []
        # Both before the jobs: a job leaves ``open`` after its callback is in ``outbox``.
        needed = {key.rpartition("/")[2] for key in self._documents.keys("open")}
        needed |= {str((self._read(key, say) or {}).get("job_id")) for key in self._documents.keys("outbox")}
        for tenant in self._tenants():
            for key in self._documents.keys(f"{tenant}/jobs"):
                job = self._read(key, say)
                if job is None:
                    continue
                unfinished = job.get("status") not in TERMINAL
                created = _seconds(job.get("created_at"))
                if unfinished:
                    oldest = min(oldest, created)
                job_id = key.rpartition("/")[2]
                if unfinished or job_id in needed or max(created, _seconds(job.get("finished_at"))) >= since:
                    texts.append(_text(job))
                    texts.extend(self._texts(f"{tenant}/deliveries/{job_id}", say))
        return oldest, texts

    def _stories(self, say: Say) -> Iterator[str]:
        for tenant in self._tenants():
            yield from self._texts(f"{tenant}/stories", say)

    def _texts(self, prefix: str, say: Say) -> Iterator[str]:
        for key in self._documents.keys(prefix):
            document = self._read(key, say)
            if document is not None:
                yield _text(document)

    def _damaged(self) -> Iterator[str]:
        """What a person may yet mend keeps its files too."""
        return (path.read_text("utf-8", "replace") for path in self._documents.damaged())

    def _read(self, key: str, say: Say) -> Document | None:
        try:
            return self._documents.read(key)
        except CorruptDocument as error:
            say(error.detail)
            return None

    def _tenants(self) -> list[str]:
        return [name for name in self._documents.top_folders() if name not in _SHARED]

    def _with_inputs(self, kept: set[str], existing: set[str]) -> None:
        """Add to ``kept`` what its artifacts were made from, and so on down."""
        todo = list(kept)
        while todo:
            text = self._artifacts.manifest_text(todo.pop()) or ""
            new = existing.intersection(_KEY.findall(text)) - kept
            kept |= new
            todo.extend(new)

    def _leftovers(self, moment: float) -> list[Path]:
        return [
            *self._documents.abandoned(),
            *self._artifacts.leftovers(moment),
        ]

    def _old_tasks(self, now: float) -> list[str]:
        """Keys of what was remembered of providers' tasks, and not again for a week."""
        return [key for changed, key in self._documents.by_change(_TASKS) if changed / 1e9 < now - _TASK_AGE_S]


def _text(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False)


def _paths(text: str) -> Iterator[str]:
    """Everything in ``text`` that may be an object key: paths, and the ends of paths, for keys stand in URLs too."""
    for match in _PATH.finditer(text):
        parts = match[0].split("/")[-_MOST_PARTS:]
        yield from ("/".join(parts[first:]) for first in range(len(parts) - 1))


def _seconds(moment: object) -> float:
    """RFC 3339 as unix seconds; 0 if it cannot be read, which keeps more rather than less."""
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return 0.0


def _files(path: Path) -> list[os.stat_result]:
    return [one.lstat() for one in ([path] if path.is_file() else path.rglob("*")) if one.is_file()]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m app.cleanup", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--dry-run", action="store_true", help="only say what would be removed")
    parser.add_argument(
        "--min-age-hours", type=float, default=24.0, help="keep what was used within so many hours (default: 24)"
    )
    options = parser.parse_args(arguments)
    if not options.min_age_hours >= 0:
        parser.error("--min-age-hours must not be negative")
    try:
        settings = load_settings()
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    setup_logging(settings.log_level, settings.log_format)
    try:
        cleanup = Cleanup(
            JsonDocuments(settings.data_dir / "documents"),
            Artifacts(settings.data_dir / "artifacts"),
            open_objects(settings, None),
        )
        freed = cleanup.run(options.min_age_hours * 3600, dry_run=options.dry_run)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    except AppError as error:
        print(error.detail, file=sys.stderr)
        return 1
    verb = "would be freed" if options.dry_run else "freed"
    print(f"{freed.things} things, {freed.bytes} bytes ({freed.bytes / 1e6:.1f} MB) {verb}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
