"""``python -m app.sidecars.fetch <engine>``: weights into MODELS_DIR, complete and at one commit, or not at all.

Files are gathered in a folder of parts and moved when all are there, so that a sidecar never loads half a model. A
fetch that was broken off goes on with the files that it had not finished; one that is complete asks nobody.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from app.core.errors import AppError, EngineFailed, EngineFault, StorageFull
from app.sidecars import hub
from app.sidecars.hub import HubSettings
from app.sidecars.weights import (
    ENGINES,
    MAIN,
    MANIFEST,
    PARTS,
    REVISION,
    WEIGHTS,
    Source,
    Weights,
    revisions,
    size_of,
    weights_missing,
)

_SPARE_BYTES = 500_000_000
"""What must be left on the disk after a fetch."""


def fetch(name: str, folder: Path, settings: HubSettings) -> None:
    """Bring the weights called ``name``. Raises EngineFailed, EngineFault, StorageFull with a plain reason."""
    weights = WEIGHTS[name]
    if (folder / MANIFEST).is_file() and not weights_missing(name, folder):
        _say(f"{name}: complete in {folder}")
        return
    _say(f"{name}: {weights.title}, about {weights.size_gb:g} GB, {weights.licence}, into {folder}")
    known: dict[str, str] = revisions(folder)
    sizes: dict[str, int] = {}
    (folder / PARTS).mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        for source in weights.sources:
            revision = source.revision if source.revision != MAIN else known.get(source.repo, MAIN)
            bring = _from_github if source.kind == "github" else _from_hub
            sizes.update(bring(source, revision, folder, settings, known))
        _write(folder / MANIFEST, json.dumps(sizes, indent=1, sort_keys=True))
        shutil.rmtree(folder / PARTS, ignore_errors=True)
    if lacking := weights_missing(name, folder):
        raise EngineFault(lacking)
    _say(f"{name}: complete, {sum(sizes.values()) / 1e9:.1f} GB in {len(sizes)} files")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises EngineFault while another process fetches into the same folder."""
    with (folder / PARTS / "lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise EngineFault(f"Another fetch into {folder} is going on") from None
        yield


def _from_hub(
    source: Source, revision: str, folder: Path, settings: HubSettings, known: dict[str, str]
) -> dict[str, int]:
    commit, files = hub.listed(source, revision, settings)
    # Kept before anything is brought: what is broken off goes on with the same commit.
    _keep_revision(folder, known, source.repo, commit)
    parts = folder / PARTS / source.repo.replace("/", "--")
    targets = {path: _target(source, folder, path) for path in files}
    if source.unpack:
        hub.download(source, commit, list(files), parts, settings)
        return _unpack(source, folder, [parts / path for path in files])
    wanted = [path for path in files if size_of(targets[path]) != files[path]]
    _check_room(folder, sum(files[path] for path in wanted if size_of(parts / path) != files[path]))
    if wanted:
        hub.download(source, commit, wanted, parts, settings)
    for path in wanted:
        if (found := size_of(parts / path)) != files[path]:
            (parts / path).unlink(missing_ok=True)
            raise EngineFault(f"{source.repo}: {path} came with {max(found, 0)} of {files[path]} bytes")
    for path in wanted:
        targets[path].parent.mkdir(parents=True, exist_ok=True)
        (parts / path).replace(targets[path])
    return {str(targets[path].relative_to(folder)): size for path, size in files.items()}


def _from_github(
    source: Source, revision: str, folder: Path, settings: HubSettings, known: dict[str, str]
) -> dict[str, int]:
    parts = folder / PARTS / source.repo.replace("/", "--")
    hub.checkout(source, parts, settings)
    _keep_revision(folder, known, source.repo, revision)
    sizes = {}
    for path in sorted(one for one in parts.rglob("*") if one.is_file()):
        target = _target(source, folder, path.relative_to(parts).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        path.replace(target)
        sizes[str(target.relative_to(folder))] = target.stat().st_size
    return sizes


def _unpack(source: Source, folder: Path, archives: list[Path]) -> dict[str, int]:
    place = folder / source.into
    for archive in archives:
        hub.unpacked(archive, place, Path(source.into).name)
    found = sorted(one for one in place.rglob("*") if one.is_file())
    return {str(path.relative_to(folder)): path.stat().st_size for path in found}


def _target(source: Source, folder: Path, path: str) -> Path:
    inner = path.removeprefix(f"{source.prefix}/") if source.prefix else path
    target = folder / source.into / inner
    if not target.resolve().is_relative_to(folder.resolve()):
        raise EngineFailed(f"{source.repo} names a file {path[:60]!r}")
    return target


def _keep_revision(folder: Path, known: dict[str, str], repo: str, commit: str) -> None:
    known[repo] = commit
    _write(folder / REVISION, "".join(f"{name} {revision}\n" for name, revision in known.items()))


def _write(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, "utf-8")
    part.replace(path)


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if needed > 0 and free < needed + _SPARE_BYTES:
        raise StorageFull(f"{needed / 1e9:.1f} GB are still to come and {free / 1e9:.1f} GB are free in {folder}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _table(settings: HubSettings) -> None:
    for name, weights in WEIGHTS.items():
        folder = weights.folder(name, settings.models_dir)
        here = "here" if folder.is_dir() and not weights_missing(name, folder) else "-"
        limit = f" ({weights.limited})" if weights.limited else ""
        _say(f"{name:24}{here:6}{weights.size_gb:6g} GB  {weights.title}; {weights.licence}{limit}")
        for source in weights.sources:
            _say(f"{'':38}{source.repo} at {revisions(folder).get(source.repo, source.revision)}")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh fetch", description="Fetch the weights of local engines.")
    parser.add_argument("engine", nargs="*", help=f"{', '.join([*ENGINES, *(n for n in WEIGHTS if n not in ENGINES)])}")
    parser.add_argument("--folder", type=Path, help="where to put one engine's weights instead of MODELS_DIR/<name>")
    parser.add_argument("--list", action="store_true", help="show what there is, its size, licence and revision")
    parser.add_argument("--accept-licence", action="store_true", help="say that you accept the licences that are shown")
    return parser.parse_args(argv)


def _names(asked: Sequence[str]) -> list[str]:
    """Raises EngineFailed for an unknown one."""
    names = [name for one in asked for name in ENGINES.get(one, (one,))]
    for name in names:
        if name not in WEIGHTS:
            known = ", ".join(sorted({*ENGINES, *WEIGHTS}))
            raise EngineFailed(f"There are no weights called {name}; known: {known}")
    return list(dict.fromkeys(names))


def _not_accepted(names: Sequence[str]) -> bool:
    """Show the licences that limit their users."""
    limited: list[tuple[str, Weights]] = [(name, WEIGHTS[name]) for name in names if WEIGHTS[name].limited]
    for name, weights in limited:
        _say(f"{name}: {weights.licence}: {weights.limited}")
    return bool(limited)


def main(argv: Sequence[str] | None = None) -> int:
    """0: all is here. 1: it could not be fetched. 2: it was asked for wrongly, or a licence was not accepted."""
    asked = _arguments(argv)
    try:
        settings, names = HubSettings(), _names(asked.engine)
    except (AppError, ValidationError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if asked.list or not names:
        _table(settings)
        return 0
    if asked.folder is not None and len(names) > 1:
        sys.stderr.write(f"--folder is for one of {', '.join(names)} at a time\n")
        return 2
    if _not_accepted(names) and not asked.accept_licence:
        sys.stderr.write("Read these licences; if you may use the weights, say so with --accept-licence\n")
        return 2
    try:
        for name in names:
            fetch(name, asked.folder or WEIGHTS[name].folder(name, settings.models_dir), settings)
    except AppError as error:
        sys.stderr.write(f"{error.detail}\nThe same command goes on from here.\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Broken off; the same command goes on from here.\n")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
