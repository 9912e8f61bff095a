"""What sounds for as long as it is played: winds, bowed strings, brass and the soft machines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.services.media import tones
from app.services.media.tones import Curve, Wave

_FLUTE = ((1.0, 0.18, 0.05, 0.01), (1.0, 0.42, 0.2, 0.07, 0.03))
_CLARINET = ((1.0, 0.01, 0.32, 0.01, 0.07), (1.0, 0.03, 0.55, 0.05, 0.3, 0.06, 0.16, 0.05, 0.08))
_HORN = ((1.0, 0.5, 0.2, 0.07, 0.02), (1.0, 0.85, 0.62, 0.42, 0.28, 0.18, 0.11, 0.07, 0.04))
_MUTED = (
    (0.5, 0.6, 0.55, 0.4, 0.2, 0.1),
    (0.35, 0.55, 0.75, 0.9, 0.8, 0.55, 0.4, 0.3, 0.22, 0.16, 0.1),
)
_OBOE = ((0.6, 0.8, 0.6, 0.25, 0.1), (0.5, 0.9, 0.95, 0.5, 0.3, 0.2, 0.12, 0.08))
_BOWED = tuple(1 / k**1.25 * (1.25 if k in (3, 4, 7) else 1.0) for k in range(1, 15))
_VIOLA = (tuple(level * 0.75**k for k, level in enumerate(_BOWED)), _BOWED)
_SOFT_SAW = tuple(1 / k**1.5 for k in range(1, 12))


def _voice(pitch: float, turns: Curve, tables: Sequence[tuple[float, ...]], level: Wave, brightness: Wave) -> Wave:
    """A wave between a dark and a bright colour, at a level."""
    most = tones.harmonics(pitch)
    dark, bright = (tones.read(tones.table(colour, most), turns) for colour in tables)
    wave: Wave = level * (dark + brightness * (bright - dark))
    return wave


def _breath(t: Curve, length_s: float, rise_s: float, fall_s: float) -> Wave:
    """Level of a note on one breath: it speaks, leans on its middle and lets go."""
    end = length_s
    rise = min(rise_s, 0.4 * end)
    points = [(0, 0), (rise, 0.88), (rise + 0.3 * (end - rise), 1.0), (end, 0.8), (end + fall_s, 0)]
    level = tones.envelope(t, points)
    return level * level * (3 - 2 * level)  # rounded corners


def flute(pitch: float, length_s: float, force: float) -> Wave:
    """Breath first, then the tone, swaying in loudness more than in pitch."""
    length = max(0.22, length_s)
    t = tones.seconds(length + 0.2)
    sway = tones.vibrato(t, 5.1, 9, 0.25)
    level = _breath(t, length, 0.07, 0.16) * (1 + 9 * (sway - 1)).astype(np.float32)
    tone = _voice(pitch, tones.turns(pitch, sway), _FLUTE, level, np.float32(force) * level)
    wind = tones.noise(length + 0.2, tones.hertz(pitch) * 0.8, tones.hertz(pitch) * 2.2, int(pitch))[: t.size]
    air = (0.02 + 0.06 * np.exp(-t * 16)).astype(np.float32) * level * wind
    return tones.shaped(tone + air, 0.012, 0.05)


def bamboo(pitch: float, length_s: float, force: float) -> Wave:
    """A xiao: it slides up into its note, and trembles late."""
    length = max(0.25, length_s)
    t = tones.seconds(length + 0.25)
    slide = 1 - 0.045 * np.exp(-t * 22)
    sway = tones.vibrato(t, 4.6, 16, 0.4) * slide
    level = _breath(t, length, 0.09, 0.2)
    tone = _voice(pitch, tones.turns(pitch, sway), _FLUTE, level, np.float32(0.35 + 0.6 * force) * level)
    wind = tones.noise(length + 0.25, tones.hertz(pitch) * 0.9, 5200, int(pitch) + 9)[: t.size]
    air = (0.022 + 0.07 * np.exp(-t * 12)).astype(np.float32) * level * wind
    return tones.shaped(tone + air, 0.015, 0.06)


def clarinet(pitch: float, length_s: float, force: float) -> Wave:
    length = max(0.18, length_s)
    t = tones.seconds(length + 0.13)
    level = _breath(t, length, 0.045, 0.11)
    turned = tones.turns(pitch, tones.vibrato(t, 4.9, 4, 0.4))
    return tones.shaped(_voice(pitch, turned, _CLARINET, level, np.float32(0.2 + 0.7 * force) * level), 0.01, 0.04)


def oboe(pitch: float, length_s: float, force: float) -> Wave:
    length = max(0.2, length_s)
    t = tones.seconds(length + 0.13)
    level = _breath(t, length, 0.05, 0.11)
    turned = tones.turns(pitch, tones.vibrato(t, 5.2, 8, 0.3))
    return tones.shaped(_voice(pitch, turned, _OBOE, level, np.float32(0.1 + 0.6 * force) * level), 0.01, 0.04)


def horn(pitch: float, length_s: float, force: float) -> Wave:
    """Two players; the louder a moment, the brighter."""
    length = max(0.3, length_s)
    t = tones.seconds(length + 0.3)
    level = _breath(t, length, 0.12, 0.25)
    colour = np.float32(force) * level * level
    scoop = 1 - 0.012 * np.exp(-t * 20)
    sides = [
        _voice(pitch, tones.turns(pitch + cents / 100, scoop * tones.vibrato(t, rate, 5, 0.5)), _HORN, level, colour)
        for cents, rate in ((-3.0, 4.7), (3.0, 5.0))
    ]
    return tones.shaped(0.5 * (sides[0] + sides[1]), 0.02, 0.06)


def muted_trumpet(pitch: float, length_s: float, force: float) -> Wave:
    length = max(0.2, length_s)
    t = tones.seconds(length + 0.14)
    level = _breath(t, length, 0.05, 0.12)
    bend = 1 - 0.018 * np.exp(-t * 18)
    turned = tones.turns(pitch, bend * tones.vibrato(t, 5.4, 14, 0.45))
    return tones.shaped(_voice(pitch, turned, _MUTED, level, np.float32(0.15 + 0.6 * force) * level), 0.012, 0.05)


def cello(pitch: float, length_s: float, force: float) -> Wave:
    """One bowed string that sings: vibrato, and a bow that takes hold a moment after it is laid on."""
    length = max(0.3, length_s)
    t = tones.seconds(length + 0.22)
    level = _breath(t, length, 0.11, 0.2)
    turned = tones.turns(pitch, tones.vibrato(t, 5.3, 13, 0.2))
    return tones.shaped(_voice(pitch, turned, _VIOLA, level, np.float32(0.25 + 0.7 * force) * level), 0.015, 0.05)


def spiccato(pitch: float, _length_s: float, force: float) -> Wave:
    """Low strings with a bow that bounces: short and dark."""
    t = tones.seconds(0.42)
    level = tones.envelope(t, ((0, 0), (0.02, 1.0), (0.09, 0.62), (0.4, 0)))
    sides = [
        _voice(pitch, tones.turns(pitch + off, np.ones(t.size)) + phase, _VIOLA, level, np.float32(force) * level)
        for off, phase in ((-0.05, 0.0), (0.04, 0.37))
    ]
    return tones.shaped(0.5 * (sides[0] + sides[1]), 0.006, 0.1)


def _ensemble(
    pitch: float, length_s: float, force: float, colour: tuple[float, ...], swell: float, fall: float
) -> Wave:
    """Four players, two on each side, each a little off the others in pitch and time."""
    length = max(0.4, length_s)
    t = tones.seconds(length + fall)
    rise = min(swell, 0.45 * length)
    level = tones.envelope(t, ((0, 0), (rise, 1.0), (max(rise, length * 0.8), 0.86), (length + fall, 0)))
    level = level * level * (3 - 2 * level)
    tone = tones.table(tuple(one * (0.72 + 0.28 * force) ** k for k, one in enumerate(colour)), tones.harmonics(pitch))
    sides = []
    for offs in (((-7, 4.6, 0.1), (4, 5.3, 0.62)), ((7, 5.0, 0.35), (-4, 4.2, 0.83))):
        parts = [
            tones.read(tone, tones.turns(pitch + cents / 100, tones.vibrato(t, rate, 6, 0.15)) + phase)
            for cents, rate, phase in offs
        ]
        sides.append(level * (parts[0] + parts[1]))
    return tones.shaped(np.float32(0.5) * np.stack(sides), 0.02, 0.08)


def strings(pitch: float, length_s: float, force: float) -> Wave:
    return _ensemble(pitch, length_s, force, _BOWED, 0.5, 0.55)


def synth_pad(pitch: float, length_s: float, force: float) -> Wave:
    return _ensemble(pitch, length_s, force, _SOFT_SAW, 0.8, 0.9)


def synth_lead(pitch: float, length_s: float, force: float) -> Wave:
    """Two soft saws that glide into the note."""
    length = max(0.2, length_s)
    t = tones.seconds(length + 0.3)
    level = _breath(t, length, 0.06, 0.26)
    glide = (1 - 0.012 * np.exp(-t * 16)) * tones.vibrato(t, 5.0, 8, 0.35)
    dull = tuple(one * 0.7**k for k, one in enumerate(_SOFT_SAW))
    sides = [
        _voice(pitch, tones.turns(pitch + off, glide) + phase, (dull, _SOFT_SAW), level, np.float32(force) * level)
        for off, phase in ((-0.06, 0.0), (0.06, 0.4))
    ]
    return tones.shaped(np.stack(sides), 0.01, 0.08)
