"""The written page: notes as people play them, with their small lateness and never twice the same force."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.services.engines.builtin.music.instruments import PLAYERS


class Note(NamedTuple):
    start_s: float
    length_s: float
    pitch: float
    """MIDI number."""
    force: float
    """0 to 1."""
    player: str
    pan: float
    """-1 left, 1 right."""
    part: str
    """``tune``, ``echo``, ``figure``, ``bass``, ``pad``, ``colour``, ``beat`` or ``end``."""


_LOW, _HIGH = 31, 101
_BELLS = {"music_box": 72, "glockenspiel": 77, "celesta": 67}
"""Players without low notes, and where theirs begin."""


class Page:
    def __init__(self, random: np.random.Generator, swing: float) -> None:
        self.notes: list[Note] = []
        self._random, self._swing = random, swing

    def add(
        self, part: str, player: str, at: float, length: float, pitch: float, force: float, *, lean: float = 0.0
    ) -> None:
        """Write one note. ``lean`` moves it from the player's place on the stage."""
        if not player:
            return
        low = _BELLS.get(player, _LOW)
        while 0 < pitch < low:
            pitch += 12
        while pitch > _HIGH:
            pitch -= 12
        late = float(np.clip(self._random.normal(0.002, 0.006), -0.012, 0.016))
        played = float(np.clip(force * self._random.uniform(0.9, 1.04), 0.05, 1.0))
        pan = max(-1.0, min(1.0, PLAYERS[player].pan + lean))
        start = round(max(0.0, at + late), 4)
        self.notes.append(Note(start, round(max(0.05, length), 2), pitch, round(played, 3), player, pan, part))

    def swung(self, beat: float, metre: int) -> float:
        """Where a beat falls when its second half comes late."""
        whole, half = divmod(beat, 1)
        return whole + self._swing if half == 0.5 and metre == 4 else beat
