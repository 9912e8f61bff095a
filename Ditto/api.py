"""The avatar sidecar: ``python Ditto/api.py`` keeps Ditto's model and makes a photo speak a recording.

It drives the official ``StreamSDK`` of a checkout (github.com/antgroup/ditto-talkinghead at e9191cf, Apache-2.0) in
the way of its ``inference.py``; how a run of it is counted and stopped is in ``ditto_sdk``.

A request is ``{"emotion", "crop_scale", "sampling_steps", "fade_in", "fade_out", "max_size", "seed"}`` with the files
``photo`` and ``audio``. The result is ``clip.mp4``: 25 frames a second, H.264 and AAC.
"""

from __future__ import annotations

import importlib
import os
import random
import shutil
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import ditto_sound
import numpy as np
from ditto_files import CHECKPOINTS, NAME, Backend, Checkpoints, NotPlain, onnx_name, read_config
from ditto_sdk import DRAWN, LeftBehind, Presentation
from loguru import logger
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import SettingsConfigDict

from app.core.errors import EngineFailed, EngineUnavailable
from app.sidecars.harness import Model, Run, SidecarSettings, serve, settings_from
from app.sidecars.weights import revisions

DEFAULT_PORT = 50010
_HELP = "python Ditto/setup_ditto.py --diagnose tells more"


class DittoSettings(SidecarSettings):
    model_config = SettingsConfigDict(env_prefix="SIDECAR_DITTO_")

    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    code: Path | None = None
    """A checkout of antgroup/ditto-talkinghead; none: MODELS_DIR/ditto."""
    checkpoints: Path | None = None
    """The files of the hub's digital-avatar/ditto-talkinghead; none: ``checkpoints`` in the checkout."""
    backend: Literal["auto", "tensorrt", "pytorch", "onnx"] = "auto"
    online: bool = False
    """The pipeline for sound that comes in pieces: less memory with long recordings."""
    max_s: float = Field(default=1200, gt=0)
    """The longest recording that is taken, seconds."""
    join_s: float = Field(default=60, gt=0)
    """How long the threads of a stopped run may take; then they are left behind and the model is loaded anew."""


class Asked(BaseModel):
    """A request's numbers; the defaults are the SDK's own, but for the fades, which are short ones."""

    model_config = ConfigDict(extra="ignore")

    emotion: int = Field(default=4, ge=0, le=7)
    """Angry, disgust, fear, happy, neutral, sad, surprise, contempt."""
    crop_scale: float = Field(default=2.3, ge=1, le=5)
    """How much around the face is moved along; larger: more."""
    sampling_steps: int = Field(default=50, ge=10, le=100)
    fade_in: int = Field(default=5, ge=0, le=250)
    fade_out: int = Field(default=5, ge=0, le=250)
    """Frames in which the expression comes from that of the photo, and goes back to it."""
    max_size: int = Field(default=1920, ge=256, le=4096)
    """Longest side of the clip; a larger photo is made smaller."""
    seed: int = 0

    def setup(self, online: bool) -> dict[str, Any]:
        return {
            "emo": self.emotion,
            "crop_scale": self.crop_scale,
            "sampling_timesteps": self.sampling_steps,
            "max_size": self.max_size,
            # Without a type the SDK ignores its fades; "s" is the expression of the source.
            "fade_type": "s" if self.fade_in or self.fade_out else "",
            "online_mode": online,
        }


class Ditto(Model):
    name: ClassVar[str] = NAME

    def __init__(self, settings: DittoSettings) -> None:
        self._settings = settings
        self._code = settings.code or settings.models_dir / NAME
        self._folder = settings.checkpoints or self._code / CHECKPOINTS
        self._backend: Backend | None = None
        self._config_file = Path()
        self._config: dict[str, Any] = {}
        self._sdk: Any = None
        self._lack = ""
        self.left_behind = False
        """Threads that never end are still there: the process must not wait for them."""

    # -- set-up ------------------------------------------------------------------------------------------

    def setup(self) -> None:
        """Check every file, compile what the project compiles, load the models. Raises EngineUnavailable."""
        try:
            self._check_files()
            self._import()
            self._load()
        except EngineUnavailable as error:
            self._lack = error.detail
            raise

    def _check_files(self) -> None:
        if not (self._code / f"{self._pipeline}.py").is_file():
            raise EngineUnavailable(f"There is no checkout of Ditto in {self._code}: ./deploy.sh fetch {NAME}")
        checkpoints = Checkpoints(self._folder)
        backend, reason = checkpoints.chosen(self._settings.backend)
        if backend is None:
            raise EngineUnavailable(f"Ditto has not all it needs in {self._folder}: {reason}; {_HELP}")
        config = backend.online if self._settings.online else backend.config
        if not config:
            raise EngineUnavailable(
                f"No configuration for sound in pieces was published for {backend.name}: ONLINE=false"
            )
        for path in (config, *backend.files):
            # The configuration and the .pth files are pickles: an unknown one is not even opened by the project.
            if wrong := checkpoints.wrong(path):
                raise EngineUnavailable(
                    f"Ditto's file {path} {wrong}: python Ditto/setup_ditto.py --download-models, then --verify"
                )
        try:
            self._config = read_config(self._folder / config)
        except NotPlain as error:
            raise EngineUnavailable(f"Ditto's configuration {config} is not used, because {error}") from None
        self._backend, self._config_file = backend, self._folder / config

    @property
    def _pipeline(self) -> str:
        return f"stream_pipeline_{'online' if self._settings.online else 'offline'}"

    def _import(self) -> None:
        """The project compiles a few lines of C when it is imported: into our folder, and told plainly if it cannot."""
        sys.path.append(str(self._code.resolve()))
        # Its progress bars would be a line of the log per frame.
        os.environ.setdefault("TQDM_DISABLE", "1")
        compiled = (self._settings.data_dir or Path("data/sidecars") / NAME) / "compiled"
        try:
            importlib.import_module("pyximport").install(build_dir=str(compiled.resolve()))
            importlib.import_module("core.utils.blend")
        except ModuleNotFoundError as error:
            raise EngineUnavailable(f"Ditto needs the package {error.name}: Ditto/requirements.txt") from error
        except (ImportError, OSError) as error:
            raise EngineUnavailable(f"Ditto's blending could not be compiled: {_why_not_compiled(error)}") from error

    def _load(self) -> None:
        assert self._backend is not None
        replaced = _graphs(self._config) if self._backend.name == "onnx" else {}
        began = time.monotonic()
        try:
            make = importlib.import_module(self._pipeline).StreamSDK
            self._sdk = make(str(self._config_file), str(self._folder / self._backend.data_root), **replaced)
        except ModuleNotFoundError as error:
            raise EngineUnavailable(f"Ditto needs the package {error.name}: Ditto/requirements.txt") from error
        except (ImportError, OSError, RuntimeError, ValueError, KeyError, AttributeError, AssertionError) as error:
            if "OutOfMemoryError" in {kind.__name__ for kind in type(error).__mro__}:
                raise EngineUnavailable("The device has too little memory left for Ditto's models") from error
            said = " ".join(str(error).split())[:300]
            raise EngineUnavailable(
                f"Ditto cannot load its models: {said} ({type(error).__name__}); {_HELP}"
            ) from error
        logger.info("Ditto was loaded by {} in {:.1f} s", self._backend.name, time.monotonic() - began)

    # -- a run -------------------------------------------------------------------------------------------

    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        asked = _asked(request)
        lacking = [name for name in ("photo", "audio") if name not in files]
        if lacking:
            raise EngineFailed(f"The run lacks the file {' and '.join(lacking)}")
        ditto_sound.check_picture(files["photo"])
        samples = ditto_sound.read(files["audio"], self._settings.max_s)
        frames = ditto_sound.frames_of(samples)
        run.check()
        if self._sdk is None:
            self._load()
        faces = self._faces(files["photo"], asked)
        work = folder / ".work"
        try:
            silent = self._silent(files["photo"], samples, frames, asked, work / "clip.mp4", run)
            run.progress(DRAWN, f"frame {frames} of {frames}")
            width, height = ditto_sound.join(silent, files["audio"], frames, folder / "clip.mp4")
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return {
            **asked.model_dump(),
            "frames": frames,
            "fps": ditto_sound.FPS,
            "duration_s": frames / ditto_sound.FPS,
            "width": width,
            "height": height,
            "faces": faces,
            "backend": self._backend.name if self._backend else "",
            "online": self._settings.online,
        }

    def _faces(self, photo: Path, asked: Asked) -> int:
        """How many faces its own detector finds; the largest will speak. Raises EngineFailed for none.

        Asked before the SDK is, because there no face is a TypeError somewhere inside.
        """
        load = importlib.import_module("core.atomic_components.loader").load_image
        found, _ = self._sdk.avatar_registrar.source2info.insightface_det(load(str(photo), max_dim=asked.max_size))
        if len(found) == 0:
            said = "Ditto finds no face in the photo"
            raise EngineFailed(f"no_face: {said}", errors=[{"type": "no_face", "loc": ["photo"], "msg": said}])
        return len(found)

    def _silent(
        self, photo: Path, samples: ditto_sound.Samples, frames: int, asked: Asked, out: Path, run: Run
    ) -> Path:
        online = self._settings.online
        presentation = Presentation(self._sdk, run, frames, online=online, join_s=self._settings.join_s)
        _seed(asked.seed, self._sdk)
        try:
            return presentation.silent(photo, samples, out, asked.setup(online), (asked.fade_in, asked.fade_out))
        except LeftBehind as error:
            self._sdk, self.left_behind = None, True
            logger.error("{}", error.detail)
            run.check()
            raise

    # -- health ------------------------------------------------------------------------------------------

    def models(self) -> tuple[list[str], dict[str, str]]:
        return (
            ([NAME], {}) if self._backend is not None and not self._lack else ([], {NAME: self._lack or "not loaded"})
        )

    def facts(self) -> dict[str, Any]:
        return {
            "backend": self._backend.name if self._backend else "",
            "online": self._settings.online,
            "loaded": self._sdk is not None,
            "revisions": revisions(self._code),
        }

    def device(self) -> str:
        torch = sys.modules.get("torch")
        if torch is None:
            return ""
        return f"cuda {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "cpu"

    def free(self) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()


def _asked(request: Mapping[str, Any]) -> Asked:
    try:
        return Asked(**{name: value for name, value in request.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise EngineFailed(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None


def _seed(seed: int, sdk: Any) -> None:
    """What the project draws its noise and its blinks from."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed % 2**63)
    # The motion model keeps its noise as long as the number of steps stays: that of a run with another seed.
    lmdm: Any = getattr(sdk.audio2motion, "lmdm", None)
    for part in (lmdm, getattr(lmdm, "model", None)):
        if part is not None and getattr(part, "sampling_timesteps", None) is not None:
            part.sampling_timesteps = None


def _graphs(config: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The TensorRT configuration with the ONNX graph of each engine in its place, for the SDK's own ``replace_cfg``."""
    base = {
        name: {key: onnx_name(value) if _is_engine(value) else value for key, value in part.items()}
        for name, part in config["base_cfg"].items()
    }
    model = config["audio2motion_cfg"].get("model_path", "")
    return {"base_cfg": base, "audio2motion_cfg": {"model_path": onnx_name(model) if _is_engine(model) else model}}


def _is_engine(value: Any) -> bool:
    return isinstance(value, str) and value.endswith((".engine", ".trt"))


def _why_not_compiled(error: BaseException) -> str:
    named = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    compiler = str(named).split()[0]
    if shutil.which(compiler) is None and shutil.which("cc") is None:
        return f"it needs a C compiler, and there is no {compiler} (Debian, Ubuntu: apt install gcc python3-dev)"
    return " ".join(str(error).split())[:300] or type(error).__name__


def main(argv: Sequence[str] | None = None) -> int:
    settings = settings_from(DittoSettings, argv)
    model = Ditto(settings)
    status = serve(model, settings)
    if model.left_behind:
        # Python would wait for threads that never end.
        logger.remove()
        os._exit(status)
    return status


if __name__ == "__main__":
    sys.exit(main())
