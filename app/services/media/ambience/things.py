"""Sounds of things: bells, doors, thunder, machines; each is heard once or twice in a shot, (2, n)."""

from __future__ import annotations

import numpy as np

from app.services.media.ambience import grains
from app.services.media.ambience.grains import Random
from app.services.media.tones import RATE, Wave, ringing, seconds, shaped


def _later(parts: list[tuple[float, Wave, float]], length_s: float) -> Wave:
    """(second, wave, level) laid on one line."""
    total = np.zeros(round(length_s * RATE), np.float32)
    for at, wave, level in parts:
        start = round(at * RATE)
        end = min(total.size, start + wave.size)
        total[start:end] += np.float32(level) * wave[: end - start]
    return total


def _tail(wave: Wave, length_s: float) -> Wave:
    return shaped(wave, 0.001, min(1.5, 0.4 * length_s))


def temple_bell(random: Random) -> Wave:
    """A great bell struck with a beam: hum, prime, tierce, quint and nominal, each pair beating slowly."""
    base = float(random.uniform(118, 150))
    parts = ((0.5, 0.5, 0.30), (1.0, 0.9, 0.42), (1.19, 0.5, 0.6), (1.5, 0.3, 0.8), (2.0, 0.6, 0.75), (2.67, 0.25, 1.3),
             (3.0, 0.2, 1.6), (4.1, 0.14, 2.4), (5.4, 0.08, 3.6))  # fmt: skip
    wide = []
    for side in (0, 1):
        hertz, levels, decays = [], [], []
        for ratio, level, decay in parts:
            split = 0.45 + 0.2 * ratio + 0.1 * side
            hertz += [base * ratio - split / 2, base * ratio + split / 2]
            levels += [0.62 * level, 0.38 * level]
            decays += [decay, decay]
        bell = ringing(hertz, levels, decays, 5.5)
        strike = grains.dying(grains.breath(random, 0.12, 90, 900), 45)
        bell[: strike.size] += 0.35 * strike
        wide.append(shaped(bell, 0.004, 2.0))
    return np.stack(wide)


def church_bell(random: Random) -> Wave:
    base = float(random.uniform(330, 420))
    parts = ((0.5, 0.3, 0.9), (1.0, 0.8, 1.1), (1.2, 0.45, 1.4), (1.5, 0.25, 1.8), (2.0, 0.7, 1.6), (2.5, 0.2, 2.6),
             (3.0, 0.25, 3.0), (4.2, 0.14, 4.5))  # fmt: skip
    hertz, levels, decays = zip(*((base * ratio, level, decay) for ratio, level, decay in parts), strict=True)
    bell = ringing(hertz, levels, decays, 3.4)
    rings = _later([(0.0, bell, 1.0), (1.45, bell, 0.8)], 4.9)
    return grains.outdoors(random, _tail(rings, 4.9), 1.5, 0.5)


def small_bell(random: Random) -> Wave:
    """A hand bell or a bicycle's: a few quick strikes, very bright."""
    base = float(random.uniform(1750, 2150))
    bell = ringing((base, base * 1.005, base * 2.41, base * 3.9), (0.5, 0.4, 0.3, 0.12), (3.5, 3.9, 6.0, 10.0), 1.2)
    parts = [(0.16 * number + float(random.uniform(0, 0.02)), bell, 1.0 - 0.12 * (number % 2)) for number in range(5)]
    return grains.outdoors(random, _tail(_later(parts, 1.9), 1.9), 0.7, 0.25)


def chimes(random: Random) -> Wave:
    """A wind chime that a breath of air has touched."""
    parts = []
    for _ in range(9):
        pitch = 1046.5 * 2 ** (int(random.choice([0, 2, 4, 7, 9, 12, 14, 16])) / 12)
        tube = ringing((pitch, pitch * 2.76, pitch * 5.4), (0.6, 0.2, 0.07), (2.2, 4.0, 8.0), 1.8)
        parts.append((float(random.uniform(0, 1.6)), tube, float(random.uniform(0.25, 0.9))))
    return grains.outdoors(random, _tail(_later(parts, 3.2), 3.2), 1.0, 0.3)


def sparkle(random: Random) -> Wave:
    """Magic: a glitter of tiny bells that runs up and scatters."""
    parts = []
    for number in range(22):
        step = (0, 2, 4, 7, 9)[number % 5] + 12 * (number // 5) / 2.2
        pitch = 1318.5 * 2 ** (step / 12) * float(random.uniform(0.996, 1.004))
        grain = ringing((pitch, pitch * 2.01, pitch * 3.0), (0.6, 0.2, 0.1), (6.0, 9.0, 14.0), 0.7)
        parts.append((0.055 * number + float(random.uniform(0, 0.03)), grain, 0.9 - 0.03 * number))
    return grains.outdoors(random, _tail(_later(parts, 2.2), 2.2), 1.4, 0.5)


def thunder(random: Random) -> Wave:
    """A crack in the distance, then rumbling that rolls away in several waves."""
    length = 5.2
    t = seconds(length)
    wide = []
    rolls = [(0.0, 1.0, 1.6)] + [
        (float(random.uniform(0.25, 2.4)), float(random.uniform(0.35, 0.8)), float(random.uniform(0.9, 1.7)))
        for _ in range(4)
    ]
    for _ in range(2):
        level = np.zeros(t.size)
        for at, size, decay in rolls:
            level += size * np.clip((t - at) / 0.09, 0, 1) * np.exp(-decay * np.clip(t - at, 0, None))
        deep = grains.breath(random, length, 28, 130)[: t.size]
        middle = grains.breath(random, length, 110, 600)[: t.size]
        bright = grains.breath(random, length, 500, 2600)[: t.size]
        crack = np.exp(-7 * t) * np.clip(t / 0.01, 0, 1)
        wide.append(level * (deep + 0.45 * middle * np.exp(-0.7 * t)) + 0.3 * crack * bright)
    return shaped(np.stack(wide).astype(np.float32), 0.01, 1.2)


def knock(random: Random) -> Wave:
    parts = []
    for number in range(3):
        body = ringing((178.0, 342.0, 610.0, 1130.0), (0.8, 0.5, 0.3, 0.12), (38, 46, 60, 90), 0.2)
        body += 0.15 * grains.dying(grains.breath(random, 0.2, 300, 2600), 130)[: body.size]
        parts.append((0.27 * number, body, (0.85, 0.75, 1.0)[number]))
    return grains.outdoors(random, _later(parts, 0.8), 0.5, 0.3)


def door(random: Random) -> Wave:
    """A hinge that sticks and slips, then the latch."""
    slips, at = np.zeros(round(1.0 * RATE), np.float32), 0.0
    while at < 0.9:
        at += 1 / float(28 + 46 * np.sin(np.pi * at / 1.0) + random.uniform(-5, 5))
        slips[min(slips.size - 1, round(at * RATE))] += float(random.uniform(0.6, 1.0))
    hinge = ringing((560.0, 1230.0, 2080.0), (0.5, 0.4, 0.2), (60, 80, 120), 0.1)
    size = 2 * slips.size
    creak = np.fft.irfft(np.fft.rfft(slips, size) * np.fft.rfft(hinge, size), size)[: slips.size].astype(np.float32)
    thump = ringing((95.0, 170.0, 420.0), (1.0, 0.5, 0.2), (22, 30, 60), 0.3)
    thump += 0.2 * grains.dying(grains.breath(random, 0.3, 200, 2200), 60)[: thump.size]
    return grains.outdoors(random, _later([(0.0, grains.humped(creak), 0.4), (1.1, thump, 1.0)], 1.5), 0.5, 0.25)


def ship_horn(random: Random) -> Wave:
    length = 2.3
    t = seconds(length)
    level = np.interp(t, (0, 0.16, 1.7, length), (0, 1, 0.92, 0))
    total = np.zeros(t.size)
    for base in (108.0, 163.0):
        for number in range(1, 12):
            total += np.sin(2 * np.pi * base * number * (t - 0.01 * np.exp(-9 * t))) / number**1.1
    return grains.outdoors(random, shaped((level * total).astype(np.float32), 0.05, 0.3), 2.6, 0.6)


def whistle(random: Random) -> Wave:
    """A steam whistle: three pipes and the steam."""
    length = 1.5
    t = seconds(length)
    rise = 1 - 0.06 * np.exp(-10 * t)
    total = sum(
        (np.sin(2 * np.pi * np.cumsum(pitch * rise) / RATE) for pitch in (494.0, 622.0, 740.0)), np.zeros(t.size)
    )
    steam = 0.5 * grains.breath(random, length, 600, 4500)[: t.size]
    level = np.interp(t, (0, 0.1, 1.1, length), (0, 1, 0.9, 0))
    return grains.outdoors(random, shaped((level * (total + steam)).astype(np.float32), 0.03, 0.2), 2.0, 0.5)


def car_horn(random: Random) -> Wave:
    t = seconds(0.32)
    tone = sum(
        (np.sin(2 * np.pi * base * k * t) / k for base in (405.0, 508.0) for k in range(1, 9)), np.zeros(t.size)
    ).astype(np.float32)
    beep = shaped(tone, 0.015, 0.05)
    return grains.outdoors(random, _later([(0.0, beep, 1.0), (0.45, beep, 0.9)], 0.9), 1.2, 0.5)


def drum(random: Random) -> Wave:
    """Three strokes on a big drum."""
    t = seconds(1.2)
    phase = 62 * t + 1.6 * (1 - np.exp(-18 * t))
    body = (np.exp(-4.5 * t) * np.sin(2 * np.pi * phase)).astype(np.float32)
    stick = grains.dying(grains.breath(random, 0.1, 150, 1500), 60)
    body[: stick.size] += 0.15 * stick
    body = shaped(body, 0.003, 0.3)
    return grains.outdoors(random, _later([(0.0, body, 1.0), (0.62, body, 0.7), (0.93, body, 0.85)], 2.2), 1.0, 0.3)


def fireworks(random: Random) -> Wave:
    """It climbs whistling, bursts, and rains down crackling."""
    climb = grains.humped(grains.gliding(0.75, lambda x: 900 + 1500 * x, (1.0, 0.1)), 0.7)
    climb = 0.12 * climb + 0.06 * grains.humped(grains.breath(random, 0.75, 1500, 6000), 0.7)[: climb.size]
    boom = grains.dying(grains.breath(random, 0.9, 45, 380), 6.5) + 0.35 * grains.dying(
        grains.breath(random, 0.9, 400, 3500), 16
    )
    parts = [(0.0, climb, 1.0), (0.85, boom, 1.0)]
    for _ in range(60):
        spark = grains.dying(grains.breath(random, 0.02, 1800, 8000), 260)
        late = float(random.random()) ** 0.7 * 1.3
        parts.append((1.05 + late, spark, 0.3 * float(random.uniform(0.3, 1.0)) * (1.4 - late)))
    return grains.outdoors(random, _later(parts, 2.7), 1.5, 0.4)


def splash(random: Random) -> Wave:
    burst = grains.humped(grains.breath(random, 0.55, 300, 5500), 0.22)
    parts: list[tuple[float, Wave, float]] = [(0.0, burst, 1.0)]
    for _ in range(16):
        pitch = float(random.uniform(450, 1500))
        bubble = grains.dying(grains.gliding(0.05, lambda x, p=pitch: p * (1 + 0.4 * x)), 60)  # type: ignore[misc]
        parts.append((0.12 + float(random.random()) * 0.7, bubble, float(random.uniform(0.4, 1.2))))
    return grains.outdoors(random, _later(parts, 1.1), 0.5, 0.15)


def whoosh(random: Random) -> Wave:
    air = grains.humped(grains.breath(random, 0.7, 250, 1400), 0.55)
    high = grains.humped(grains.breath(random, 0.5, 1200, 4500), 0.6)
    one = _later([(0.0, air, 1.0), (0.12, high, 0.35)], 0.75)
    across = np.linspace(0, np.pi / 2, one.size)
    return shaped(np.stack([one * np.cos(across), one * np.sin(across)]).astype(np.float32), 0.01, 0.05)


def page(random: Random) -> Wave:
    """A leaf of paper that is turned."""
    lift = grains.humped(grains.breath(random, 0.28, 1500, 7500), 0.6)
    fall = grains.humped(grains.breath(random, 0.22, 900, 6000), 0.3)
    crisp = [(float(random.uniform(0.02, 0.5)), grains.dying(grains.breath(random, 0.012, 2500, 9000), 300), 0.6)
             for _ in range(9)]  # fmt: skip
    return grains.outdoors(random, _later([(0.0, lift, 0.8), (0.3, fall, 1.0), *crisp], 0.6), 0.25, 0.12)


def phone(random: Random) -> Wave:
    """An old telephone: two bells under a hammer."""
    parts = []
    bells = [ringing((p, p * 2.4), (0.6, 0.2), (14, 22), 0.3) for p in (1320.0, 1560.0)]
    for burst in (0.0, 0.75):
        parts += [(burst + 0.045 * n, bells[n % 2], 1.0) for n in range(10)]
    return grains.outdoors(random, _tail(_later(parts, 1.7), 1.7), 0.4, 0.2)
