"""A checkout of Ditto without its networks: the real API surface of ``StreamSDK`` (antgroup/ditto-talkinghead e9191cf).

``write(folder)`` leaves the code, small checkpoints and their hashes. Six threads hand frames through queues, what
goes wrong in one is raised by ``close``, and the clip is written frame by frame into ``tmp_output_path``. Queues hold
four frames instead of a hundred, so that a test of few frames meets full ones. ``calls.jsonl`` tells what was asked.

How it misbehaves is a word in the file ``mood`` beside the code, read at every ``setup``.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "Ditto"))

from ditto_files import BACKENDS, CHECKPOINTS, PUBLISHED, Known, sha256, write_hashes

PIPELINE = '''
import json, os, queue, threading, time, traceback
from pathlib import Path
import numpy as np
from core.atomic_components.loader import load_image
from core.atomic_components.writer import Writer
from core.config import parse_cfg

HERE = Path(__file__).resolve().parents[1]


class OutOfMemoryError(RuntimeError):
    """As much of torch's as is used here."""


def said(**call):
    with open(HERE / "calls.jsonl", "a") as file:
        file.write(json.dumps(call) + "\\n")


class Source2Info:
    def insightface_det(self, img, **kwargs):
        """Boxes; a dark picture has no face in it."""
        assert img.dtype == np.uint8 and img.shape[2] == 3
        faces = 0 if img.mean() < 30 else 2 if img.mean() > 220 else 1
        return np.zeros((faces, 5), np.float32), None

    def _crop(self, img, **kwargs):
        boxes, _ = self.insightface_det(img)
        return None if len(boxes) == 0 else (img, np.eye(3), None)

    def __call__(self, img, **kwargs):
        img_crop, M_c2o, lmk203 = self._crop(img, **kwargs)
        return {"f_s": img_crop}


class AvatarRegistrar:
    def __init__(self):
        self.source2info = Source2Info()

    def __call__(self, source_path, max_dim=1920, n_frames=-1, **kwargs):
        rgb = load_image(source_path, max_dim)
        return {"img_rgb_lst": [rgb], **self.source2info(rgb, **kwargs)}


class Audio2Motion:
    seq_frames, valid_clip_len = 80, 70

    def setup(self, **kwargs):
        self.asked = kwargs

    def __call__(self, aud_cond, res_kp_seq=None):
        if Path(HERE / "mood").exists() and "think" in (HERE / "mood").read_text():
            time.sleep(0.3)
        return aud_cond if res_kp_seq is None else np.concatenate([res_kp_seq, aud_cond])


class Wav2Feat:
    support_streaming = True

    def wav2feat(self, audio, sr=16000):
        assert audio.dtype == np.float32 and audio.ndim == 1
        frames = int(np.ceil(len(audio) / 16000 * 25))
        padded = np.pad(audio, (0, frames * 640 - len(audio))).reshape(frames, 640)
        return np.abs(padded).mean(1)

    def __call__(self, audio_chunk, chunksize=(3, 5, 2)):
        assert len(audio_chunk) == 6480 and chunksize == (3, 5, 2)
        return np.abs(audio_chunk[1920:1920 + 3200].reshape(5, 640)).mean(1)


class Pipeline:
    def __init__(self, cfg_pkl, data_root, **kwargs):
        cfg = parse_cfg(cfg_pkl, data_root, kwargs)
        said(call="load", data_root=Path(data_root).name, models=cfg["models"])
        self.default_kwargs = cfg["default_kwargs"]
        self.avatar_registrar = AvatarRegistrar()
        self.audio2motion = Audio2Motion()
        self.wav2feat = Wav2Feat()

    def setup_Nd(self, N_d, fade_in=-1, fade_out=-1, ctrl_info=None):
        said(call="setup_Nd", N_d=N_d, fade_in=fade_in, fade_out=fade_out, ctrl_info=ctrl_info)
        self.N_d = N_d

    def setup(self, source_path, output_path, **kwargs):
        for name, value in self.default_kwargs.items():
            kwargs.setdefault(name, value)
        print("setup kwargs", kwargs)
        said(call="setup", **kwargs)
        self.mood = (HERE / "mood").read_text() if (HERE / "mood").exists() else ""
        self.online_mode = kwargs["online_mode"]
        self.source_info = self.avatar_registrar(source_path, max_dim=kwargs["max_size"])
        self.audio2motion.setup(sampling_timesteps=kwargs["sampling_timesteps"])
        self.output_path = output_path
        self.tmp_output_path = output_path + ".tmp.mp4"
        self.writer = Writer(self.tmp_output_path)
        self.worker_exception = None
        self.stop_event = threading.Event()
        names = ("audio2motion", "motion_stitch", "warp_f3d", "decode_f3d", "putback", "writer")
        for name in names:
            setattr(self, name + "_queue", queue.Queue(maxsize=4))
        self.thread_list = [threading.Thread(target=self._guarded, args=(name,)) for name in names]
        for thread in self.thread_list:
            thread.start()

    def _guarded(self, name):
        try:
            getattr(self, "_" + name)()
        except Exception as error:
            self.worker_exception = error
            self.stop_event.set()

    def _taken(self, waiting):
        while not self.stop_event.is_set():
            try:
                item = waiting.get(timeout=0.2)
            except queue.Empty:
                continue
            if item is None:
                return
            yield item

    def _moved(self, features, first):
        for number, one in enumerate(features, first):
            while not self.stop_event.is_set():
                try:
                    self.motion_stitch_queue.put([number, float(one)], timeout=0.2)
                    break
                except queue.Full:
                    continue

    def _handed(self, source, target, change=lambda item: item):
        for item in self._taken(source):
            target.put(change(item))
        target.put(None)

    def _motion_stitch(self):
        self._handed(self.motion_stitch_queue, self.warp_f3d_queue)

    def _warp_f3d(self):
        self._handed(self.warp_f3d_queue, self.decode_f3d_queue)

    def _decode_f3d(self):
        def decoded(item):
            if self.mood == "worker" and item[0] == 5:
                raise ValueError("the decoder broke")
            if self.mood == "oom" and item[0] == 5:
                raise OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return item
        self._handed(self.decode_f3d_queue, self.putback_queue, decoded)

    def _putback(self):
        def put_back(item):
            number, level = item
            if self.mood == "hang" and number == 3:
                time.sleep(3600)
            if self.mood == "slow":
                time.sleep(0.03)
            frame = self.source_info["img_rgb_lst"][0].copy()
            height = frame.shape[0]
            frame[height - max(1, int(height * min(1.0, level * 4))):] = 255
            return frame
        self._handed(self.putback_queue, self.writer_queue, put_back)

    def _writer(self):
        for number, frame in enumerate(self._taken(self.writer_queue)):
            if not (self.mood == "short" and number == 2):
                self.writer(frame, fmt="rgb")

    def close(self):
        self.audio2motion_queue.put(None)
        for thread in self.thread_list:
            thread.join()
        try:
            self.writer.close()
        except:
            traceback.print_exc()
        if self.worker_exception is not None:
            raise self.worker_exception
'''

OFFLINE = """
from core.pipeline import Pipeline
import numpy as np


class StreamSDK(Pipeline):
    def _audio2motion(self):
        for features in self._taken(self.audio2motion_queue):
            found = None
            for at in range(0, len(features), self.audio2motion.valid_clip_len):
                found = self.audio2motion(features[at : at + self.audio2motion.valid_clip_len], found)
            self._moved(found, 0)
            break
        self.motion_stitch_queue.put(None)
"""

ONLINE = """
from core.pipeline import Pipeline
import queue


class StreamSDK(Pipeline):
    def run_chunk(self, audio_chunk, chunksize=(3, 5, 2)):
        features = self.wav2feat(audio_chunk, chunksize=chunksize)
        while not self.stop_event.is_set():
            try:
                self.audio2motion_queue.put(features, timeout=0.2)
                break
            except queue.Full:
                continue

    def _audio2motion(self):
        first = 0
        for features in self._taken(self.audio2motion_queue):
            self._moved(self.audio2motion(features), first)
            first += len(features)
        self.motion_stitch_queue.put(None)
"""

LOADER = """
import cv2

def load_image(image_path, max_dim=-1):
    img = cv2.cvtColor(cv2.imread(image_path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    h, w = img.shape[:2]
    if 0 < max_dim < max(h, w):
        h, w = round(h * max_dim / max(h, w)), round(w * max_dim / max(h, w))
    return cv2.resize(img, (w // 2 * 2, h // 2 * 2))
"""

WRITER = """
import os
import av


class Writer:
    def __init__(self, video_path, fps=25):
        os.makedirs(os.path.dirname(video_path), exist_ok=True)
        self.path, self.fps, self.out = video_path, fps, None

    def __call__(self, img, fmt="bgr"):
        if self.out is None:
            self.out = av.open(self.path, "w")
            self.stream = self.out.add_stream("libx264", rate=self.fps, options={"crf": "18", "preset": "veryfast"})
            self.stream.height, self.stream.width = img.shape[:2]
            self.stream.pix_fmt = "yuv420p"
        self.out.mux(self.stream.encode(av.VideoFrame.from_ndarray(img, format="rgb24")))

    def close(self):
        if self.out is not None:
            self.out.mux(self.stream.encode(None))
            self.out.close()
"""

CONFIG = """
import os
import pickle

def parse_cfg(cfg_pkl, data_root, replace_cfg=None):
    with open(cfg_pkl, "rb") as file:
        cfg = pickle.load(file)
    for part, values in (replace_cfg or {}).items():
        cfg[part].update(values)
    models = [value for one in cfg["base_cfg"].values() for key, value in one.items() if key.endswith("_path")]
    models.append(cfg["audio2motion_cfg"]["model_path"])
    for model in models:
        with open(os.path.join(data_root, model), "rb") as file:
            file.read()
    return {"models": sorted(models), "default_kwargs": cfg["default_kwargs"]}
"""

BLEND = """
import pyximport
pyximport.install()
import os
import shutil
if shutil.which("gcc") is None and shutil.which("cc") is None:
    raise ImportError("Building module core.utils.blend.blend failed: ['CompileError: command gcc failed']")
open(os.path.join(pyximport.built, "blend.so"), "w").close()
"""

PYXIMPORT = '''
import os
built = ""

def install(build_dir=None):
    """Only the first call counts, as in Cython."""
    global built
    if not built:
        built = build_dir or os.path.expanduser("~/.pyxbld")
        os.makedirs(built, exist_ok=True)
'''

FILES = {
    "core/__init__.py": "",
    "core/atomic_components/__init__.py": "",
    "core/utils/__init__.py": "",
    "core/pipeline.py": PIPELINE,
    "core/config.py": CONFIG,
    "core/atomic_components/loader.py": LOADER,
    "core/atomic_components/writer.py": WRITER,
    "core/utils/blend/__init__.py": BLEND,
    "stream_pipeline_offline.py": OFFLINE,
    "stream_pipeline_online.py": ONLINE,
    "pyximport.py": PYXIMPORT,
}


def config(backend: str, online: bool = False) -> dict[str, Any]:
    """A configuration of the published form."""
    files = [path.split("/", 1)[1] for path in BACKENDS[backend].files]
    lmdm = next(path for path in files if "lmdm" in path)
    base = {f"{Path(path).stem}_cfg": {"model_path": path, "device": "cuda"} for path in files if path != lmdm}
    return {
        "base_cfg": base,
        "audio2motion_cfg": {"model_path": lmdm, "device": "cuda", "seq_frames": 80},
        "default_kwargs": {"max_size": 1920, "crop_scale": 2.3, "emo": 4, "online_mode": online, "fade_type": ""},
    }


def write(folder: Path, *backends: str) -> Path:
    """The checkout ``folder``/ditto with the checkpoints of ``backends`` (default: pytorch) and their hashes."""
    code = folder / "ditto"
    for name, text in FILES.items():
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text(text, "utf-8")
    checkpoints = code / CHECKPOINTS
    for name in backends or ("pytorch",):
        backend = BACKENDS[name]
        source = "tensorrt" if name == "onnx" else name
        contents = {path: path.encode() for path in backend.files}
        contents[backend.config] = pickle.dumps(config(source))
        if backend.online:
            contents[backend.online] = pickle.dumps(config(source, True))
        for path, content in contents.items():
            (checkpoints / path).parent.mkdir(parents=True, exist_ok=True)
            (checkpoints / path).write_bytes(content)
    keep_hashes(checkpoints)
    return code


def keep_hashes(checkpoints: Path) -> None:
    """As a download leaves them: of what is there now, and of nothing else."""
    there = [path for path in checkpoints.rglob("*") if path.is_file() and not path.name.startswith(".")]
    known = {path.relative_to(checkpoints).as_posix(): Known(path.stat().st_size, sha256(path)) for path in there}
    write_hashes(checkpoints, known)
    assert set(known) <= set(PUBLISHED) | {path for one in BACKENDS.values() for path in one.wanted}


def calls(code: Path, kind: str = "") -> list[dict[str, Any]]:
    lines = (code / "calls.jsonl").read_text("utf-8").splitlines() if (code / "calls.jsonl").exists() else []
    return [call for call in map(json.loads, lines) if call["call"] == kind or not kind]
