"""The players: one name, one maker of notes, one place on the stage and one level each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from app.services.engines.builtin.music import beaten, blown, plucked
from app.services.media.tones import RATE, Wave

Maker = Callable[[float, float, float], Wave]
"""(MIDI pitch, length in seconds, force 0 to 1) -> one note. What is struck or plucked rings as long as it rings."""
_WINDOW = RATE // 20
_LAYERS = (0.4, 0.65, 0.9)
"""Forces that are really played: between them only the level changes."""


class Player(NamedTuple):
    make: Maker
    level: float
    """Loudness beside the others: RMS of the loudest twentieth of a second."""
    pan: float
    """-1 left, 1 right."""
    room: float
    """How much of it goes into the room: far is wet."""
    sustained: bool = False


PLAYERS: dict[str, Player] = {
    "harp": Player(plucked.harp, 0.125, -0.35, 0.8),
    "pizzicato": Player(plucked.pizzicato, 0.13, 0.25, 0.7),
    "piano": Player(plucked.piano, 0.15, -0.12, 0.6),
    "zither": Player(plucked.zither, 0.15, -0.2, 0.7),
    "music_box": Player(plucked.music_box, 0.12, 0.1, 0.8),
    "glockenspiel": Player(plucked.glockenspiel, 0.075, 0.4, 0.9),
    "celesta": Player(plucked.celesta, 0.125, 0.2, 0.9),
    "vibraphone": Player(plucked.vibraphone, 0.13, 0.3, 0.7),
    "marimba": Player(plucked.marimba, 0.15, -0.3, 0.6),
    "electric_piano": Player(plucked.electric_piano, 0.13, -0.25, 0.6),
    "synth_pluck": Player(plucked.synth_pluck, 0.105, 0.3, 0.6),
    "bass": Player(plucked.bass, 0.22, 0.05, 0.3),
    "synth_bass": Player(plucked.synth_bass, 0.2, 0.0, 0.15),
    "flute": Player(blown.flute, 0.13, 0.15, 0.9, True),
    "bamboo": Player(blown.bamboo, 0.135, 0.15, 1.0, True),
    "clarinet": Player(blown.clarinet, 0.12, -0.15, 0.8, True),
    "oboe": Player(blown.oboe, 0.09, 0.05, 0.9, True),
    "horn": Player(blown.horn, 0.14, -0.25, 1.1, True),
    "muted_trumpet": Player(blown.muted_trumpet, 0.085, 0.15, 0.8, True),
    "cello": Player(blown.cello, 0.12, 0.2, 0.9, True),
    "spiccato": Player(blown.spiccato, 0.15, 0.15, 0.7),
    "strings": Player(blown.strings, 0.052, 0.0, 1.0, True),
    "synth_pad": Player(blown.synth_pad, 0.05, 0.0, 0.8, True),
    "synth_lead": Player(blown.synth_lead, 0.085, 0.1, 0.8, True),
    "drum": Player(beaten.drum, 0.26, 0.0, 0.6),
    "timpani": Player(beaten.timpani, 0.2, 0.1, 0.9),
    "kick": Player(beaten.kick, 0.2, 0.0, 0.15),
    "woodblock": Player(beaten.woodblock, 0.06, 0.35, 0.9),
    "brush": Player(beaten.brush, 0.022, -0.3, 0.4, True),
    "brush_tap": Player(beaten.brush_tap, 0.03, -0.25, 0.4),
    "hat": Player(beaten.hat, 0.018, 0.3, 0.3),
    "shaker": Player(beaten.shaker, 0.018, -0.35, 0.4),
    "rim": Player(beaten.rim, 0.04, 0.25, 0.5),
    "triangle": Player(beaten.triangle, 0.022, 0.4, 0.9),
    "swell": Player(beaten.swell, 0.05, 0.0, 0.7, True),
}


def note(name: str, pitch: float, length_s: float, layer: int) -> Wave:
    """One note of a player at its level; ``layer`` 0 to 2 is how hard it is played."""
    player = PLAYERS[name]
    wave = player.make(pitch, length_s, _LAYERS[layer])
    power = np.square(wave, dtype=np.float32).reshape(-1, wave.shape[-1]).mean(0)
    short = -power.size % _WINDOW
    loudest = float(np.sqrt(np.pad(power, (0, short)).reshape(-1, _WINDOW).mean(1).max()))
    # The ear hears high notes as louder and low ones as fainter than they are.
    tilt = 2 ** (-(pitch - 60) / 12 * 0.12) if pitch else 1.0
    scaled: Wave = wave * np.float32(player.level * tilt / max(loudest, 1e-6))
    return scaled


def layer_of(force: float) -> int:
    return 0 if force < 0.52 else 1 if force < 0.78 else 2
