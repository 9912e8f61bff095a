"""Calls of animals: heard once or twice in a shot, each (2, n) with the air it comes through."""

from __future__ import annotations

import numpy as np

from app.services.media.ambience import grains
from app.services.media.ambience.grains import Random
from app.services.media.tones import RATE, Curve, Wave, seconds


def _row(parts: list[tuple[float, Wave]]) -> Wave:
    """Waves one after the other at their seconds."""
    total = np.zeros(max(round(at * RATE) + wave.size for at, wave in parts), np.float32)
    for at, wave in parts:
        start = round(at * RATE)
        total[start : start + wave.size] += wave
    return total


def _curve(length_s: float, *points: tuple[float, float]) -> Curve:
    """Pitch in Hz along a call, through (share of its length, Hz), corners rounded."""
    x = np.linspace(0, 1, round(length_s * RATE))
    line = np.interp(x, [at for at, _ in points], [hertz for _, hertz in points])
    width = max(3, round(0.03 * RATE))
    padded = np.pad(line, width // 2, mode="edge")
    sums = np.cumsum(np.insert(padded, 0, 0.0))
    smooth: Curve = ((sums[width:] - sums[:-width]) / width)[: x.size]
    return np.pad(smooth, (0, x.size - smooth.size), mode="edge")


def owl(random: Random) -> Wave:
    pitch = float(random.uniform(345, 410))
    parts = []
    for at, length in ((0.0, 0.42), (0.75, 0.2), (1.0, 0.62)):
        bend = _curve(length, (0, 0.96 * pitch), (0.3, pitch), (1, 0.94 * pitch))
        hoot = grains.voiced(bend, ((pitch, 120, 1.0), (2 * pitch, 90, 0.12)), 4)
        parts.append((at, grains.humped(hoot + 0.03 * grains.breath(random, length, 300, 900)[: hoot.size], 0.4)))
    return grains.outdoors(random, _row(parts), 1.6, 0.5)


def gulls(random: Random) -> Wave:
    parts, at = [], 0.0
    for number in range(int(random.integers(3, 6))):
        length, top = 0.34 - 0.03 * number, float(random.uniform(1150, 1350))
        bend = _curve(length, (0, 0.75 * top), (0.25, top), (1, 0.62 * top))
        cry = grains.voiced(bend, ((1250, 350, 1.0), (2600, 500, 0.8), (4200, 700, 0.3)), 7)
        parts.append((at, grains.humped(cry, 0.3)))
        at += length + float(random.uniform(0.03, 0.1))
    return grains.outdoors(random, _row(parts), 1.0, 0.35)


def eagle(random: Random) -> Wave:
    bend = _curve(1.15, (0, 2500), (0.12, 3300), (0.5, 2900), (1, 2150))
    t = seconds(1.15)[: bend.size]
    rough = 1 + 0.012 * np.sin(2 * np.pi * 62 * t)
    cry = grains.voiced(bend * rough, ((2900, 700, 1.0), (5600, 900, 0.3)), 3)
    cry = cry + 0.12 * grains.breath(random, 1.15, 2200, 5200)[: cry.size]
    return grains.outdoors(random, grains.humped(cry, 0.28), 2.2, 0.6)


def rooster(random: Random) -> Wave:
    top = float(random.uniform(880, 980))
    parts = []
    for at, length, points in (
        (0.0, 0.2, ((0.0, 0.55), (0.5, 0.72), (1.0, 0.7))),
        (0.27, 0.15, ((0.0, 0.7), (0.5, 0.78), (1.0, 0.74))),
        (0.48, 0.34, ((0.0, 0.75), (0.3, 0.95), (1.0, 0.9))),
        (0.88, 0.85, ((0.0, 0.8), (0.2, 1.0), (0.6, 0.92), (1.0, 0.5))),
    ):
        bend = _curve(length, *((x, top * level) for x, level in points))
        crow = grains.voiced(bend, ((950, 220, 1.0), (1900, 350, 0.8), (3100, 500, 0.45)), 9)
        parts.append((at, grains.humped(crow, 0.4)))
    return grains.outdoors(random, _row(parts), 1.8, 0.5)


def cuckoo(random: Random) -> Wave:
    parts = []
    for at in (0.0, 1.35):
        for late, pitch, length in ((0.0, 690.0, 0.2), (0.34, 560.0, 0.34)):
            bend = _curve(length, (0, pitch * 1.01), (1, pitch * 0.985))
            call = grains.voiced(bend, ((pitch, 200, 1.0), (2 * pitch, 150, 0.1)), 3)
            parts.append((at + late, grains.humped(call, 0.35)))
    return grains.outdoors(random, _row(parts), 1.6, 0.5)


def crow(random: Random) -> Wave:
    parts = []
    for number in range(int(random.integers(2, 4))):
        bend = _curve(0.34, (0, 430), (0.25, 520), (1, 400))
        rough = 1 + 0.05 * grains.breath(random, 0.34, 40, 160)[: bend.size]
        caw = grains.voiced(bend * rough, ((1150, 250, 1.0), (1700, 300, 0.8), (2900, 500, 0.4)), 12)
        parts.append((0.55 * number, grains.humped(caw, 0.35)))
    return grains.outdoors(random, _row(parts), 1.4, 0.4)


def wolf(random: Random) -> Wave:
    top = float(random.uniform(520, 600))
    bend = _curve(2.9, (0, 0.55 * top), (0.18, 0.95 * top), (0.3, top), (0.7, 0.96 * top), (1, 0.62 * top))
    t = seconds(2.9)[: bend.size]
    bend *= 1 + 0.006 * np.sin(2 * np.pi * 4.5 * t)
    howl = grains.voiced(bend, ((560, 160, 1.0), (1120, 200, 0.3), (1700, 300, 0.1)), 5)
    return grains.outdoors(random, grains.humped(howl, 0.42), 2.6, 0.7)


def dog(random: Random) -> Wave:
    parts = []
    for number in range(2):
        pitch = float(random.uniform(390, 470))
        bend = _curve(0.17, (0, 0.7 * pitch), (0.3, pitch), (1, 0.6 * pitch))
        bark = grains.voiced(bend, ((700, 180, 1.0), (1500, 260, 0.7), (2700, 400, 0.3)), 12)
        bark = bark / max(1e-6, float(np.abs(bark).max()))
        rasp = grains.breath(random, 0.17, 600, 3200)[: bark.size]
        parts.append((0.33 * number, grains.humped(bark + 0.16 * rasp, 0.27)))
    return grains.outdoors(random, _row(parts), 0.9, 0.35)


def cat(random: Random) -> Wave:
    top = float(random.uniform(640, 740))
    bend = _curve(0.72, (0, 0.72 * top), (0.35, top), (0.7, 0.93 * top), (1, 0.68 * top))
    closed = grains.voiced(bend, ((700, 140, 1.0), (2600, 350, 0.5)), 10)
    open_ = grains.voiced(bend, ((1100, 200, 1.0), (1900, 260, 0.8), (3300, 450, 0.35)), 10)
    mouth = np.sin(np.pi * np.linspace(0, 1, bend.size)).astype(np.float32)
    return grains.outdoors(random, grains.humped(closed + mouth * (open_ - closed), 0.4), 0.6, 0.25)


def wings(random: Random) -> Wave:
    """Six or seven beats that draw away."""
    parts = []
    for number in range(int(random.integers(6, 9))):
        flap = grains.humped(grains.breath(random, 0.11, 180, 1300), 0.35)
        feather = grains.humped(grains.breath(random, 0.06, 1500, 5000), 0.3)
        flap[: feather.size] += 0.2 * feather
        parts.append((0.125 * number + 0.004 * number * number, flap * np.float32(0.88**number)))
    return grains.outdoors(random, _row(parts), 0.5, 0.2)


def whale(random: Random) -> Wave:
    bend = _curve(2.6, (0, 210), (0.3, 330), (0.55, 300), (0.8, 420), (1, 250))
    song = grains.voiced(bend, ((300, 120, 1.0), (650, 200, 0.35)), 4)
    return grains.outdoors(random, grains.humped(song, 0.45), 3.0, 0.9)
