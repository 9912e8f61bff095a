"""How fast the builtin talking head is drawn, and how much memory its length costs, on one core.

``python benchmarks/talking.py [--seconds 20] [--size 512]``: the portrait that scikit-image ships speaks syllables.
Per stage: milliseconds a frame; the whole task: seconds of clip per second of work, for one and for three lengths.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.services.media.planes import from_bgr
from app.services.media.talking import face, framing, life, voice
from app.services.media.talking.head import Head
from app.services.media.talking.task import task

RATE = 24_000
FPS = 25


def nothing() -> None:
    """Nobody cancels."""


def speech(path: Path, seconds: float) -> Path:
    """Buzzing syllables of changing length and strength."""
    moments = np.arange(round(seconds * RATE)) / RATE
    buzz = sum(np.sin(2 * np.pi * 130 * n * moments) / n for n in range(1, 24))
    swell = np.clip(np.sin(2 * np.pi * 1.9 * moments) + 0.6 * np.sin(2 * np.pi * 3.3 * moments), 0, None)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((buzz * swell * 6000).astype("<i2").tobytes())
    return path


def timed(work: Callable[[int], object], count: int) -> float:
    """Milliseconds of CPU a call."""
    begin = time.process_time()
    for number in range(count):
        work(number)
    return (time.process_time() - begin) / count * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--size", type=int, default=512)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    from skimage.data import astronaut

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photo = cv2.resize(astronaut()[..., ::-1], (asked.size, asked.size), interpolation=cv2.INTER_AREA)
        cv2.imwrite(str(folder / "photo.png"), photo)
        begin = time.process_time()
        found = face.find(photo, None)
        print(f"finding the face        {time.process_time() - begin:7.2f} s")
        heard = voice.hear(speech(folder / "in.wav", asked.seconds), nothing)
        head, lively = Head(framing.framed(photo, found.box, 0).picture, found), life.Life(1, heard)
        print(f"drawing                 {timed(lambda n: head.draw(lively.at(n / FPS)), 200):7.2f} ms a frame")
        shut = lively.at(1.0)._replace(blink=0.6, open=0.8)
        print(f"drawing, a blink        {timed(lambda _: head.draw(shut), 100):7.2f} ms a frame")
        picture = head.draw(shut)
        print(f"into planes             {timed(lambda _: from_bgr(picture), 100):7.2f} ms a frame")
        lengths = [(times, speech(folder / f"{times}.wav", asked.seconds * times)) for times in (3, 1)]
        for times, audio in reversed(lengths):
            begin = time.process_time()
            task({"photo": str(folder / "photo.png"), "audio": str(audio), "crop_scale": 0}, folder, nothing)
            took = time.process_time() - begin
            most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{asked.seconds * times:6.0f} s of clip: {took:6.1f} s of work, {asked.seconds * times / took:5.2f} "
                  f"times real time, at most {most:.0f} MiB")  # fmt: skip


if __name__ == "__main__":
    main()
