"""Is this machine ready for Ditto, and if not, what to do: ``--diagnose``, ``--download-models``, ``--verify``.

Runs on a machine where nothing is installed yet: only the standard library is imported, the rest is looked for.
Exit status: 0 all is well; 1 something is missing, damaged or could not be fetched; 2 it was asked for wrongly.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from ditto_files import (
    BACKENDS,
    CHECKPOINTS,
    CODE_COMMIT,
    CODE_REPO,
    COMMIT,
    LICENCE,
    NAME,
    PUBLISHED,
    REPO,
    Checkpoints,
    Known,
    NotPlain,
    installed,
    read_config,
    sha256,
    write_hashes,
)

ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("av", "fastapi", "librosa", "cv2", "imageio", "imageio_ffmpeg", "filetype", "skimage", "Cython", "tqdm")
"""Without these no backend works, as they are imported."""
_FOR_PYTORCH = ("einops", "mediapipe", "onnxruntime")
_LEAST_GB = 8
_PATIENCE_S = 60
_NEEDED_TO_FETCH = ("huggingface_hub", "pydantic", "pydantic_settings")


class Told:
    """What is said, line by line, and whether anything is wrong."""

    def __init__(self) -> None:
        self.wrong = 0

    def ok(self, line: str) -> None:
        say(f"  ok       {line}")

    def note(self, line: str) -> None:
        say(f"  note     {line}")

    def lacks(self, line: str, then: str = "") -> None:
        self.wrong += 1
        say(f"  MISSING  {line}")
        if then:
            say(f"           -> {then}")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def setting(name: str) -> str:
    """From the environment, else from ``.env`` where the command was given, as the sidecar itself reads it."""
    if value := os.environ.get(name, ""):
        return value
    try:
        lines = Path(".env").read_text("utf-8").splitlines()
    except OSError:
        return ""
    for line in lines:
        key, _, value = line.partition("=")
        if key.strip().removeprefix("export ").strip().upper() == name:
            return value.strip().strip("'\"")
    return ""


# -- diagnose --------------------------------------------------------------------------------------------


def diagnose(code: Path, checkpoints: Checkpoints) -> int:
    told = Told()
    say("Machine")
    _python(told)
    _device(told)
    _torch(told)
    _compiler(told)
    say("Packages")
    _packages(told)
    say("Files")
    _checkout(told, code)
    backend, reason = checkpoints.chosen(setting("SIDECAR_DITTO_BACKEND") or "auto")
    if backend is None:
        told.lacks(
            f"no complete set of models in {checkpoints.folder} ({reason})",
            "python Ditto/setup_ditto.py --download-models",
        )
    else:
        told.ok(f"models for {backend.name} in {checkpoints.folder}; --verify reads them whole")
    say("  note     ffmpeg is not needed: sound and clip are joined by the package av")
    return _summary(told, "Ditto can be started: ./deploy.sh sidecar ditto")


def _python(told: Told) -> None:
    version = platform.python_version()
    generation = sys.version_info[:2]
    if generation in ((3, 11), (3, 12)):
        told.ok(f"Python {version}")
    elif generation < (3, 11):
        told.lacks(f"Python {version} is too old", "install Python 3.11 and start this with it")
    else:
        told.note(f"Python {version}: Ditto's libraries of 2024 want 3.11 or 3.12")


def _device(told: Told) -> None:
    found = _nvidia()
    if not found:
        told.lacks("no NVIDIA GPU was found (nvidia-smi is not there or does not answer)",
                   "Ditto needs one; avatar/builtin works on a CPU")  # fmt: skip
    for name, total_mb, free_mb, driver in found:
        told.ok(f"GPU {name}: {total_mb / 1024:.0f} GB, {free_mb / 1024:.0f} GB free, driver {driver}")
    if found and max(total for _, total, _, _ in found) < _LEAST_GB * 1024:
        told.note(f"less than {_LEAST_GB} GB of GPU memory may be too little; a smaller max_size helps")


def _nvidia() -> list[tuple[str, int, int, str]]:
    """Name, memory and free memory in MB, and driver of each GPU."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    query = ["--query-gpu=name,memory.total,memory.free,driver_version", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run([command, *query], capture_output=True, text=True, timeout=20, check=True).stdout
        rows = [[cell.strip() for cell in line.split(",")] for line in answer.splitlines() if line.strip()]
        return [(name, int(total), int(free), driver) for name, total, free, driver in rows]
    except (OSError, subprocess.SubprocessError, ValueError):
        return []


def _torch(told: Told) -> None:
    if not installed("torch"):
        told.lacks("PyTorch is not installed here", "./deploy.sh sidecar ditto sets up .venv-ditto; use its python")
    else:
        code = (
            "import torch; print(torch.__version__, torch.version.cuda, torch.cuda.is_available(), "
            "torch.cuda.get_device_capability() if torch.cuda.is_available() else '-')"
        )
        try:
            # In a process of its own: a broken CUDA may end the one that asks it.
            seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
            version, cuda, usable = seen.stdout.split()[:3]
        except (OSError, subprocess.SubprocessError, ValueError):
            told.lacks("PyTorch is installed and cannot be imported", f"{sys.executable} -c 'import torch' tells why")
            return
        if usable == "True":
            told.ok(f"PyTorch {version}, CUDA {cuda}, compute capability {seen.stdout.split(maxsplit=3)[3].strip()}")
        elif cuda == "None":
            told.lacks(f"PyTorch {version} is a build for CPUs", "./deploy.sh sidecar ditto sets up one for GPUs")
        else:
            told.lacks(
                f"PyTorch {version} sees no GPU (it was built for CUDA {cuda})", "the driver may be too old for it"
            )
    if installed("tensorrt"):
        version = _version("tensorrt")
        told.ok(f"TensorRT {version}")
        if not version.startswith("8.6"):
            told.note("the published engines are of TensorRT 8.6.1: convert ditto_onnx by scripts/cvt_onnx_to_trt.py")
    else:
        told.note("TensorRT is not installed: PyTorch is used, which is slower")


def _compiler(told: Told) -> None:
    named = (os.environ.get("CC") or str(sysconfig.get_config_var("CC") or "cc")).split()[0]
    found = shutil.which(named) or shutil.which("cc")
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    if found is None:
        told.lacks(f"there is no C compiler ({named})", "Debian, Ubuntu: apt install gcc python3-dev")
    elif not header.is_file():
        told.lacks(f"{header} is not there: the blending cannot be compiled", "Debian, Ubuntu: apt install python3-dev")
    else:
        told.ok(f"C compiler {found}")


def _packages(told: Told) -> None:
    lacking = [name for name in _PACKAGES if not installed(name)]
    if lacking:
        told.lacks(f"{', '.join(lacking)}", "./deploy.sh sidecar ditto, or pip install -r Ditto/requirements.txt")
    else:
        told.ok(f"all {len(_PACKAGES)} that every backend needs")
    if lacking := [name for name in _FOR_PYTORCH if not installed(name)]:
        told.note(f"the PyTorch models want {', '.join(lacking)}, too")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "of unknown version"


def _checkout(told: Told, code: Path) -> None:
    if not (code / "stream_pipeline_offline.py").is_file():
        told.lacks(f"no checkout of Ditto in {code}", "python Ditto/setup_ditto.py --download-models")
        return
    commit = commit_of(code)
    if commit == CODE_COMMIT:
        told.ok(f"checkout {code} of {CODE_REPO} at {commit[:12]}")
    else:
        told.note(
            f"checkout {code} is at {commit[:12] or 'an unknown commit'}; this sidecar was made for {CODE_COMMIT[:12]}"
        )


def commit_of(code: Path) -> str:
    """Of a fetched or a cloned checkout; empty: nobody knows."""
    try:
        for line in (code / ".revision").read_text("utf-8").splitlines():
            repo, _, commit = line.partition(" ")
            if repo == CODE_REPO:
                return commit.strip()
    except OSError:
        pass
    try:
        head = (code / ".git" / "HEAD").read_text("utf-8").strip()
        name = head.removeprefix("ref: ")
        return (code / ".git" / name).read_text("utf-8").strip() if name != head else head
    except OSError:
        return ""


# -- verify ----------------------------------------------------------------------------------------------


def verify(code: Path, checkpoints: Checkpoints) -> int:
    """Every checkpoint by size and hash. All files of one backend are enough; a damaged file is always wrong."""
    told = Told()
    say(f"Checkpoints in {checkpoints.folder} ({REPO} at {COMMIT[:12]})")
    there = [path for path in checkpoints.known if (checkpoints.folder / path).is_file()]
    wrong = {path: reason for path in there if (reason := checkpoints.wrong(path))}
    for path in there:
        size = (checkpoints.folder / path).stat().st_size
        if path in wrong:
            told.lacks(f"{path} {wrong[path]}")
        else:
            told.ok(f"{path}  {size} bytes  sha256 {checkpoints.known[path].sha256[:16]}...")
    for path in sorted(path for path in there if path.endswith(".pkl") and path not in wrong):
        try:
            read_config(checkpoints.folder / path)
        except NotPlain as error:
            told.lacks(f"{path} is not used, because {error}")
    whole = [
        one.name for one in BACKENDS.values() if not any(path in wrong or path not in there for path in one.wanted)
    ]
    for backend in BACKENDS.values():
        absent = [path for path in backend.wanted if path not in there]
        state = "whole" if backend.name in whole else f"{len(absent)} of {len(backend.wanted)} files are not there"
        told.note(f"{backend.name}: {state if absent or backend.name in whole else 'damaged'}")
    if not whole:
        told.lacks("no backend has all its files")
    _checkout(told, code)
    return _summary(told, f"All is as published. Usable: {', '.join(whole)}.")


def _summary(told: Told, well: str) -> int:
    if not told.wrong:
        say(well)
        return 0
    things = "thing is" if told.wrong == 1 else "things are"
    say(f"{told.wrong} {things} missing or damaged. Files are brought and mended by")
    say("  python Ditto/setup_ditto.py --download-models")
    return 1


# -- download --------------------------------------------------------------------------------------------


def download(code: Path, checkpoints: Path, accepted: bool) -> int:
    """The house's fetch, then the hub's own hashes, then a look at every file."""
    say(f"Licence: {LICENCE}")
    _without_damaged(Checkpoints(checkpoints))
    if all(installed(name) for name in _NEEDED_TO_FETCH):
        command = [sys.executable, "-m", "app.sidecars.fetch"]
    else:
        # It makes a small environment of its own for that.
        command = ["bash", str(ROOT / "deploy.sh"), "fetch"]
    more = [NAME, "--folder", str(code.resolve()), *(["--accept-licence"] if accepted else [])]
    try:
        status = subprocess.run([*command, *more], cwd=ROOT).returncode
    except OSError as error:
        say(f"The fetch could not be started: {error}")
        return 1
    if status:
        say("The files could not be fetched; the lines above tell why. The same command goes on from here.")
        return 1
    if reason := _ask_hashes(checkpoints):
        say(f"{reason} Files whose hash is not known are not used.")
    return verify(code, Checkpoints(checkpoints))


def _without_damaged(checkpoints: Checkpoints) -> None:
    """A file that is as large as it should be and is another one would be taken for fetched."""
    for path, known in checkpoints.known.items():
        if known.sha256 and not checkpoints.size_wrong(path) and checkpoints.wrong(path):
            (checkpoints.folder / path).unlink()
            say(f"{path} was damaged; it is fetched again.")


def _ask_hashes(folder: Path) -> str:
    """Ask the hub for the SHA-256 of its files at COMMIT and keep them. Returns what went wrong; empty: nothing.

    The hub's tree (huggingface.co/docs/hub/api) tells it for large files; of small ones the content is trusted as it
    was fetched from the same commit.
    """
    endpoint = (setting("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")
    url = f"{endpoint}/api/models/{REPO}/tree/{COMMIT}?recursive=true"
    token = setting("HF_TOKEN") or setting("HUGGING_FACE_HUB_TOKEN")
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_S) as answer:
            tree = json.load(answer)
        told = {one["path"]: one for one in tree if one.get("type") == "file"}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"The hub did not tell its hashes ({type(error).__name__})."
    known: dict[str, Known] = {}
    for path, one in told.items():
        if path not in {wanted for backend in BACKENDS.values() for wanted in backend.wanted} | set(PUBLISHED):
            continue
        lfs = one.get("lfs") or {}
        digest = str(lfs.get("oid") or lfs.get("sha256") or "").removeprefix("sha256:")
        if not digest and (folder / path).is_file():
            digest = sha256(folder / path)
        published = PUBLISHED.get(path, Known(0)).sha256
        if published and digest != published:
            return f"The hub tells another hash of {path} than the one known here: nothing of it is believed."
        known[path] = Known(int(lfs.get("size") or one.get("size") or 0), digest)
    write_hashes(folder, known)
    say(f"The hub told the hashes of {len(known)} files.")
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Is this machine ready for Ditto, and if not, what to do.")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--diagnose", action="store_true", help="look at GPU, CUDA, packages, compiler and files")
    action.add_argument("--download-models", action="store_true", help="bring the program and the checkpoints")
    action.add_argument("--verify", action="store_true", help="read every checkpoint and compare its hash")
    parser.add_argument("--folder", type=Path, help="the checkout, if it is not MODELS_DIR/ditto")
    parser.add_argument("--accept-licence", action="store_true", help="with --download-models: you may use the weights")
    asked = parser.parse_args(argv)
    models = Path(setting("MODELS_DIR") or "models")
    code = asked.folder or Path(setting("SIDECAR_DITTO_CODE") or models / NAME)
    own = setting("SIDECAR_DITTO_CHECKPOINTS")
    folder = Path(own) if own and not asked.folder else code / CHECKPOINTS
    if asked.download_models:
        return download(code, folder, asked.accept_licence)
    return (diagnose if asked.diagnose else verify)(code, Checkpoints(folder))


if __name__ == "__main__":
    sys.exit(main())
