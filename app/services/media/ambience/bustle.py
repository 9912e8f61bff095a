"""Beds that people and their machines make: voices far away, wheels, hands, clocks, feet."""

from __future__ import annotations

import numpy as np

from app.services.media.ambience import grains
from app.services.media.ambience.grains import LOOP, LOOP_S, Random
from app.services.media.tones import RATE, Wave, ringing


def _murmur(random: Random, voices: int, bright: float) -> Wave:
    """People too far away to be understood: noise with the resonances and the syllables of speech."""
    total = grains.empty()
    for voice in range(voices):
        first, second = float(random.uniform(380, 750)), float(random.uniform(1000, 1900)) * bright
        mouth = grains.peak(first, 110) + 0.55 * grains.peak(second, 180) + 0.06 * grains.band(2500, 5000)
        syllables = np.clip(grains.wander(random, 4.5), 0, None) ** 1.3
        phrases = np.clip(0.55 + 0.8 * grains.wander(random, 0.5), 0, 1.6)
        sound = grains.noise(random, mouth) * grains.over(syllables * phrases)
        pan = -0.9 + 1.8 * (voice + 0.5) / voices
        total[0] += np.float32(np.cos((1 + pan) * np.pi / 4)) * sound
        total[1] += np.float32(np.sin((1 + pan) * np.pi / 4)) * sound
    for side in range(2):
        total[side] += 0.3 * grains.noise(random, grains.band(200, 900)) * grains.gusts(random, 0.4, 0.15)
    return total


def _roll(random: Random, low_hz: float, high_hz: float, level: float) -> Wave:
    """A low rolling noise on both sides."""
    sides = [grains.noise(random, grains.band(low_hz, high_hz)) * grains.gusts(random, 0.6, 0.2) for _ in range(2)]
    return np.float32(level) * grains.wide(*sides)


def crowd(random: Random) -> Wave:
    return _murmur(random, 9, 1.0)


def market(random: Random) -> Wave:
    """A crowd, dishes that clink and a few things set down."""
    total = _murmur(random, 8, 1.1)
    for _ in range(16):
        base = float(random.uniform(1900, 4200))
        clink = ringing((base, base * 1.52, base * 2.31), (0.5, 0.3, 0.2), (22, 30, 40), 0.25)
        grains.put(total, clink, int(random.integers(LOOP)), float(random.uniform(-0.9, 0.9)), 0.35)
    for _ in range(8):
        thud = grains.dying(grains.breath(random, 0.1, 120, 700), 40)
        grains.put(total, thud, int(random.integers(LOOP)), float(random.uniform(-0.9, 0.9)), 0.6)
    return total


def children(random: Random) -> Wave:
    """Children at play behind a hedge: short bright syllables that rise and fall, never a word."""
    total = 0.1 * _murmur(random, 3, 1.35)
    for _ in range(18):
        pitch, pan = float(random.uniform(430, 720)), float(random.uniform(-0.9, 0.9))
        near, at = float(random.uniform(0.25, 0.8)), float(random.uniform(0, LOOP_S))
        laughing = random.random() < 0.5
        for number in range(int(random.integers(3, 6)) if laughing else int(random.integers(1, 4))):
            length = 0.085 if laughing else float(random.uniform(0.12, 0.26))
            x = np.linspace(0, 1, round(length * RATE))
            bend = 1.08 - 0.2 * x if laughing else 1 + 0.22 * np.sin(np.pi * (x + float(random.uniform(0, 0.6))))
            vowel = ((950, 160, 1.0), (1500, 220, 0.5), (2900, 400, 0.2))
            grain = grains.humped(grains.voiced(pitch * bend * 0.96**number, vowel, 10), 0.35)
            start = int((at + number * (0.155 if laughing else 0.24)) * RATE) % LOOP
            grains.put(total, grain, start, pan, near)
            grains.put(total, grain, (start + round(0.07 * RATE)) % LOOP, -pan, 0.3 * near)
            grains.put(total, grain, (start + round(0.15 * RATE)) % LOOP, 0.5 * pan, 0.15 * near)
    return total


def applause(random: Random) -> Wave:
    sides = []
    for _ in range(2):
        hands = sum(
            (grains.strewn(random, 36, grains.peak(at, 0.3 * at), 0.4) for at in (800, 1100, 1500, 2000, 2900)),
            np.zeros(LOOP, np.float32),
        )
        sides.append(hands * grains.gusts(random, 0.8, 0.15) + 0.35 * grains.noise(random, grains.band(700, 4000)))
    return grains.wide(*sides)


def cheering(random: Random) -> Wave:
    total = 0.8 * applause(random) + _murmur(random, 6, 1.25)
    for side in range(2):
        roar = grains.noise(random, grains.peak(900, 250) + 0.6 * grains.peak(1400, 300))
        total[side] += 0.9 * roar * grains.gusts(random, 0.5, 0.4)
    return total


def street(random: Random) -> Wave:
    """Traffic some way off: a low roll, cars that pass from one side to the other."""
    total = _roll(random, 45, 260, 0.7)
    for number in range(3):
        length = float(random.uniform(3.0, 4.5))
        x = np.linspace(0, 1, round(length * RATE))
        passing = grains.breath(random, length, 160, 1500)[: x.size] * (np.sin(np.pi * x) ** 3).astype(np.float32)
        start = int((number + float(random.uniform(0, 0.5))) * LOOP_S / 3 * RATE)
        places = (start + np.arange(passing.size)) % LOOP
        across = x if random.random() < 0.5 else 1 - x
        total[0, places] += passing * np.cos(across * np.pi / 2).astype(np.float32)
        total[1, places] += passing * np.sin(across * np.pi / 2).astype(np.float32)
    return total + 0.12 * _murmur(random, 4, 1.0)


def engine(random: Random) -> Wave:
    """A motor that turns evenly."""
    t = np.arange(LOOP) / LOOP
    base = round(44 * LOOP_S)  # whole turns in the loop
    total = sum((np.sin(2 * np.pi * base * k * t + k * k) / k for k in range(1, 12)), np.zeros(LOOP))
    total *= 1 + 0.3 * np.sin(2 * np.pi * base / 2 * t)
    return (0.5 * total).astype(np.float32) + _roll(random, 150, 1600, 0.25)


def hum(random: Random) -> Wave:
    """The inside of a ship between the stars: air that stands, and a resonance that breathes."""
    sides = []
    for side in range(2):
        low = grains.noise(random, grains.peak(62 + side, 5) + 0.5 * grains.peak(124, 7) + 0.2 * grains.peak(187, 9))
        air = grains.noise(random, grains.band(300, 1800, 1))
        sides.append(low * grains.gusts(random, 0.25, 0.2) + 0.1 * air * grains.gusts(random, 0.2, 0.25))
    return grains.wide(*sides)


def train(random: Random) -> Wave:
    """Wheels over the joints of the rails, two and two, over a roll."""
    total = _roll(random, 50, 420, 0.3)
    for number in range(12):
        for late, size in ((0.0, 1.0), (0.13, 0.8), (0.36, 0.7), (0.49, 0.55)):
            clack = grains.dying(grains.breath(random, 0.12, 180, 1400), 34)
            clack[: round(0.09 * RATE)] += ringing((310.0, 760.0), (0.8, 0.3), (36, 50), 0.09)[: clack.size]
            at = number * LOOP_S / 12 + late
            grains.put(total, clack, int(at * RATE) % LOOP, -0.1 + 0.2 * (number % 2), size)
    return total


def clock(random: Random) -> Wave:
    """Tick and tock."""
    total = grains.empty()
    for number in range(16):
        base = 2300.0 if number % 2 else 1900.0
        tick = ringing((base, base * 1.7, base * 2.6, 420.0), (0.5, 0.3, 0.15, 0.25), (130, 160, 200, 70), 0.09)
        tick += 0.3 * grains.dying(grains.breath(random, 0.09, 1500, 7000), 300)[: tick.size]
        at = round(number * LOOP / 16)
        grains.put(total, tick, at, 0.25)
        grains.put(total, tick, (at + round(0.021 * RATE)) % LOOP, -0.6, 0.12)
    return total


def heartbeat(random: Random) -> Wave:
    total = grains.empty()
    for number in range(11):
        for late, pitch, size in ((0.0, 52, 1.0), (0.28, 66, 0.7)):
            beat = grains.gliding(0.22, lambda x, p=pitch: p * (1.35 - 0.5 * x), (1.0, 0.3, 0.12))  # type: ignore[misc]
            at = (number * LOOP_S / 11 + late + float(random.uniform(-0.008, 0.008))) * RATE
            grains.put(total, grains.humped(beat, 0.22), int(at) % LOOP, 0.0, size)
    return total


def _footfalls(random: Random, kind: str) -> Wave:
    total = grains.empty()
    count = 19
    for number in range(count):
        at = number * LOOP_S / count + float(random.uniform(-0.02, 0.02))
        force, pan = float(random.uniform(0.75, 1.0)), 0.18 if number % 2 else -0.18
        if kind == "snow":
            step = grains.humped(grains.breath(random, 0.26, 700, 4200), 0.4)
            step *= (0.35 + np.abs(grains.breath(random, 0.26, 40, 160)))[: step.size]  # it creaks as it is pressed
        elif kind == "run":
            step = grains.dying(grains.breath(random, 0.1, 120, 1500), 48)
        else:
            step = grains.dying(grains.breath(random, 0.16, 110, 900), 36)
            toe = grains.humped(grains.breath(random, 0.09, 1200, 4500), 0.3)
            late = round(0.07 * RATE)
            step[late : late + toe.size] += 0.22 * toe[: step.size - late]
        grains.put(total, step, int(at * RATE) % LOOP, pan, force)
        if kind == "run":
            between = int((at + LOOP_S / count / 2) * RATE) % LOOP
            grains.put(total, step, between, -pan, 0.85 * force)
    return total


def steps(random: Random) -> Wave:
    return _footfalls(random, "walk")


def snow_steps(random: Random) -> Wave:
    return _footfalls(random, "snow")


def running(random: Random) -> Wave:
    return _footfalls(random, "run")


def hooves(random: Random) -> Wave:
    """A trot: four blows to a bar, each a hollow knock."""
    total = grains.empty()
    for number in range(30):
        base = (760.0, 980.0, 700.0, 900.0)[number % 4]
        knock = ringing((base, base * 1.62, 240.0), (0.6, 0.25, 0.5), (55, 70, 40), 0.16)
        knock += 0.12 * grains.dying(grains.breath(random, 0.16, 600, 3500), 120)[: knock.size]
        at = (number + 0.12 * (number % 2) + float(random.uniform(-0.02, 0.02))) * LOOP_S / 30
        size = (1.0, 0.7, 0.85, 0.65)[number % 4]
        grains.put(total, knock, int(at * RATE) % LOOP, 0.15 if number % 2 else -0.15, size)
    return total


def typing(random: Random) -> Wave:
    total, at = grains.empty(), 0.0
    while at < LOOP_S - 0.5:
        at += float(random.uniform(0.07, 0.2)) if random.random() < 0.9 else float(random.uniform(0.5, 1.1))
        base = float(random.uniform(1500, 2600))
        key = ringing((base, base * 1.8, 310.0), (0.4, 0.2, 0.3), (140, 170, 80), 0.06)
        key += 0.4 * grains.dying(grains.breath(random, 0.06, 1500, 6000), 220)[: key.size]
        grains.put(total, key, int(at * RATE) % LOOP, float(random.uniform(-0.3, 0.3)), float(random.uniform(0.5, 1.0)))
    return total


def beeps(random: Random) -> Wave:
    """Machines that think: short notes of a few pitches, over the breath of a fan."""
    total = 0.03 * grains.wide(*(grains.noise(random, grains.band(150, 900)) for _ in range(2)))
    pitches = (880.0, 988.0, 1174.7, 1318.5, 1760.0)
    for _ in range(9):
        at, pan = float(random.uniform(0, LOOP_S)), float(random.uniform(-0.7, 0.7))
        for number in range(int(random.integers(1, 5))):
            pitch = pitches[int(random.integers(5))]
            grain = grains.humped(grains.gliding(0.07, lambda x, p=pitch: p + 0 * x, (1.0, 0.15)), 0.2)  # type: ignore[misc]
            grains.put(total, grain, int((at + 0.1 * number) * RATE) % LOOP, pan, 0.5)
    return total
