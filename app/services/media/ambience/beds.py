"""Beds of nature: wind and water, leaves and fire, and the small creatures that sing all day."""

from __future__ import annotations

import numpy as np

from app.services.media.ambience import grains
from app.services.media.ambience.grains import LOOP, LOOP_S, Random
from app.services.media.tones import RATE, Wave


def _blowing(random: Random, bands: tuple[tuple[float, float, float], ...], depth: float, quick: float) -> Wave:
    """Bands of noise (low, high, level) that swell one after the other as the wind changes its strength."""
    force = grains.wander(random, quick)
    sides = []
    for _ in range(2):
        total = np.zeros(LOOP, np.float32)
        for place, (low, high, level) in enumerate(bands):
            # The stronger a gust, the more of the high bands.
            curve = np.exp(depth * (0.6 + 0.5 * place) * force + 0.25 * grains.wander(random, 1.5 * quick))
            total += np.float32(level) * grains.noise(random, grains.band(low, high)) * grains.over(curve)
        sides.append(total)
    return grains.wide(*sides)


def wind(random: Random) -> Wave:
    return _blowing(random, ((70, 240, 1.0), (260, 520, 0.7), (560, 1000, 0.34), (1000, 3200, 0.12)), 0.42, 0.5)


def breeze(random: Random) -> Wave:
    air = _blowing(random, ((120, 380, 0.7), (400, 1100, 0.5), (1500, 4500, 0.22)), 0.35, 0.35)
    return air + 0.12 * leaves(random)


def cold_wind(random: Random) -> Wave:
    """Wind that whistles at the corners: narrow resonances that rise and sink with it."""
    total = _blowing(random, ((90, 300, 0.9), (350, 800, 0.5), (2000, 6000, 0.1)), 0.5, 0.6)
    for pitch in (430, 610, 820, 1090):
        for side in range(2):
            whistle = grains.noise(random, grains.peak(pitch * (1 + 0.01 * side), 0.035 * pitch))
            total[side] += 0.22 * whistle * grains.gusts(random, 0.45, 1.1)
    return total


def storm(random: Random) -> Wave:
    total = _blowing(random, ((50, 220, 1.2), (240, 700, 0.9), (800, 2000, 0.45), (2000, 6000, 0.2)), 0.55, 0.7)
    return total + 0.25 * cold_wind(random)


def _drops(random: Random, a_second: float) -> Wave:
    return sum(
        (
            np.float32(0.5) * grains.strewn(random, a_second * share, grains.peak(at, 0.16 * at))
            for at, share in ((1700, 0.3), (2600, 0.3), (4100, 0.25), (6300, 0.15))
        ),
        np.zeros(LOOP, np.float32),
    )


def rain(random: Random) -> Wave:
    """A steady hiss far away and single drops near by."""
    life = grains.gusts(random, 0.3, 0.12)
    sides = []
    for _ in range(2):
        hiss = grains.noise(random, grains.band(900, 7000, 1) * grains.band(350, 9500))
        patter = grains.noise(random, grains.band(250, 900))
        sides.append(life * (0.8 * hiss + 0.22 * patter + 0.55 * _drops(random, 130)))
    return grains.wide(*sides)


def downpour(random: Random) -> Wave:
    life = grains.gusts(random, 0.4, 0.2)
    sides = []
    for _ in range(2):
        hiss = grains.noise(random, grains.band(500, 7500, 1))
        roar = grains.noise(random, grains.band(120, 700))
        sides.append(life * (hiss + 0.5 * roar + 0.4 * _drops(random, 400)))
    return grains.wide(*sides)


def waves(random: Random) -> Wave:
    """Two waves a loop: each gathers, breaks and runs out hissing."""
    t = np.arange(LOOP) / LOOP_S / RATE
    swell, foam = np.zeros(LOOP), np.zeros(LOOP)
    for number in range(2):
        place = (t - (0.5 * number + float(random.uniform(-0.05, 0.05)))) % 1.0 * 2
        gather = np.clip(place / 0.62, 0, 1) ** 2.2
        size = float(random.uniform(0.75, 1.0))
        swell += size * gather * np.exp(-6 * np.clip(place - 0.62, 0, None)) * (place < 2)
        foam += size * np.clip((place - 0.45) / 0.17, 0, 1) ** 1.5 * np.exp(-2.6 * np.clip(place - 0.62, 0, None))
    sides = []
    for late in (0, round(0.12 * RATE)):
        low = grains.noise(random, grains.band(60, 420))
        middle = grains.noise(random, grains.band(300, 1600))
        high = grains.noise(random, grains.band(1400, 6500, 1))
        s, f = (np.roll(curve, late).astype(np.float32) for curve in (swell, foam))
        sides.append((0.12 + s) * low + 0.75 * (0.05 + 0.5 * s + 0.5 * f) * middle + 0.5 * (0.05 + f) * f * high)
    return grains.wide(*sides)


def _bubble(random: Random, low_hz: float, high_hz: float, rise: float) -> Wave:
    """A bubble sings at its size's pitch and rises as it nears the surface."""
    start = float(np.exp(random.uniform(np.log(low_hz), np.log(high_hz))))
    length = float(random.uniform(0.025, 0.07)) * (700 / start) ** 0.3
    tone = grains.gliding(length, lambda x: start * (1 + rise * x * x))
    return grains.dying(tone, 3.2 / length, 0.002)


def stream(random: Random) -> Wave:
    total = grains.empty()
    for side in range(2):
        total[side] += 0.34 * grains.noise(random, grains.band(350, 1500)) * grains.gusts(random, 1.2, 0.15)
        total[side] += 0.13 * grains.noise(random, grains.band(1500, 5000)) * grains.gusts(random, 2.0, 0.2)
    for _ in range(round(34 * LOOP_S)):
        size = float(random.random()) ** 2
        grain = _bubble(random, 380, 1700, 0.35)
        grains.put(total, grain, int(random.integers(LOOP)), float(random.uniform(-0.8, 0.8)), 0.2 + 1.1 * size)
    return total


def waterfall(random: Random) -> Wave:
    sides = [
        grains.noise(random, grains.band(150, 5500, 1)) * grains.gusts(random, 0.5, 0.08)
        + 0.5 * grains.noise(random, grains.band(50, 300)) * grains.gusts(random, 1.0, 0.2)
        for _ in range(2)
    ]
    return grains.wide(*sides)


def bubbles(random: Random) -> Wave:
    """Under water: a dull rumble, and chains of bubbles that rise past."""
    sides = [0.3 * grains.noise(random, grains.band(40, 260)) * grains.gusts(random, 0.4, 0.25) for _ in range(2)]
    total = grains.wide(*sides)
    for _ in range(7):
        at, pan = int(random.integers(LOOP)), float(random.uniform(-0.7, 0.7))
        for number in range(int(random.integers(5, 14))):
            at += round(float(random.uniform(0.03, 0.14)) * RATE)
            grains.put(total, _bubble(random, 260, 800, 0.6), at, pan, float(random.uniform(0.4, 1.2)) * 0.93**number)
    return total


def drips(random: Random) -> Wave:
    """Drops into a pool, in a cave that answers."""
    total = 0.02 * grains.wide(*(grains.noise(random, grains.band(60, 400)) for _ in range(2)))
    for place in np.cumsum(random.uniform(0.75, 2.2, 8)) / 1.15:
        drop = np.zeros(round(0.2 * RATE), np.float32)
        for late, share in ((0.0, 1.0), (0.045, 0.6)):
            grain = _bubble(random, 800, 1500, 0.5)
            drop[round(late * RATE) :][: grain.size] += share * grain
        far = grains.outdoors(random, drop, 1.1, 0.45)
        pan = float(random.uniform(-0.5, 0.5))
        for ear, side in zip(far, (-1.0, 1.0), strict=True):
            grains.put(total, ear, int(place * RATE) % LOOP, side, 0.8 + 0.3 * pan * side)
    return total


def leaves(random: Random) -> Wave:
    """Thousands of small touches, more of them when the air moves."""
    sides = []
    force = grains.gusts(random, 0.5, 0.55)
    for _ in range(2):
        touches = grains.strewn(random, 900, grains.band(1800, 7500))
        sides.append(force * (0.75 * touches + 0.4 * grains.noise(random, grains.band(2200, 6500))))
    return grains.wide(*sides)


def fire(random: Random) -> Wave:
    """A low roar that flickers, crackling in clusters, and now and then a log that pops."""
    total = grains.empty()
    for side in range(2):
        total[side] += 0.5 * grains.noise(random, grains.band(60, 320)) * grains.gusts(random, 6.0, 0.35)
        crackle = grains.strewn(random, 70, grains.band(1200, 6500), 0.1) * grains.gusts(random, 1.5, 0.7)
        total[side] += 0.42 * crackle
    for _ in range(9):
        pop = grains.dying(grains.breath(random, 0.05, 500, 3500), 90)
        pan, size = float(random.uniform(-0.5, 0.5)), float(random.uniform(0.5, 2))
        grains.put(total, pop, int(random.integers(LOOP)), pan, size)
    return total


def _chirp(random: Random, kind: int, pitch: float) -> Wave:
    """One syllable of a bird: a slide, an arch or a trill."""
    length = float(random.uniform(0.05, 0.13))
    if kind == 0:
        return grains.humped(grains.gliding(length, lambda x: pitch * (1.25 - 0.5 * x), (1.0, 0.08)), 0.35)
    if kind == 1:
        return grains.humped(grains.gliding(length, lambda x: pitch * (0.85 + 0.5 * np.sin(np.pi * x)), (1.0, 0.06)))
    swing = float(random.uniform(0.05, 0.09))
    return grains.humped(grains.gliding(1.6 * length, lambda x: pitch * (1 + swing * np.sin(2 * np.pi * 5 * x))))


def birds(random: Random) -> Wave:
    """Three or four birds, each with its own song, place and distance; they answer each other."""
    total = grains.empty()
    for bird in range(4):
        pitch, kind = float(random.uniform(2600, 4800)), int(random.integers(3))
        pan, near = (-0.7, 0.5, -0.2, 0.8)[bird] + float(random.uniform(-0.15, 0.15)), float(random.uniform(0.35, 1.0))
        pace = float(random.uniform(0.11, 0.2))
        motif = random.uniform(0.82, 1.2, int(random.integers(2, 5)))
        for song in range(3):
            at = (song + 0.25 * bird + float(random.uniform(0, 0.3))) * LOOP_S / 3
            for number, step in enumerate(np.tile(motif, 2)[: int(random.integers(3, 8))]):
                grain = _chirp(random, kind, pitch * float(step))
                start = int((at + number * pace) * RATE) % LOOP
                grains.put(total, grain, start, pan, near)
                grains.put(total, grain, (start + round(0.09 * RATE)) % LOOP, -0.6 * pan, 0.16 * near)
    air = grains.wide(*(grains.noise(random, grains.band(300, 2500, 1)) for _ in range(2)))
    return total + 0.015 * air


def crickets(random: Random) -> Wave:
    """Three crickets, each three quick pulses at a time, and the faint ring of many far away."""
    total = grains.empty()
    for pitch, pan, near, a_loop in ((4300, -0.6, 1.0, 24), (4750, 0.5, 0.7, 21), (4050, 0.1, 0.4, 27)):
        pulse = grains.humped(grains.gliding(0.017, lambda x, p=pitch: p * (1.01 - 0.02 * x)), 0.4)  # type: ignore[misc]
        for number in range(a_loop):
            at = (number + float(random.uniform(-0.05, 0.05))) * LOOP_S / a_loop
            if random.random() < 0.12:
                continue
            for beat in range(3):
                grains.put(total, pulse, int((at + 0.03 * beat) * RATE) % LOOP, pan, near * (0.7 + 0.15 * beat))
    for side in range(2):
        total[side] += 0.05 * grains.noise(random, grains.peak(4500, 260)) * grains.gusts(random, 0.6, 0.3)
    return total


def cicadas(random: Random) -> Wave:
    """A shimmering rasp that swells and sinks through a summer's day."""
    t = np.arange(LOOP) / RATE
    total = grains.empty()
    for pitch, side, hum in ((5200, 0, 1100), (5600, 1, 1172), (4700, 0, 1001), (4900, 1, 1043)):
        # A whole number of pulses fits the loop.
        pulses = 0.5 + 0.5 * np.sin(2 * np.pi * hum * t / LOOP_S)
        rasp = grains.noise(random, grains.peak(pitch, 420)) * (pulses**2).astype(np.float32)
        total[side] += rasp * grains.gusts(random, 0.3, 0.6)
    return total


def frogs(random: Random) -> Wave:
    total = 0.02 * grains.wide(*(grains.noise(random, grains.band(200, 1200)) for _ in range(2)))
    for frog in range(5):
        pitch, pan = float(random.uniform(480, 1100)), float(random.uniform(-0.9, 0.9))
        near, rate = float(random.uniform(0.3, 1.0)), float(random.uniform(24, 46))
        for _ in range(int(random.integers(4, 8))):
            length = float(random.uniform(0.16, 0.34))
            t = np.arange(round(length * RATE)) / RATE
            pulses = np.maximum(0, np.sin(2 * np.pi * rate * t)) ** 2
            voice = np.sin(2 * np.pi * pitch * t) + 0.5 * np.sin(2 * np.pi * 1.98 * pitch * t + frog)
            grain = grains.humped((pulses * voice).astype(np.float32), 0.4)
            grains.put(total, grain, int(random.integers(LOOP)), pan, near)
    return total


def bees(random: Random) -> Wave:
    """Two bees that come near and go away again, from one side to the other."""
    total = grains.empty()
    for base in (215.0, 248.0):
        pitch = base * (1 + 0.03 * grains.over(grains.wander(random, 3.0)).astype(np.float64))
        # Whole periods fit the loop, so that it meets itself.
        cycles = np.cumsum(pitch) / RATE
        cycles *= round(float(cycles[-1])) / float(cycles[-1])
        buzz = sum((np.sin(2 * np.pi * k * cycles) / k**0.8 for k in range(1, 9)), np.zeros(LOOP)).astype(np.float32)
        near, place = grains.gusts(random, 0.4, 0.8), np.clip(0.7 * grains.over(grains.wander(random, 0.3)), -1, 1)
        total[0] += near * buzz * np.sqrt(0.5 - 0.45 * place)
        total[1] += near * buzz * np.sqrt(0.5 + 0.45 * place)
    return total


def night(random: Random) -> Wave:
    """Nothing but the air of a quiet place."""
    return _blowing(random, ((60, 200, 1.0), (200, 700, 0.25)), 0.15, 0.2)
