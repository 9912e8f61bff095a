"""A full disk, quota or file size limit: a clear error, nothing half made, what was there still there."""

from __future__ import annotations

import multiprocessing
import os
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import StorageFull
from app.models.artifact import Recipe
from app.storage.artifacts import Artifacts
from app.storage.documents_json import JsonDocuments
from app.storage.objects_local import LocalObjects

PROCESSES = multiprocessing.get_context("spawn")
RECIPE = Recipe(kind="clip", engine="video/builtin", version="1")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
        ).returncode
    )
    if not mounted:
        pytest.skip("no file system can be mounted here; the file size limit below tests the same paths")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def everything(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and ".locks" not in path.parts)


def use_a_full_store(root: Path) -> None:
    """What must hold wherever writing more than some hundred kB to ``root`` fails."""
    documents, artifacts = JsonDocuments(root / "documents"), Artifacts(root / "artifacts")
    large = {"text": "x" * 2_000_000}
    documents.put("t/stories/s/u", {"n": 1})
    documents.append("t/stories/s/u", {"id": 1})
    before = everything(root)
    for write in (
        lambda: documents.put("t/stories/s/u", large),
        lambda: documents.update("t/stories/s/u", lambda d: large),
        lambda: documents.create("t/stories/s/v", large),
        lambda: documents.append("t/stories/s/u", large),
    ):
        with pytest.raises(StorageFull) as caught:
            write()
        assert "t/stories/s/" in caught.value.detail
        assert caught.value.status == 507
        assert everything(root) == before
        assert documents.read("t/stories/s/u") == {"n": 1}
        assert documents.log("t/stories/s/u") == [{"id": 1}]
    folder = artifacts.begin()
    (folder / "clip.mp4").write_bytes(b"x" * 1000)
    with pytest.raises(StorageFull):
        artifacts.commit(RECIPE, folder, large)
    assert artifacts.find(RECIPE.key) is None
    assert everything(root) == before
    assert documents.update("t/stories/s/u", lambda d: {"n": 2}) == {"n": 2}


def with_a_file_size_limit(root: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    use_a_full_store(root)


def test_a_full_disk_breaks_nothing(disk: Path) -> None:
    use_a_full_store(disk)


def test_an_object_that_does_not_fit_is_not_there(disk: Path, tmp_path: Path) -> None:
    source = tmp_path / "film.mp4"
    source.write_bytes(b"x" * 2_000_000)
    objects = LocalObjects(disk / "objects", None)
    with pytest.raises(StorageFull, match=r"t/film\.mp4"):
        objects.put("t/film.mp4", source)
    assert not objects.exists("t/film.mp4")
    assert everything(disk) == []


def test_a_disk_without_a_byte_left_still_reads(disk: Path) -> None:
    documents, artifacts = JsonDocuments(disk / "documents"), Artifacts(disk / "artifacts")
    documents.put("t/stories/s/u", {"n": 1})
    artifact = artifacts.commit(RECIPE, artifacts.begin(), {"n": 1})
    with (disk / "ballast").open("wb", buffering=0) as file, pytest.raises(OSError, match="space"):
        while True:
            file.write(b"x" * 4096)
    assert documents.read("t/stories/s/u") == {"n": 1}
    assert list(documents.keys("t")) == ["t/stories/s/u"]
    assert artifacts.find(artifact.key) == artifact
    with pytest.raises(StorageFull):
        documents.create("t/stories/new/u", {"n": 1})
    (disk / "ballast").unlink()
    assert documents.create("t/stories/new/u", {"n": 1})


def test_a_file_size_limit_is_a_full_disk_too(tmp_path: Path) -> None:
    process = PROCESSES.Process(target=with_a_file_size_limit, args=(tmp_path,))
    process.start()
    process.join()
    assert process.exitcode == 0


def test_what_is_no_full_disk_is_told_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "documents").write_text("a file where the folder should be")
    with pytest.raises(NotADirectoryError):
        JsonDocuments(tmp_path / "documents").create("t/a", {})
