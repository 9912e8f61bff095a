"""Small moving clips, a stand-in for each enhancement model with the real interface, and a sidecar that enhances."""

from __future__ import annotations

import json
import tempfile
import textwrap
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from app.services.media import enlarge, inbetween
from fakes.sidecar import FakeSidecar, Made

Bgr = np.ndarray
WIDTH, HEIGHT = 192, 108


def scene(seed: int = 0, width: int = WIDTH, height: int = HEIGHT, speed: float = 2.0) -> Callable[[float], Bgr]:
    """A textured picture that pans while two squares move over it; asked for any moment, in frames."""
    rng = np.random.default_rng(seed)
    big = (height * 2, width * 2)
    level = (70, 110, 180)[seed % 3]
    soft = sum(cv2.GaussianBlur(rng.normal(0, 1, big), (0, 0), blur) * blur * 22 for blur in (2, 6))
    ground = np.clip(level + np.dstack([soft, soft * 0.9, soft * 0.8]), 16, 240).astype(np.uint8)
    colors = [tuple(int(value) for value in rng.integers(0, 255, 3)) for _ in range(2)]

    def moved(picture: Bgr, x: float, y: float) -> Bgr:
        matrix = np.array([[1.0, 0, x], [0, 1.0, y]])
        return cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)

    def at(moment: float) -> Bgr:
        picture = moved(ground, -width / 2 - speed * moment, -height / 2)
        for number, color in enumerate(colors):
            side = height // 5
            square = np.zeros((height, width, 3), np.uint8)
            left, top = width // 4 + number * width // 3, height // 4 + number * height // 4
            cv2.rectangle(square, (left, top), (left + side, top + side), color, -1)
            mask = np.zeros((height, width), np.uint8)
            cv2.rectangle(mask, (left, top), (left + side, top + side), 255, -1)
            x, y = speed * moment * (1, -0.5)[number], speed * moment * (0.5, 1)[number]
            share = moved(mask, x, y)[..., None] / 255
            picture = picture * (1 - share) + moved(square, x, y) * share
        return np.clip(picture + 0.5, 0, 255).astype(np.uint8)

    return at


def write_clip(
    path: Path,
    frames: Sequence[Bgr],
    *,
    fps: int = 12,
    times: Sequence[Fraction] | None = None,
    sound: str = "aac",
    kind: str = "yuv420p",
    crf: int = 6,
) -> Path:
    """A clip in BT.709 with a tone of its length. ``times``: when each picture is shown, seconds."""
    height, width = frames[0].shape[:2]
    tick = Fraction(1, 90_000) if times else Fraction(1, fps)
    with av.open(str(path), "w") as out:
        params = "colorprim=bt709:transfer=bt709:colormatrix=bt709:range=tv"
        options = {"crf": str(crf), "preset": "veryfast", "x264-params": params}
        video = out.add_stream("libx264", rate=fps, options=options)
        video.width, video.height, video.pix_fmt, video.codec_context.time_base = width, height, kind, tick
        audio = out.add_stream(sound, rate=48_000, layout="mono") if sound else None
        for number, picture in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame = frame.reformat(format=kind, dst_colorspace="ITU709", dst_color_range="MPEG")
            frame.time_base = tick
            frame.pts = round((times[number] if times else Fraction(number, fps)) / tick)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            length = (times[-1] if times else Fraction(len(frames), fps)) * 48_000
            tone = (np.sin(np.arange(int(length)) * 0.05) * 8000).astype(np.int16)
            block = av.AudioFrame.from_ndarray(tone[None], format="s16", layout="mono")
            block.sample_rate, block.pts = 48_000, 0
            block.time_base = Fraction(1, 48_000)
            out.mux(audio.encode(block))
            out.mux(audio.encode(None))
    return path


def seen(path: Path) -> tuple[list[Fraction], list[Bgr]]:
    """Times, from the first picture on, and pictures of a clip."""
    with av.open(str(path)) as clip:
        shown = [(frame.pts * frame.time_base, frame.to_ndarray(format="bgr24")) for frame in clip.decode(video=0)]
    return [time - shown[0][0] for time, _ in shown], [picture for _, picture in shown]


def sound_of(path: Path) -> list[tuple[Fraction, bytes]]:
    with av.open(str(path)) as clip:
        if not clip.streams.audio:
            return []
        track = clip.streams.audio[0]
        return [
            (packet.pts * packet.time_base, bytes(packet)) for packet in clip.demux(track) if packet.pts is not None
        ]


def psnr(first: Bgr, second: Bgr) -> float:
    """dB; 99 for the same."""
    error = float(((first.astype(np.float64) - second) ** 2).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def enhancing(request: dict[str, Any], files: Mapping[str, bytes]) -> Made:
    """What the sidecar does, by the builtin ways."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in.mp4").write_bytes(files["clip"])
        source, larger = str(folder / "in.mp4"), request["task"] == "superres"
        work, factor = (enlarge.task, request["scale"]) if larger else (inbetween.task, request["multi"])
        facts = work({"clip": source, "factor": factor}, folder, lambda: None)
        return {"rife_version": 4.25}, {"clip.mp4": (folder / facts["clip"]).read_bytes()}


def fake_enhance() -> FakeSidecar:
    fake = FakeSidecar(enhancing)
    fake.health["models"] = ["flashvsr", "rife"]
    return fake


_RIFE = """
import torch
from model.warplayer import mixed
from train_log.IFNet_HDv3 import IFNet

class Model:
    def __init__(self, local_rank=-1):
        self.flownet = IFNet()
        self.version = {version}
    def eval(self):
        self.flownet.eval()
    def device(self):
        self.flownet.to("cpu")
    def load_model(self, path, rank=0):
        state = torch.load(path + "/flownet.pkl", map_location="cpu")
        kept = {{k.replace("module.", ""): v for k, v in state.items() if "module." in k}}
        self.flownet.load_state_dict(kept, False)
    def inference(self, img0, img1, timestep=0.5, scale=1.0):
        assert img0.shape[2] % max(128, int(128 / scale)) == 0 and img0.shape[3] % max(128, int(128 / scale)) == 0
        return self.flownet(mixed(img0, img1, timestep))
"""
_IFNET = """
import torch

class IFNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.block = torch.nn.Conv2d(3, 3, 1)
    def forward(self, x):
        return self.block(x)
"""
_WARP = "def mixed(a, b, share):\n    return a * (1 - share) + b * share\n"


def rife_checkout(folder: Path, *, version: float = 4.25, prefix: str = "module.", extra: bool = True) -> Path:
    """A checkout of Practical-RIFE whose network mixes, with weights that leave the mixture as it is."""
    import torch

    (folder / "train_log").mkdir(parents=True)
    (folder / "model").mkdir()
    (folder / "train_log" / "RIFE_HDv3.py").write_text(_RIFE.format(version=version))
    (folder / "train_log" / "IFNet_HDv3.py").write_text(_IFNET)
    (folder / "model" / "warplayer.py").write_text(_WARP)
    state = {f"{prefix}block.weight": torch.eye(3)[..., None, None], f"{prefix}block.bias": torch.zeros(3)}
    if extra:
        state[f"{prefix}teacher.weight"] = torch.zeros(2)
    torch.save(state, folder / "train_log" / "flownet.pkl")
    return folder


_RUN = """
import argparse, json, os, pathlib, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("-i", "--input", type=str)
parser.add_argument("-s", "--scale", type=int, default=4)
parser.add_argument("-v", "--version", default="10", choices=["10", "11"])
parser.add_argument("-m", "--mode", default="tiny", choices=["tiny", "tiny-long", "full"])
parser.add_argument("--tiled-vae", action="store_true")
parser.add_argument("--tiled-dit", action="store_true")
parser.add_argument("--tile-size", type=int, default=256)
parser.add_argument("--overlap", type=int, default=24)
parser.add_argument("--unload-dit", action="store_true")
parser.add_argument("--color-fix", action="store_true")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("-t", "--dtype", default="bf16", choices=["fp16", "bf16"])
parser.add_argument("-d", "--device", default="auto")
parser.add_argument("-f", "--fps", type=int, default=30)
parser.add_argument("-q", "--quality", type=int, default=6)
parser.add_argument("-a", "--attention", default="sage", choices=["sage", "block"])
parser.add_argument("output_folder")
args = parser.parse_args()
import av, numpy as np
from PIL import Image
root = pathlib.Path(__file__).parent
for name in ("posi_prompt.pth", {folder!r} + "/Wan2.1_VAE.pth"):
    assert (root / "models" / name).exists()
if args.tiled_dit and args.mode != "tiny-long":
    raise NameError("temp_name")
pictures = [np.array(Image.open(p).convert("RGB")) for p in sorted(pathlib.Path(args.input).iterdir())]
with (root / "calls.jsonl").open("a") as log:
    log.write(json.dumps({{"pid": os.getpid(), "frames": len(pictures), **vars(args)}}) + chr(10))
if (root / "say").exists():
    sys.exit((root / "say").read_text())
while (root / "slow").exists():
    time.sleep(0.05)
height, width = (side * args.scale for side in pictures[0].shape[:2])
width, height = width // 128 * 128, height // 128 * 128
frames = [np.repeat(np.repeat(p, args.scale, 0), args.scale, 1)[:height, :width] for p in pictures]
if (root / "short").exists():
    frames = frames[:3]
assert len(frames) % 8 == 5 or len(frames) == 3, len(frames)
name = "FlashVSR_%s_%s_%d.mp4" % (args.mode, pathlib.Path(args.input).name.split(".")[0], args.seed)
with av.open(os.path.join(args.output_folder, name), "w") as out:
    video = out.add_stream("libx264", rate=args.fps, options={{"crf": "0", "preset": "ultrafast"}})
    video.width, video.height, video.pix_fmt = width, height, "yuv420p"
    for rgb in frames:
        out.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")))
    out.mux(video.encode(None))
"""


def flashvsr_checkout(folder: Path, version: str = "10") -> Path:
    """A checkout of FlashVSR_plus that repeats pixels and keeps the rules of its command."""
    weights = {"10": "FlashVSR", "11": "FlashVSR-v1.1"}[version]
    models = folder / "models" / weights
    models.mkdir(parents=True)
    for name in ("diffusion_pytorch_model_streaming_dmd.safetensors", "Wan2.1_VAE.pth", "LQ_proj_in.ckpt"):
        (models / name).write_bytes(b"weights")
    (models / "TCDecoder.ckpt").write_bytes(b"weights")
    (folder / "models" / "posi_prompt.pth").write_bytes(b"prompt")
    (folder / "run.py").write_text(textwrap.dedent(_RUN).format(folder=weights))
    return folder


def flashvsr_calls(folder: Path) -> list[dict[str, Any]]:
    """What the stand-in was called with."""
    log = folder / "calls.jsonl"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
