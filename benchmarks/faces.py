"""Where the detector of faces works and where it fails, as tables.

    python benchmarks/faces.py [--people 10] [--processes 2]   (--people 0: only the pictures of things and crowds)

Pictures come from scikit-image's wheel alone: the astronaut's portrait, a hundred faces of 25x25 pixels of different
people (``lfw_subset``, enlarged four times and set on a plain ground), their hundred pictures without a face, and its
photos of other things; besides, what is drawn here and the key frames of ``example``. The numbers that were measured
stand in ``benchmarks/FACES.md``.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.services.media.faces import detect, judge

Pixels = NDArray[Any]
THINGS = (
    *("brick", "camera", "cat", "clock", "coffee", "coins", "grass", "gravel", "horse", "hubble_deep_field"),
    *("immunohistochemistry", "logo", "moon", "page", "retina", "rocket", "text"),
)


def astronaut() -> Pixels:
    """Head and shoulders, 600x600."""
    whole = cv2.cvtColor(skimage.data.astronaut(), cv2.COLOR_RGB2BGR)
    return cv2.resize(whole[:300, 70:370], (600, 600), interpolation=cv2.INTER_CUBIC)


def small_pictures() -> Pixels:
    """A hundred faces, then a hundred pictures without one: (200, 25, 25)."""
    path = Path(skimage.__file__).parent / "data" / "lfw_subset.npy"
    return np.asarray(np.load(path) * 255, np.uint8)


def person(number: int) -> Pixels:
    """One of the hundred, 600x600, the face about a third of the side."""
    face = cv2.resize(small_pictures()[number], (240, 240), interpolation=cv2.INTER_CUBIC)
    set_on = cv2.copyMakeBorder(face, 180, 180, 180, 180, cv2.BORDER_REPLICATE)
    soft = cv2.GaussianBlur(set_on, (0, 0), 25)
    mask = np.zeros((600, 600), np.float32)
    cv2.rectangle(mask, (190, 190), (410, 410), 1, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 8)
    return cv2.cvtColor((set_on * mask + soft * (1 - mask)).astype(np.uint8), cv2.COLOR_GRAY2BGR)


def turned(degrees: float) -> Callable[[Pixels], Pixels]:
    turn = cv2.getRotationMatrix2D((300, 300), degrees, 1)
    return lambda picture: cv2.warpAffine(picture, turn, (600, 600), borderMode=cv2.BORDER_REPLICATE)


def smaller(scale: float) -> Callable[[Pixels], Pixels]:
    def made(picture: Pixels) -> Pixels:
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        left = (600 - small.shape[1]) // 2
        ground = np.full((600, 600, 3), 120, np.uint8)
        ground[left : left + small.shape[0], left : left + small.shape[1]] = small
        return ground

    return made


def levels(change: Callable[[NDArray[Any]], NDArray[Any]]) -> Callable[[Pixels], Pixels]:
    table = np.clip(change(np.arange(256) / 255) * 255, 0, 255).astype(np.uint8)
    return lambda picture: cv2.LUT(picture, table)


def packed(quality: int) -> Callable[[Pixels], Pixels]:
    def made(picture: Pixels) -> Pixels:
        small = cv2.resize(picture, (300, 300), interpolation=cv2.INTER_AREA)
        return cv2.imdecode(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)

    return made


def covered(top: float, bottom: float) -> Callable[[Pixels], Pixels]:
    """Dark from one share of the face's height to another."""

    def made(picture: Pixels) -> Pixels:
        face = detect(picture)
        if not face:
            return picture
        left, begin, width, height = face[0].box
        result = picture.copy()
        result[begin + int(top * height) : begin + int(bottom * height), left : left + width] = 25
        return result

    return made


def noisy(picture: Pixels) -> Pixels:
    noise = np.random.default_rng(1).normal(0, 30, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


CHANGES: dict[str, Callable[[Pixels], Pixels]] = {
    "as it is": lambda picture: picture,
    "mirrored": lambda picture: picture[:, ::-1].copy(),
    "tilted by 15 degrees": turned(15),
    "tilted by 30 degrees": turned(30),
    "tilted by 45 degrees": turned(45),
    "lying (90 degrees)": turned(90),
    "upside down": turned(180),
    "at half its size": smaller(0.5),
    "at a third": smaller(0.34),
    "at a quarter": smaller(0.25),
    "at a sixth": smaller(0.17),
    "dark (gamma 3)": levels(lambda value: value**3),
    "very dark (an eighth of the light)": levels(lambda value: value / 8),
    "overexposed (twice the light)": levels(lambda value: value * 2),
    "contrast of a fifth": levels(lambda value: 0.4 + value / 5),
    "grey": lambda picture: cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR),
    "blurred (10 px of 600)": lambda picture: cv2.GaussianBlur(picture, (0, 0), 10),
    "blurred (18 px of 600)": lambda picture: cv2.GaussianBlur(picture, (0, 0), 18),
    "noise (sigma 30)": noisy,
    "JPEG of quality 20 at 300 px": packed(20),
    "eyes covered": covered(0.3, 0.45),
    "mouth and chin covered": covered(0.68, 1.0),
}


def counts(picture: Pixels) -> tuple[int, str, float, float]:
    """Faces, verdict, share of the greatest's area in percent, seconds."""
    cv2.setNumThreads(1)
    began = time.perf_counter()
    faces = detect(picture)
    height, width = picture.shape[:2]
    checked = judge(faces, width, height)
    share = 100 * faces[0].box[2] * faces[0].box[3] / (width * height) if faces else 0.0
    return checked.face_count, str(checked.reason or "valid"), share, time.perf_counter() - began


def changed(name: str, number: int) -> tuple[int, str, float, float]:
    """The verdict on a changed portrait; -1 is the astronaut."""
    return counts(CHANGES[name](astronaut() if number < 0 else person(number)))


def others() -> dict[str, Pixels]:
    """Pictures in which there is no face, or only a drawn one."""
    found: dict[str, Pixels] = {}
    for name in THINGS:
        picture = getattr(skimage.data, name)()
        picture = (picture * 255).astype(np.uint8) if picture.dtype == bool else picture
        colour = cv2.COLOR_GRAY2BGR if picture.ndim == 2 else cv2.COLOR_RGB2BGR
        found[name] = cv2.cvtColor(np.ascontiguousarray(picture[..., :3] if picture.ndim == 3 else picture), colour)
    random = np.random.default_rng(0)
    for size in (1, 4, 16):
        noise = random.integers(0, 256, (600 // size, 600 // size, 3), dtype=np.uint8)
        found[f"noise in squares of {size}"] = cv2.resize(noise, (600, 600), interpolation=cv2.INTER_NEAREST)
    for path in sorted((Path(__file__).resolve().parents[1] / "example" / "key_frames").glob("*.jpg")):
        found[f"builtin illustrator, {path.stem}"] = cv2.imread(str(path))
    for number in range(100, 200, 5):
        small = small_pictures()[number]
        found[f"patch {number - 100}"] = cv2.cvtColor(cv2.resize(small, (300, 300)), cv2.COLOR_GRAY2BGR)
    return found


def together() -> dict[str, Pixels]:
    """Pictures with more than one face."""
    one = astronaut()
    made = {"two side by side": np.hstack([one, one[:, ::-1]])}
    for scale in (0.3, 0.4, 0.7):
        behind = np.full((600, 1040, 3), 150, np.uint8)
        behind[:, :600] = one
        small = cv2.resize(one, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        behind[100 : 100 + small.shape[0], 600 + (440 - small.shape[1]) // 2 :][:, : small.shape[1]] = small
        made[f"a second face of {scale:g} of the first's side"] = behind
    heads = [cv2.resize(person(number)[150:450, 150:450], (200, 200)) for number in range(0, 96, 8)]
    made["crowd of 12"] = np.vstack([np.hstack(heads[row : row + 4]) for row in (0, 4, 8)])
    return made


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--people", type=int, default=10)
    options.add_argument("--processes", type=int, default=2)
    given = options.parse_args()
    with ProcessPoolExecutor(given.processes, get_context("spawn")) as pool:
        if given.people:
            people(pool, [-1, *range(0, 100, max(1, 100 // given.people))])
        seconds = [*table(pool, "Without a face", others()), *table(pool, "With several", together())]
    print(f"\nSeconds for a picture: median {np.median(seconds):.2f}, greatest {max(seconds):.2f}")


def people(pool: ProcessPoolExecutor, numbers: list[int]) -> None:
    print(f"| change | astronaut: verdict, share | one face found, of {len(numbers) - 1} people |\n|---|---|---|")
    for name in CHANGES:
        first, *rest = pool.map(changed, [name] * len(numbers), numbers)
        right = sum(count == 1 for count, *_ in rest)
        print(f"| {name} | {first[1]}, {first[2]:.1f} % | {right} |", flush=True)


def table(pool: ProcessPoolExecutor, title: str, pictures: dict[str, Pixels]) -> list[float]:
    """Prints the verdicts; returns the seconds that they took."""
    seconds = []
    print(f"\n| {title} | faces | verdict | share |\n|---|---|---|---|")
    for name, (count, verdict, share, took) in zip(pictures, pool.map(counts, pictures.values()), strict=True):
        print(f"| {name} | {count} | {verdict} | {share:.1f} % |", flush=True)
        seconds.append(took)
    return seconds


if __name__ == "__main__":
    main()
