"""Play a score into a WAV file, a few seconds at a time: notes, room, doubled sample rate, 16 bit."""

from __future__ import annotations

import math
import wave
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import ValidationFailed
from app.models.engine import ComposeRequest
from app.models.timeline import SAMPLE_RATE
from app.services.engines.builtin.music import instruments, room, score
from app.services.engines.builtin.music.page import Note
from app.services.media import tones
from app.services.media.tones import RATE, Wave

_LONGEST_S = 3600.0
_LONGEST_NOTE = 12 * RATE
_LEVEL, _KNEE = 0.9, 0.72
_SOFT_DB = 15.0
"""How much fainter than the loudest the softest note is."""
_FADE_OUT_S = 0.9


def compose(request: dict[str, Any], folder: Path, check: Callable[[], None]) -> dict[str, Any]:
    """ComposeRequest to ``music.wav`` (48 kHz, stereo, 16 bit). Facts: audio, facts{tempo, key, metre, ensemble,
    moods, notes, final_s (when the last chord is struck), seed}."""
    asked = ComposeRequest(**request)
    if not (math.isfinite(asked.duration_s) and 0 < asked.duration_s <= _LONGEST_S):
        raise ValidationFailed(f"Music lasts more than 0 and at most {_LONGEST_S:.0f} s, not {asked.duration_s}")
    written = score.compose(asked)
    samples = max(1, round(asked.duration_s * SAMPLE_RATE))
    ensemble = written.ensemble
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        dry = _played(written.notes, samples // 2 + 64, check)
        at = 0
        for block in tones.doubled(room.in_a_room(dry, ensemble.hall_s, 1.4 * ensemble.wet)):
            check()
            block = _finished(block[:, : samples - at], at, samples)
            file.writeframesraw((block.T * 32767).round().astype("<i2").tobytes())
            at += block.shape[1]
            if at >= samples:
                break
    facts = {
        "tempo": written.plan.tempo,
        "key": written.key,
        "metre": written.plan.metre,
        "ensemble": ensemble.name,
        "moods": written.moods,
        "notes": len(written.notes),
        "final_s": round(written.plan.final_s, 3),
        "seed": asked.seed,
    }
    return {"audio": "music.wav", "facts": facts}


def _played(notes: list[Note], samples: int, check: Callable[[], None]) -> Iterator[Wave]:
    """Left, right and the room's share, dry, at RATE, in blocks; a note is added whole where it begins and carried
    over."""
    play = lru_cache(maxsize=128)(instruments.note)  # the same note comes again and again; forgotten with the piece
    waiting = iter(notes)
    coming = next(waiting, None)
    buffer = np.zeros((3, room.BLOCK + _LONGEST_NOTE), np.float32)
    for start in range(0, samples, room.BLOCK):
        while coming and round(coming.start_s * RATE) < start + room.BLOCK:
            check()
            player = instruments.PLAYERS[coming.player]
            # Lengths in steps of a twentieth: the same note is then made once.
            length = round(coming.length_s * 20) / 20 if player.sustained or "bass" in coming.player else 1.0
            sound = play(coming.player, coming.pitch, length, instruments.layer_of(coming.force))
            _add(buffer, round(coming.start_s * RATE) - start, sound[..., :_LONGEST_NOTE], coming, player.room)
            coming = next(waiting, None)
        yield buffer[:, : room.BLOCK].copy()
        buffer[:, : -room.BLOCK] = buffer[:, room.BLOCK :]
        buffer[:, -room.BLOCK :] = 0


def _add(buffer: Wave, at: int, sound: Wave, note: Note, wet: float) -> None:
    end = at + sound.shape[-1]
    level = 10 ** (-_SOFT_DB * (1 - note.force) / 20)
    # Equal power between the loudspeakers; what is wide by itself is only leaned a little.
    angle = (1 + note.pan * (0.4 if sound.ndim == 2 else 0.8)) * math.pi / 4
    for side, gain in enumerate((math.cos(angle), math.sin(angle))):
        buffer[side, at:end] += (sound[side] if sound.ndim == 2 else sound) * np.float32(gain * level)
    buffer[2, at:end] += (sound.sum(0) * np.float32(0.7) if sound.ndim == 2 else sound) * np.float32(wet * level)


def _finished(block: Wave, at: int, samples: int) -> Wave:
    """At its level, never above full scale, and gone by the last sample."""
    block = block * np.float32(_LEVEL)
    loud = np.abs(block) > _KNEE
    if loud.any():
        over = ((np.abs(block[loud]) - _KNEE) / (1 - _KNEE)).astype(np.float64)
        block[loud] = np.sign(block[loud]) * (_KNEE + (1 - _KNEE) * 0.9 * over / (1 + over))
    fade = min(round(_FADE_OUT_S * SAMPLE_RATE), samples // 3 + 1)
    left = samples - at - 1 - np.arange(block.shape[1])
    if left.size and left[-1] < fade:
        block = block * np.sin(np.clip(left / fade, 0, 1) * (np.pi / 2)).astype(np.float32) ** 2
    return block
