"""What a live photo costs and how calm it is, against a plain zoom into the same picture, in one run.

``python benchmarks/live_photo.py [--pictures DIR] [--sizes 640 1024] [--seconds 3.6]``. Per size and way: CPU seconds
for the depth, CPU seconds per second of the loop for the frames and for each file format, sizes in kB; how large the
step from the last frame to the first is, of the mean step; the greatest local stretch by depth; and how much the
direction of edges changes where the picture moved, in degrees, which torn or wobbling edges would raise. GIFs are
compared to Pillow's and FFmpeg's own of the same frames. Ratios matter, times are this machine's.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from PIL import Image, ImageSequence

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.services.media.live_photo import gif, mp4, webp
from app.services.media.live_photo.frames import Frames
from app.services.media.live_photo.orbit import Orbit

KEY_FRAMES = Path(__file__).resolve().parents[1] / "example" / "key_frames"
FPS = 7


def nothing() -> None:
    """Nobody cancels."""


class Zoom:
    """The plain way: closer and back."""

    def __init__(self, picture: np.ndarray, count: int) -> None:
        self._picture, self.count = picture, count
        self.size = (picture.shape[1], picture.shape[0])

    def draw(self, number: int) -> np.ndarray:
        scale = 1 + 0.06 * (1 - np.cos(2 * np.pi * number / self.count)) / 2
        middle = (self.size[0] / 2, self.size[1] / 2)
        matrix = cv2.getRotationMatrix2D(middle, 0, scale)
        return cv2.warpAffine(self._picture, matrix, self.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


class Kept:
    """Frames drawn before, so that a file format is measured alone."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self._frames, self.count = frames, len(frames)
        self.size = (frames[0].shape[1], frames[0].shape[0])

    def draw(self, number: int) -> np.ndarray:
        return self._frames[number]


def cpu(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def jump(frames: list[np.ndarray]) -> float:
    steps = [float(cv2.absdiff(a, b).mean()) for a, b in zip(frames, [*frames[1:], frames[0]], strict=True)]
    return steps[-1] / max(1e-6, float(np.mean(steps[:-1])))


def turned(still: np.ndarray, frame: np.ndarray, away: tuple[np.ndarray, np.ndarray]) -> float:
    """Degrees by which strong edges turned between a picture and its frame, each followed to its place."""
    height, width = still.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    maps = [cv2.resize(part, (width, height)) + grid for part, grid in zip(away, (x, y), strict=True)]
    angles, strengths = [], []
    for picture in (still, frame):
        grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY).astype(np.float32), (0, 0), 1.5)
        across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
        if picture is still:
            across, down = (cv2.remap(part, *maps, cv2.INTER_LINEAR) for part in (across, down))
        angles.append(np.arctan2(down, across))
        strengths.append(np.hypot(across, down))
    strong = np.minimum(*strengths) > np.percentile(strengths[0], 85)
    difference = np.abs((angles[0] - angles[1] + np.pi) % (2 * np.pi) - np.pi)
    return float(np.degrees(np.percentile(difference[strong], 95)))


def pillow_gif(frames: list[np.ndarray], out: Path) -> None:
    base = Image.fromarray(frames[0][..., ::-1]).quantize(255)
    told = [Image.fromarray(np.ascontiguousarray(frame[..., ::-1])).quantize(palette=base) for frame in frames]
    told[0].save(out, save_all=True, append_images=told[1:], duration=1000 // FPS, loop=0)


def ffmpeg_gif(frames: list[np.ndarray], out: Path) -> None:
    height, width = frames[0].shape[:2]
    graph = av.filter.Graph()
    source = graph.add_buffer(width=width, height=height, format="bgr24", time_base=Fraction(1, 100))
    split, sink = graph.add("split"), graph.add("buffersink")
    chosen, told = graph.add("palettegen"), graph.add("paletteuse", "dither=bayer:bayer_scale=3:diff_mode=rectangle")
    source.link_to(split)
    split.link_to(chosen, 0, 0)
    split.link_to(told, 1, 0)
    chosen.link_to(told, 0, 1)
    told.link_to(sink)
    graph.configure()
    with av.open(str(out), "w", format="gif") as file:
        stream = file.add_stream("gif", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "pal8"
        stream.codec_context.time_base = Fraction(1, 100)
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="bgr24")
            picture.pts, picture.time_base = number * 100 // FPS, Fraction(1, 100)
            source.push(picture)
        source.push(None)
        for _ in frames:
            file.mux(stream.encode(sink.pull()))
        file.mux(stream.encode(None))


def psnr(path: Path, frames: list[np.ndarray]) -> float:
    with Image.open(path) as picture:
        shown = [np.asarray(frame.convert("RGB"))[..., ::-1] for frame in ImageSequence.Iterator(picture)]
    errors = [float(((a.astype(np.float32) - b) ** 2).mean()) for a, b in zip(shown, frames, strict=False)]
    return float(10 * np.log10(255**2 / np.mean(errors)))


def measure(path: Path, size: int, seconds: float, folder: Path) -> dict[str, float]:
    picture = cv2.imread(str(path))
    scale = size / max(picture.shape[:2])
    shape = (round(picture.shape[1] * scale / 2) * 2, round(picture.shape[0] * scale / 2) * 2)
    picture = cv2.resize(picture, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    count = round(seconds * FPS)
    row: dict[str, float] = {}
    made = lambda: Orbit(picture, count, motion_bucket_id=127, noise=0.02, guidance=3, seed=0)  # noqa: E731
    row["depth_cpu_s"], orbit = cpu(made)
    ways: dict[str, Frames] = {"orbit": orbit, "zoom": Zoom(picture, count)}
    for name, way in ways.items():
        spent, frames = cpu(lambda way=way: [way.draw(number) for number in range(count)])
        row[f"{name}_cpu"] = spent / seconds
        row[f"{name}_jump"] = jump(frames)
        for writer in (gif, webp, mp4):
            out = folder / f"out.{writer.__name__.rsplit('.', 1)[1]}"
            spent, _ = cpu(lambda writer=writer, out=out, frames=frames: writer.write(Kept(frames), out, FPS, nothing))
            row[f"{name}_{out.suffix[1:]}_cpu"] = spent / seconds
            row[f"{name}_{out.suffix[1:]}_kB"] = out.stat().st_size / 1000
        if name == "orbit":
            row["gif_psnr"] = psnr(folder / "out.gif", frames)
            still = orbit.eye(0)
            away = orbit.stage.displacement(still)
            along = np.abs(np.diff(away[0], axis=1)) * away[0].shape[1] / shape[0]
            row["stretch_%"] = 100 * float(along.max())
            row["turned_deg"] = turned(picture, frames[0], away)
            for other in (pillow_gif, ffmpeg_gif):
                out = folder / "other.gif"
                spent, _ = cpu(lambda other=other, out=out, frames=frames: other(frames, out))
                label = other.__name__
                row |= {f"{label}_cpu": spent / seconds, f"{label}_kB": out.stat().st_size / 1000}
                row[f"{label}_psnr"] = psnr(out, frames)
    return row


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=Path, default=KEY_FRAMES)
    options.add_argument("--sizes", type=int, nargs="+", default=[640, 1024])
    options.add_argument("--seconds", type=float, default=25 / FPS)
    options.add_argument("--most", type=int, default=4)
    asked = options.parse_args()
    found = sorted(path for path in asked.pictures.iterdir() if path.suffix in (".jpg", ".png"))[: asked.most]
    with tempfile.TemporaryDirectory() as folder:
        for size in asked.sizes:
            rows = [measure(path, size, asked.seconds, Path(folder)) for path in found]
            print(f"\n{size} px, {len(rows)} pictures, mean (greatest)")
            for name in rows[0]:
                values = [row[name] for row in rows]
                print(f"  {name:18} {np.mean(values):10.3f} ({max(values):.3f})")


if __name__ == "__main__":
    main()
