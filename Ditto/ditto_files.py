"""Which files Ditto needs, where they lie, and whether they are the published ones. Only the standard library.

The project (github.com/antgroup/ditto-talkinghead, Apache-2.0) reads its configuration and its ``.pth`` files with
pickle, which runs whatever code such a file holds. So a file is used only when its SHA-256 is known and right.

The hashes below are those that the hub gives for its large files at COMMIT. Of the others it tells them when they are
fetched (``setup_ditto.py --download-models``); they are kept in HASHES beside the files and count from then on.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "ditto"
CODE_REPO, CODE_COMMIT = "antgroup/ditto-talkinghead", "e9191cf6cf8cb41d296239889662c27bc592c9ee"
REPO, COMMIT = "digital-avatar/ditto-talkinghead", "e4a2f60328ee7c32af585ac4b3cce299e4c8e254"
LICENCE = "Apache-2.0; the face detector and 106 landmarks in it are InsightFace's, for non-commercial research only"
CHECKPOINTS = "checkpoints"
"""Folder of the checkout with the hub's files."""
HASHES = ".sha256.json"
"""Beside them: ``{path: {"size": bytes, "sha256": hex}}``."""
_CHUNK = 1 << 20
_TRT, _ONNX, _TORCH = "ditto_trt_Ampere_Plus", "ditto_onnx", "ditto_pytorch"


@dataclass(frozen=True)
class Known:
    size: int
    """Bytes; 0: not known."""
    sha256: str = ""
    """Empty: only the hub tells it."""


PUBLISHED: dict[str, Known] = {
    "ditto_cfg/v0.4_hubert_cfg_trt.pkl": Known(
        30924, "be6729ca19e25269c4447d8ff4062e18de053b0f6dd38fdb6ef8166de6e8f3e3"
    ),
    "ditto_cfg/v0.4_hubert_cfg_trt_online.pkl": Known(
        30924, "7f82e1e383b3a29f390921846dd4b9a22794d96d8d835391e6cfda87782b7044"
    ),
    "ditto_cfg/v0.4_hubert_cfg_pytorch.pkl": Known(31002),
    f"{_TRT}/appearance_extractor_fp16.engine": Known(
        2182172, "8aac43f36a5a8c28b73504422063a3f5e4e3f4e1eb753b41404c5efcd12d0d34"
    ),
    f"{_TRT}/blaze_face_fp16.engine": Known(
        1090452, "0da1dd976fadc55cf58291d49a567f031f208eab05de1fad4270deafc70daed2"
    ),
    f"{_TRT}/decoder_fp16.engine": Known(113774428, "e63716e70e28f10beab571fd96ba68d4af67c669a4a493c128a54f4f205c02a5"),
    f"{_TRT}/face_mesh_fp16.engine": Known(9238932, "488dba7cc5e5d3e69fa72696cf7a691e8b8c2b7c67044506c8b0d259f70c8d21"),
    f"{_TRT}/hubert_fp32.engine": Known(1460129364, "b05f0d13db35e064d78242d9f5e5269d4fab45808a67fe57b823550929278dec"),
    f"{_TRT}/insightface_det_fp16.engine": Known(
        9662916, "43b7989a62445c2d3b0f82c2fc18bf9eea3f82a66158c4f0d804eea0ee9a0aac"
    ),
    f"{_TRT}/landmark106_fp16.engine": Known(
        4255388, "0c17c706c774525cf4d8b995a6af47e09d3b644dcdc5d22c87be11141b082a06"
    ),
    f"{_TRT}/landmark203_fp16.engine": Known(
        58135076, "314e53dff4591e37c495e59b852bf6a081446cf9c9e12d0b033de772cccc98b9"
    ),
    f"{_TRT}/lmdm_v0.4_hubert_fp32.engine": Known(
        195143300, "a49ab8eb962ac4f1c9a8741540df5ab4f3d534fc2d0b6c86402f49e134dfd8a7"
    ),
    f"{_TRT}/motion_extractor_fp32.engine": Known(
        119783260, "e43f744d73da1a3d9576a6def56d72f8ac22795cc958be44cab64ede9c46150d"
    ),
    f"{_TRT}/stitch_network_fp16.engine": Known(
        381356, "14b87de206a7b4228971543fadf939f7bba4803726e76583bbd79c1e5f415fca"
    ),
    f"{_TRT}/warp_network_fp16.engine": Known(
        106624028, "1e791b7bffa8c0e987ec251a649b6cfbc54af559de9466de566251768956ba89"
    ),
    f"{_TORCH}/aux_models/2d106det.onnx": Known(5030888),
    f"{_TORCH}/aux_models/det_10g.onnx": Known(16923827),
    f"{_TORCH}/aux_models/face_landmarker.task": Known(3758596),
    f"{_TORCH}/aux_models/hubert_streaming_fix_kv.onnx": Known(1460740880),
    f"{_TORCH}/aux_models/landmark203.onnx": Known(114666491),
    f"{_TORCH}/models/appearance_extractor.pth": Known(3387959),
    f"{_TORCH}/models/decoder.pth": Known(221813590),
    f"{_TORCH}/models/lmdm_v0.4_hubert.pth": Known(191247715),
    f"{_TORCH}/models/motion_extractor.pth": Known(112545506),
    f"{_TORCH}/models/stitch_network.pth": Known(2393098),
    f"{_TORCH}/models/warp_network.pth": Known(182180086),
}
_ENGINES = tuple(path for path in PUBLISHED if path.startswith(_TRT))
_PRECISIONS = ("_fp16", "_fp32")


def onnx_name(engine: str) -> str:
    """The graph that a TensorRT engine was made from; of the warping the one without TensorRT's own operation."""
    stem = Path(engine).stem
    for precision in _PRECISIONS:
        stem = stem.removesuffix(precision)
    return f"{stem}_ori.onnx" if stem == "warp_network" else f"{stem}.onnx"


@dataclass(frozen=True)
class Backend:
    name: str
    config: str
    data_root: str
    files: tuple[str, ...]
    """What it needs besides the configuration."""
    package: str
    """Without it nothing of this kind can be run."""
    online: str = ""
    """Configuration for sound that comes in pieces; empty: none was published."""

    @property
    def wanted(self) -> tuple[str, ...]:
        return (self.config, *self.files)


BACKENDS: dict[str, Backend] = {
    one.name: one
    for one in (
        Backend(
            "tensorrt", "ditto_cfg/v0.4_hubert_cfg_trt.pkl", _TRT, _ENGINES, "tensorrt",
            "ditto_cfg/v0.4_hubert_cfg_trt_online.pkl",
        ),
        Backend(
            "pytorch", "ditto_cfg/v0.4_hubert_cfg_pytorch.pkl", _TORCH,
            tuple(path for path in PUBLISHED if path.startswith(_TORCH)), "torch",
        ),
        Backend(
            "onnx", "ditto_cfg/v0.4_hubert_cfg_trt.pkl", _ONNX,
            tuple(f"{_ONNX}/{onnx_name(path)}" for path in _ENGINES), "onnxruntime",
            "ditto_cfg/v0.4_hubert_cfg_trt_online.pkl",
        ),
    )
}  # fmt: skip
"""In the order in which they are tried: the fastest first."""


class Checkpoints:
    """The hub's files below ``folder`` and what is known of each. Reads the list of hashes once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known = {**PUBLISHED, **read_hashes(folder)}

    def lacking(self, backend: Backend) -> list[str]:
        """Files of it that are not there, or not whole by their size."""
        return [path for path in backend.wanted if self.size_wrong(path)]

    def size_wrong(self, path: str) -> str:
        """Empty: it is there and as large as it should be."""
        try:
            found = (self.folder / path).stat().st_size
        except OSError:
            return "is not there"
        wanted = self.known.get(path, Known(0)).size
        return f"has {found} bytes and not {wanted}" if wanted and found != wanted else ""

    def wrong(self, path: str) -> str:
        """What keeps a file from being used, in words; empty: its content is the known one. Reads all of it."""
        if wrong := self.size_wrong(path):
            return wrong
        wanted = self.known.get(path, Known(0)).sha256
        if not wanted:
            return "has no known hash, so nobody can tell whether it is the published one"
        return "" if sha256(self.folder / path) == wanted else "is damaged or another one: its SHA-256 is wrong"

    def chosen(self, wish: str = "auto") -> tuple[Backend | None, str]:
        """The backend to use, or None and why in words. ``wish``: one by name, or ``auto`` for the first that can."""
        reasons = []
        for backend in BACKENDS.values():
            if wish not in ("auto", backend.name):
                continue
            if lacking := self.lacking(backend):
                more = f" and {len(lacking) - 1} more files" if len(lacking) > 1 else ""
                reasons.append(f"{backend.name}: {lacking[0]} {self.size_wrong(lacking[0])}{more}")
            elif not installed(backend.package):
                reasons.append(f"{backend.name}: the package {backend.package} is not installed")
            else:
                return backend, ""
        return None, "; ".join(reasons)


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def read_hashes(folder: Path) -> dict[str, Known]:
    """What was kept at the download; empty for a folder that nobody checked."""
    try:
        kept = json.loads((folder / HASHES).read_text("utf-8"))
        return {str(path): Known(int(one["size"]), str(one["sha256"])) for path, one in kept.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def write_hashes(folder: Path, known: dict[str, Known]) -> None:
    part = folder / (HASHES + ".part")
    kept = {path: {"size": one.size, "sha256": one.sha256} for path, one in sorted(known.items())}
    part.write_text(json.dumps(kept, indent=1), "utf-8")
    part.replace(folder / HASHES)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in _chunks(file):
            digest.update(chunk)
    return digest.hexdigest()


def _chunks(file: io.BufferedReader) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk


class NotPlain(ValueError):
    """A configuration that holds more than numbers, words, lists and arrays."""


class _Plain(pickle.Unpickler):
    """Reads what arrays are made of and nothing else: no name in the file can lead to a function that does harm."""

    def find_class(self, module: str, name: str) -> Any:
        arrays = module.partition(".")[0] == "numpy" and name in ("_reconstruct", "scalar", "ndarray", "dtype")
        plain = module == "builtins" and name in ("dict", "list", "tuple", "set", "slice", "complex", "bytearray")
        if arrays or plain or (module, name) in (("collections", "OrderedDict"), ("_codecs", "encode")):
            return super().find_class(module, name)
        raise NotPlain(f"it names {module}.{name}")


def read_config(path: Path) -> dict[str, Any]:
    """The project's configuration, without running what may be hidden in it. Raises NotPlain with the reason."""
    try:
        with path.open("rb") as file:
            config = _Plain(file).load()
    except NotPlain:
        raise
    except (OSError, pickle.UnpicklingError, EOFError, ImportError, AttributeError, ValueError, TypeError,
            IndexError, KeyError) as error:  # fmt: skip
        raise NotPlain(f"it cannot be read: {type(error).__name__}") from error
    parts = ("base_cfg", "audio2motion_cfg", "default_kwargs")
    if not isinstance(config, dict) or not all(isinstance(config.get(part), dict) for part in parts):
        raise NotPlain(f"it is not one of Ditto's: it lacks {', '.join(parts)}")
    return config
