"""How fast and how near to the truth the builtin enhancement is, against the plain ways, in one run.

``python benchmarks/enhance.py [--frames 12] [--size 1280x720]``: a layered scene whose truth is known at every moment
is drawn; every second picture is held out and made anew; and pictures are made smaller and enlarged again. Per way:
milliseconds a picture on one thread, and PSNR in decibels of the light. Ratios matter, times are this machine's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.services.media.enlarge import enlarged
from app.services.media.flow import Pair, drawn
from app.services.media.planes import Planes, from_bgr

Bgr = np.ndarray
KEY_FRAMES = Path(__file__).resolve().parents[1] / "example" / "key_frames"


def psnr(first: Bgr, second: Bgr) -> float:
    error = float(((first.astype(np.float64) - second) ** 2).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def scene(size: tuple[int, int], speed: float) -> Callable[[float], Planes]:
    """A picture that pans, with three discs of another picture that move over it; asked for any moment, in frames."""
    width, height = size
    grounds = [cv2.imread(str(path)) for path in sorted(KEY_FRAMES.glob("*.jpg"))]
    ground, other = (cv2.resize(grounds[number], (width * 3 // 2, height * 3 // 2)) for number in (0, 3))

    def moved(picture: Bgr, x: float, y: float) -> Bgr:
        left, top = (picture.shape[1] - width) / 2, (picture.shape[0] - height) / 2
        matrix = np.array([[1.0, 0.0, x - left], [0.0, 1.0, y - top]])
        return cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)

    discs = ((0.4, 0.5, 0.2, -1.2, 0.4), (0.7, 0.4, 0.12, 1.6, -0.5), (0.2, 0.8, 0.08, 0.3, -1.4))

    def at(moment: float) -> Planes:
        picture = moved(ground, speed * moment, speed * 0.3 * moment).astype(np.float32)
        for x, y, radius, right, down in discs:
            mask = np.zeros((height * 2, width * 2), np.uint8)
            cv2.circle(mask, (width, height), round(radius * height), 255, -1, cv2.LINE_AA)
            place = (x - 0.5) * width + right * speed * moment, (y - 0.5) * height + down * speed * moment
            share = moved(mask, *place).astype(np.float32)[..., None] / 255
            picture += (moved(other, *place) - picture) * share
        return from_bgr(np.clip(picture + 0.5, 0, 255).astype(np.uint8))

    return at


def _mixed(first: Planes, second: Planes) -> Planes:
    return Planes(*(cv2.addWeighted(a, 0.5, b, 0.5, 0) for a, b in zip(first, second, strict=True)))


def _ours(first: Planes, second: Planes) -> Planes:
    return drawn(first, second, Pair(first.y, second.y).at(0.5))


BETWEEN: dict[str, Callable[[Planes, Planes], Planes]] = {
    "repeat": lambda first, second: first,
    "blend": _mixed,
    "builtin": _ours,
}
LARGER: dict[str, Callable[[Bgr, int], Bgr]] = {
    "linear": lambda small, factor: cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR),
    "cubic": lambda small, factor: cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC),
    "lanczos": lambda small, factor: cv2.resize(small, None, fx=factor, fy=factor, interpolation=cv2.INTER_LANCZOS4),
    "builtin": lambda small, factor: enlarged(small, factor, lambda: None),
}


def row(name: str, times: list[float], found: list[float]) -> str:
    return f"| {name} | {statistics.median(times) * 1000:.1f} | {statistics.mean(found):.2f} |"


def interpolation(size: tuple[int, int], frames: int) -> None:
    for speed in (3.0, 7.0, 15.0):
        at = scene(size, speed)
        truth = [at(number) for number in range(frames | 1)]
        print(f"\nIn between, {speed:g} to {speed * 2.4:g} pixels a picture\n\n| | ms | PSNR dB |\n|---|---|---|")
        results: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in BETWEEN}
        for number in range(1, len(truth) - 1, 2):
            for name, way in BETWEEN.items():  # in turns, so that a busy moment of the machine meets all
                began = time.perf_counter()
                made = way(truth[number - 1], truth[number + 1])
                results[name][0].append(time.perf_counter() - began)
                results[name][1].append(psnr(made.y, truth[number].y))
        for name, (times, found) in results.items():
            print(row(name, times, found))


def enlargement(size: tuple[int, int]) -> None:
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in sorted(KEY_FRAMES.glob("*.jpg"))]
    truths = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in pictures]
    for factor in (2, 4):
        print(f"\nEnlarged {factor} times to {size[0]}x{size[1]}\n\n| | ms | PSNR dB |\n|---|---|---|")
        results: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in LARGER}
        for truth in truths:
            small = cv2.resize(truth, (size[0] // factor, size[1] // factor), interpolation=cv2.INTER_AREA)
            for name, way in LARGER.items():
                began = time.perf_counter()
                made = way(small, factor)
                results[name][0].append(time.perf_counter() - began)
                results[name][1].append(psnr(made, truth))
        for name, (times, found) in results.items():
            print(row(name, times, found))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=12)
    parser.add_argument("--size", default="1280x720")
    args = parser.parse_args()
    width, height = (int(part) // 8 * 8 for part in args.size.split("x"))
    cv2.setNumThreads(1)
    interpolation((width, height), args.frames)
    enlargement((width, height))


if __name__ == "__main__":
    main()
