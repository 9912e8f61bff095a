"""Small pictures, clips and films for the tests of the picture room, and what reads them back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from app.models.engine import DrawnClip
from app.models.timeline import CutRequest, Part, Source


def nothing() -> None:
    """Nobody cancels."""


def texture(width: int, height: int, seed: int = 0) -> np.ndarray:
    """A picture with detail everywhere, BGR."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 3))
    soft = sum(cv2.GaussianBlur(noise, (0, 0), size) * size * 30 for size in (1.5, 5))
    return np.clip(128 + soft, 20, 235).astype(np.uint8)


def drawn(key_frame: Path, camera: str = "truck", frames: int = 48, **more: Any) -> Source:
    layers = more.pop("layers", None)
    deep = layers is not None
    clip = DrawnClip(camera=camera, seed=more.pop("seed", 0), parallax=deep, effects=deep, **more)
    return Source(key_frame=key_frame, layers=layers, drawn=clip, frames=frames)


def request(*parts: tuple[Source, int], frames: int, **more: Any) -> CutRequest:
    given = {"width": 160, "height": 90, "fps": 24, **more}
    return CutRequest(frames=frames, parts=tuple(Part(source=one, first=first) for one, first in parts), **given)


def pictures(path: Path) -> list[np.ndarray]:
    """All decoded frames of a film, grey from 0 to 255."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]


def packets(path: Path) -> list[tuple[int, int, int, bytes]]:
    """Track, pts, dts and data of every packet."""
    with av.open(str(path)) as film:
        return [
            (packet.stream.index, packet.pts, packet.dts, bytes(packet))
            for packet in film.demux()
            if packet.dts is not None
        ]


def make_clip(path: Path, levels: list[int], *, rate: int = 24, size: tuple[int, int] = (64, 48)) -> Path:
    """A video file with one grey level per frame."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=rate, options={"crf": "5", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number, level in enumerate(levels):
            frame = av.VideoFrame.from_ndarray(np.full((size[1], size[0], 3), level, np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path
