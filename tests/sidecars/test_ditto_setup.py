"""``Ditto/setup_ditto.py`` as its user sees it: words, what to do next, and an exit status."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ditto_checkout
import pytest
from aiohttp import web
from ditto_files import CHECKPOINTS, CODE_COMMIT, CODE_REPO, COMMIT, HASHES, PUBLISHED, REPO, Known, read_hashes
from fakes.base import Fake

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "Ditto" / "setup_ditto.py"


def said(folder: Path, *words: str, python: tuple[str, ...] = (), **env: str) -> tuple[int, str]:
    command = [sys.executable, *python, str(SCRIPT), *words]
    seen = subprocess.run(command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True)
    assert "Traceback" not in seen.stderr, seen.stderr
    return seen.returncode, seen.stdout + seen.stderr


def test_in_an_empty_folder_it_says_what_is_missing_and_what_to_do(tmp_path: Path) -> None:
    status, text = said(tmp_path, "--verify")
    assert status == 1
    assert "no backend has all its files" in text and "no checkout of Ditto in models/ditto" in text
    assert "setup_ditto.py --download-models" in text
    assert list(tmp_path.iterdir()) == []


def test_on_a_machine_with_nothing_installed_it_tells_so_in_words(tmp_path: Path) -> None:
    # -S: not even the packages of this environment are there; an empty PATH: no compiler, no nvidia-smi.
    status, text = said(tmp_path, "--diagnose", python=("-S", "-E"), PATH=str(tmp_path), CC="gcc-none")
    assert status == 1
    assert "no NVIDIA GPU was found" in text
    assert "PyTorch is not installed here" in text and "./deploy.sh sidecar ditto" in text
    assert "there is no C compiler (gcc-none)" in text and "apt install gcc" in text
    assert "TensorRT is not installed" in text and "ffmpeg is not needed" in text
    assert "av, fastapi, librosa" in text


TORCH = """
__version__ = "2.5.1"
class version:
    cuda = "12.4"
class cuda:
    def is_available():
        return {usable}
    def get_device_capability():
        return (8, 0)
"""


def test_a_gpu_is_told_with_its_memory_driver_and_cuda(tmp_path: Path) -> None:
    tool, libraries = tmp_path / "nvidia-smi", tmp_path / "libraries"
    tool.write_text("#!/bin/sh\necho 'NVIDIA A100-SXM4-80GB, 81920, 80000, 550.54.15'\n")
    tool.chmod(0o755)
    (libraries / "tensorrt-10.1.0.dist-info").mkdir(parents=True)
    (libraries / "tensorrt-10.1.0.dist-info" / "METADATA").write_text("Name: tensorrt\nVersion: 10.1.0\n")
    (libraries / "tensorrt.py").write_text("")
    (libraries / "torch.py").write_text(TORCH.format(usable=True))
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(libraries)}
    _, text = said(tmp_path, "--diagnose", **env)
    assert "ok       GPU NVIDIA A100-SXM4-80GB: 80 GB, 78 GB free, driver 550.54.15" in text
    assert "ok       PyTorch 2.5.1, CUDA 12.4, compute capability (8, 0)" in text
    assert "TensorRT 10.1.0" in text and "published engines are of TensorRT 8.6.1" in text
    (libraries / "torch.py").write_text(TORCH.format(usable=False))
    tool.write_text("#!/bin/sh\necho 'Failed to initialize NVML: Driver/library version mismatch'\nexit 18\n")
    _, text = said(tmp_path, "--diagnose", **env)
    assert "nvidia-smi is not there or does not answer" in text
    assert "MISSING  PyTorch 2.5.1 sees no GPU (it was built for CUDA 12.4)" in text
    (libraries / "torch.py").write_text("raise OSError('libcudnn.so.9: cannot open shared object file')")
    assert "PyTorch is installed and cannot be imported" in said(tmp_path, "--diagnose", **env)[1]


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """A checkout with whole checkpoints, as a fetch leaves it."""
    code = ditto_checkout.write(tmp_path / "models")
    (code / ".revision").write_text(f"{CODE_REPO} {CODE_COMMIT}\n{REPO} {COMMIT}\n")
    return code


def test_whole_files_are_verified_one_by_one(good: Path, tmp_path: Path) -> None:
    status, text = said(tmp_path, "--verify")
    assert status == 0, text
    path = "ditto_pytorch/models/decoder.pth"
    digest = hashlib.sha256(path.encode()).hexdigest()
    assert f"ok       {path}  {len(path)} bytes  sha256 {digest[:16]}" in text
    assert text.count("  ok  ") == 13 and "Usable: pytorch" in text
    assert "tensorrt: 13 of 13 files are not there" in text
    assert f"at {CODE_COMMIT[:12]}" in text


def test_another_folder_is_named_by_an_option_the_environment_or_the_env_file(good: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    assert said(away, "--verify")[0] == 1
    assert said(away, "--verify", "--folder", str(good))[0] == 0
    assert said(away, "--verify", SIDECAR_DITTO_CODE=str(good))[0] == 0
    (away / ".env").write_text(f"# here\nMODELS_DIR='{good.parent}'\n")
    assert said(away, "--verify")[0] == 0


def test_a_damaged_file_is_named(good: Path, tmp_path: Path) -> None:
    model = good / CHECKPOINTS / "ditto_pytorch/models/decoder.pth"
    model.write_bytes(model.read_bytes()[::-1])
    status, text = said(tmp_path, "--verify")
    assert status == 1
    assert "MISSING  ditto_pytorch/models/decoder.pth is damaged or another one: its SHA-256 is wrong" in text
    assert "pytorch: damaged" in text and "1 thing is" not in text


def test_an_unknown_hash_is_no_good_hash(good: Path, tmp_path: Path) -> None:
    (good / CHECKPOINTS / HASHES).unlink()
    status, text = said(tmp_path, "--verify")
    assert status == 1
    assert f"bytes and not {PUBLISHED['ditto_pytorch/models/decoder.pth'].size}" in text


def test_it_is_asked_for_one_thing_at_a_time(tmp_path: Path) -> None:
    assert said(tmp_path)[0] == 2
    assert said(tmp_path, "--verify", "--diagnose")[0] == 2
    assert said(tmp_path, "--help")[0] == 0


# -- download ----------------------------------------------------------------------------------------------


class Hub(Fake):
    """As much of the hub as tells the hashes of its files."""

    def __init__(self) -> None:
        super().__init__()
        self.tree: list[dict[str, object]] = []

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/api/models/{owner}/{name}/tree/{revision}", self._tree)]

    async def _tree(self, request: web.Request) -> web.Response:
        assert request.match_info["revision"] == COMMIT and request.query["recursive"] == "true"
        return web.json_response(self.tree)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        yield server


def stand_in_for_fetch(folder: Path, status: int = 0) -> dict[str, str]:
    """The house's fetch, replaced by one that only writes down how it was called."""
    place = folder / "stand_in"
    place.mkdir(exist_ok=True)
    record = folder / "called.txt"
    (place / "sitecustomize.py").write_text(
        "import sys, runpy\n"
        "if 'app.sidecars.fetch' in sys.orig_argv:\n"
        f"    open({str(record)!r}, 'w').write(' '.join(sys.orig_argv))\n"
        f"    import os\n    os._exit({status})\n"
    )
    return {"PYTHONPATH": str(place)}


def test_a_download_calls_the_house_s_fetch_and_keeps_the_hashes_that_the_hub_tells(
    good: Path, tmp_path: Path, hub: Hub
) -> None:
    checkpoints = good / CHECKPOINTS
    known = read_hashes(checkpoints)
    hub.tree = [
        {"type": "file", "path": path, "size": 130, "lfs": {"oid": one.sha256, "size": one.size}}
        for path, one in known.items()
    ]
    hub.tree += [{"type": "directory", "path": "ditto_cfg"}, {"type": "file", "path": "README.md", "size": 3}]
    (checkpoints / HASHES).unlink()
    env = stand_in_for_fetch(tmp_path)
    status, text = said(tmp_path, "--download-models", "--accept-licence", HF_ENDPOINT=hub.url, **env)
    assert status == 0, text
    called = (tmp_path / "called.txt").read_text()
    assert called.endswith(f"-m app.sidecars.fetch ditto --folder {good} --accept-licence")
    assert read_hashes(checkpoints) == known
    assert "non-commercial" in text and "The hub told the hashes of 12 files." in text and "Usable: pytorch" in text


def test_a_damaged_file_is_removed_so_that_it_is_fetched_again(good: Path, tmp_path: Path, hub: Hub) -> None:
    model = good / CHECKPOINTS / "ditto_pytorch/models/decoder.pth"
    model.write_bytes(model.read_bytes()[::-1])
    status, text = said(tmp_path, "--download-models", HF_ENDPOINT=hub.url, **stand_in_for_fetch(tmp_path))
    assert status == 1 and not model.exists()
    assert "decoder.pth was damaged; it is fetched again" in text
    assert "--accept-licence" not in (tmp_path / "called.txt").read_text()


def test_a_fetch_that_fails_is_told(tmp_path: Path, hub: Hub) -> None:
    status, text = said(tmp_path, "--download-models", HF_ENDPOINT=hub.url, **stand_in_for_fetch(tmp_path, 1))
    assert status == 1 and "could not be fetched" in text and "goes on from here" in text
    assert not hub.sent


def test_a_hub_that_tells_another_hash_than_the_known_one_is_not_believed(good: Path, tmp_path: Path, hub: Hub) -> None:
    path = "ditto_cfg/v0.4_hubert_cfg_trt.pkl"
    hub.tree = [{"type": "file", "path": path, "size": 130, "lfs": {"oid": "0" * 64, "size": PUBLISHED[path].size}}]
    before = read_hashes(good / CHECKPOINTS)
    _, text = said(tmp_path, "--download-models", HF_ENDPOINT=hub.url, **stand_in_for_fetch(tmp_path))
    assert f"another hash of {path}" in text
    assert read_hashes(good / CHECKPOINTS) == before


def test_a_hub_that_does_not_answer_leaves_what_was_known(good: Path, tmp_path: Path) -> None:
    env = stand_in_for_fetch(tmp_path)
    status, text = said(tmp_path, "--download-models", HF_ENDPOINT="http://127.0.0.1:9", **env)
    assert status == 0 and "The hub did not tell its hashes" in text


def test_the_published_list_is_of_one_form() -> None:
    assert all(isinstance(one, Known) and one.size > 0 for one in PUBLISHED.values())
    hashes = [one.sha256 for one in PUBLISHED.values() if one.sha256]
    assert all(len(digest) == 64 and int(digest, 16) for digest in hashes) and len(set(hashes)) == len(hashes) == 14
    assert sum(one.size for path, one in PUBLISHED.items() if "pytorch" in path) == 2_314_719_638
    assert json.dumps(list(PUBLISHED))
