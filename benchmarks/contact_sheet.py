"""Frames of a film side by side, to look at it as a whole: README's picture, and the eye's check of a change.

python benchmarks/contact_sheet.py film.mp4 sheet.jpg --every 2 --columns 5 --width 320
python benchmarks/contact_sheet.py film.mp4 sheet.jpg --count 6 --columns 3 --width 420
"""

from __future__ import annotations

import argparse
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray


def frames_at(film: Path, every_s: float, count: int) -> list[NDArray[np.uint8]]:
    """BGR frames every ``every_s`` seconds, or ``count`` of them from the middles of equal stretches."""
    with av.open(str(film)) as media:
        duration = (media.duration or 0) / 1_000_000
        times = [(n + 0.5) * duration / count for n in range(count)] if count else list(np.arange(0, duration, every_s))
        found: list[NDArray[np.uint8]] = []
        for frame in media.decode(video=0):
            if len(found) < len(times) and (frame.time or 0) >= times[len(found)] - 1e-6:
                found.append(frame.to_ndarray(format="bgr24"))
    return found


def sheet(frames: list[NDArray[np.uint8]], columns: int, width: int) -> NDArray[np.uint8]:
    height = frames[0].shape[0] * width // frames[0].shape[1]
    tiles = [cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA) for frame in frames]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[row : row + columns]) for row in range(0, len(tiles), columns)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=float, default=2.0)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--columns", type=int, default=5)
    parser.add_argument("--width", type=int, default=320)
    options = parser.parse_args()
    frames = frames_at(options.film, options.every, options.count)
    cv2.imwrite(str(options.out), sheet(frames, options.columns, options.width), [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(f"{len(frames)} frames in {options.out}")


if __name__ == "__main__":
    main()
