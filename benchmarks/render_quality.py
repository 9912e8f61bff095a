"""What a film is like, measured on decoded files: how evenly it moves, how well picture and sound agree."""

from __future__ import annotations

import hashlib
import json
from fractions import Fraction
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, FPS = 1280, 720, 24


def nothing() -> None:
    """Nobody cancels a benchmark."""


def jitter(work: Path, pictures: int) -> None:
    """Slow pans over the key frames, decoded: steps between frames minus what the camera did.

    By least squares over the luma (Lucas and Kanade, 1981), which weighs by contrast as the eye does; also by
    phase correlation, which gives the finest grain of the paper the same weight as an outline.
    """
    import av
    import cv2
    import numpy as np

    from app.models.engine import DrawnClip
    from app.models.timeline import CutRequest, Part, Source
    from app.services.media import cut
    from app.services.media.layers import read_stage
    from app.services.media.motion import Motion

    work.mkdir(parents=True, exist_ok=True)
    clip, frames, first, count = DrawnClip(camera="truck", seed=0, strength=0.4), 15 * FPS, 5 * FPS, 3 * FPS
    window = cv2.createHanningWindow((384, 384), cv2.CV_32F)
    seen, phase = [], []
    for index in range(pictures):
        key_frame = work.parent / "pictures" / str(index) / "key_frame.png"
        part = Part(source=Source(key_frame=key_frame, drawn=clip, frames=frames), first=first)
        request = CutRequest(width=WIDTH, height=HEIGHT, fps=FPS, frames=count, parts=(part,))
        cut.cut(request, work / "pan.mp4", nothing)
        motion = Motion(read_stage(key_frame, None, False), clip, frames, WIDTH, HEIGHT, FPS)
        previous = None
        with av.open(str(work / "pan.mp4")) as film:
            for number, frame in enumerate(film.decode(video=0), first):
                patch = frame.to_ndarray(format="yuv420p")[168:552, 448:832].astype(np.float32)
                if previous is not None:
                    before, now = motion.matrix(number - 1), motion.matrix(number)
                    expected = (before[0, 2] - now[0, 2]) / now[0, 0]
                    seen.append(step(previous, patch, expected))
                    # With a window, phaseCorrelate writes into what it is given.
                    (found, _), _ = cv2.phaseCorrelate(previous.copy(), patch.copy(), window)
                    phase.append(found - expected)
                previous = patch
    rms = [float(np.sqrt(np.mean(np.square(errors)))) for errors in (seen, phase)]
    (work / "jitter.json").write_text(json.dumps({"rms_px": rms[0], "phase_px": rms[1]}))


def step(before: Any, now: Any, expected: float) -> float:
    """How much further than ``expected`` the picture went to the right, pixels."""
    import cv2
    import numpy as np

    there = np.array([[1, 0, expected], [0, 1, 0]], np.float64)
    moved = cv2.warpAffine(before, there, before.shape[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    one, other = (cv2.GaussianBlur(picture, (0, 0), 1.2)[16:-16, 16:-16] for picture in (moved, now))
    slopes = [cv2.Sobel((one + other) / 2, cv2.CV_32F, *axis, ksize=3) / 8 for axis in ((1, 0), (0, 1))]
    normal = np.array([[(a * b).sum() for b in slopes] for a in slopes])
    return float(np.linalg.solve(normal, [-(a * (other - one)).sum() for a in slopes])[0])


def joins(work: Path, count: int) -> None:
    """A flash and a click at the first frame of every segment: how far apart they are in the joined film."""
    import av
    import numpy as np

    from app.models.timeline import SAMPLE_RATE, JoinRequest
    from app.services.media import join
    from app.services.media.encode import SegmentWriter
    from app.services.media.sound import write_aac

    work.mkdir(parents=True, exist_ok=True)
    segments, starts, total = [], [], 0
    for index in range(count + 1):
        frames = 12 + index * 7 % 29
        with SegmentWriter(work / f"flash{index}.mp4", 160, 90, FPS) as writer:
            for number in range(frames):
                writer.frame.y.fill(235 if number == 0 else 16)
                writer.write()
        segments.append((work / f"flash{index}.mp4", frames))
        starts.append(total)
        total += frames
    sound = np.zeros((2, round(Fraction(total * SAMPLE_RATE, FPS))), np.float32)
    for start in starts:
        at = round(Fraction(start * SAMPLE_RATE, FPS))
        sound[:, at : at + 24] = 0.9
    write_aac([sound], work / "clicks.m4a")
    request = JoinRequest(segments=tuple(segments), fps=FPS, sound=work / "clicks.m4a")
    join.join(request, work / "joined.mp4", nothing)
    with av.open(str(work / "joined.mp4")) as film:
        seen = [frame.time for frame in film.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128]
    with av.open(str(work / "joined.mp4")) as film:
        parts = [(frame.time, frame.to_ndarray()[0]) for frame in film.decode(audio=0)]
    heard = np.concatenate([part for _, part in parts])
    offsets = []
    for at in seen:
        low = max(0, round((at - parts[0][0] - 0.1) * SAMPLE_RATE))
        near = np.abs(heard[low : low + SAMPLE_RATE // 5])
        rise = np.flatnonzero(near > 0.5 * near.max())[0] + low
        offsets.append((rise / SAMPLE_RATE + parts[0][0] - at) * 1000)
    worst = max(abs(offset) for offset in offsets)
    (work / "joins.json").write_text(json.dumps({"joins": len(seen) - 1, "worst_ms": worst}))


def packets(path: Path) -> str:
    """Digest of all packets of a film with their times."""
    import av

    digest = hashlib.sha256()
    with av.open(str(path)) as film:
        for packet in film.demux():
            if packet.dts is not None:
                digest.update(f"{packet.stream.index} {packet.pts} {packet.dts}".encode() + bytes(packet))
    return digest.hexdigest()
