"""The film's one sound track: voices at exact samples over ducked music and the world's sounds, at the loudness wanted.

Three passes over blocks of a second, so that a long film needs no more memory than a short one: the voices,
each brought to one level, onto a bus; voices, music and ambience onto the mix, measured as it is written; the mix with
its gain and limiter into AAC. The last is done again if the decoded file misses a target, which a coder that
overshoots can make it do. Voices alone stay mono up to the coder, for half the work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import ValidationFailed
from app.models.timeline import SAMPLE_RATE, MixRequest, Voice
from app.services.media import loudness, music_bed, sound
from app.services.media.ambience import bus as world
from app.services.media.ambience import plan as moments
from app.services.media.fir import Block, Fir, Section, response
from app.services.media.sound import BLOCK, Track

Check = Callable[[], None]
Facts = dict[str, Any]

_VOICE_LUFS = -18.0
"""Level of every voice on the bus, whatever its engine delivered."""
_LIFT_DB = 4.0
"""How far the music is under the voice where nobody speaks; at least 13 dB in all where somebody does."""
_LEAST_DISTANCE_DB = 13.0
_MOST_LIFT_DB = 30.0
"""A recording fainter than this is not speech but noise."""
_HEADROOM_DB = 0.4
"""AAC may overshoot what it was given by about this."""
_TOLERANCE_LU, _ROUNDS = 0.25, 4
_CUT_FADE = 480
_WORLD_DUCK_DB = -5.0
"""How far the ambience goes down under a voice."""
_WORLD_ALONE_LU = 8.0
"""A film without a word or a note is quieter than others by this: wind as loud as a speaker is a storm."""
_ON_BOTH = 2
"""A mono voice sounds from both loudspeakers, which is twice the power."""

# Robert Bristow-Johnson's cookbook at 48 kHz: high-pass 85 Hz Q 0.7, -2 dB at 260 Hz Q 1, +2 dB at 3.2 kHz Q 0.8.
# Rumble away, less box, more consonants.
_VOICE_EQ = (
    Section((0.992084639163, -1.984169278327, 0.992084639163), (-1.984107867802, 0.984230688851)),
    Section((0.996147342337, -1.961399361815, 0.966388520009), (-1.961399361815, 0.962535862346)),
    Section((1.047827461764, -1.489599433529, 0.582742118618), (-1.489599433529, 0.630569580382)),
)


# A small room around the voice, in mono as the voice: from 14 ms on, -20 dB in all, without rumble and hiss.
_ROOM_AT_S, _ROOM_S, _ROOM_DB = 0.014, 0.28, -20.0


def task(request: Facts, folder: Path, check: Check) -> Facts:
    """MixRequest to ``sound.m4a`` in ``folder``; the facts of :func:`mix` and ``sound``, the file's name."""
    return {"sound": "sound.m4a", **mix(MixRequest(**request), folder / "sound.m4a", check)}


def mix(request: MixRequest, out: Path, check: Check) -> Facts:
    """Write the film's sound, AAC in MP4, ``request.samples`` long at 48 kHz.

    Facts, all measured: ``samples``, ``sounds`` (names of the world's sounds that are heard), ``lufs`` (None for
    silence) and ``true_peak_dbtp`` of the decoded file, ``gain_db`` and ``limiter_db`` (deepest reduction),
    ``duck_db_measured`` (mean over speech) and ``speech_over_music_db`` (over music and ambience; both None without
    voices or music). Silence stays silence; ambience alone is left 8 LU quieter than asked.
    Raises ValidationFailed for impossible numbers, UnsupportedMedia for files that cannot be read.
    """
    if request.samples <= 0 or any(voice.at_sample < 0 for voice in request.voices):
        raise ValidationFailed("The film's sound needs a length, and no voice may begin before it")
    wide = bool(request.music or request.ambience)
    with Track(out.parent, 1) as bus, Track(out.parent, 2 if wide else 1) as mixed:
        for voice in request.voices:
            _place(voice, bus, request.samples, check)
        powers, facts = _combine(request, bus, mixed, check)
        return {"samples": request.samples, **_deliver(request, mixed, powers, out, check), **facts}


def _place(voice: Voice, bus: Track, samples: int, check: Check) -> None:
    """Add one voice to the bus, equalised and at its level; what would outlast the film is faded and dropped."""
    with Track(bus.folder, 1) as alone:
        length = _equalised(voice.audio, alone, samples - voice.at_sample, check)
        gain = _voice_gain(alone, length)
        for start in range(0, length if gain else 0, BLOCK):
            check()
            count = min(BLOCK, length - start)
            at = voice.at_sample + start
            bus.write(at, bus.read(at, count) + gain * alone.read(start, count))


def _equalised(audio: Path, alone: Track, room: int, check: Check) -> int:
    """Write the voice through its equaliser and its room onto a track of its own; at most ``room`` samples. Their
    number."""
    voice_filter, length = Fir(_voice_response(), 1), 0
    ringing = np.zeros((1, _voice_response().size - 1), np.float32)
    for block in chain(sound.regular(sound.read(audio, 1)), [ringing]):
        check()
        heard = voice_filter.push(block)[:, : max(0, room - length)]
        if heard.shape[1] < block.shape[1]:
            fade = min(_CUT_FADE, heard.shape[1])
            heard[:, heard.shape[1] - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        alone.write(length, heard)
        length += heard.shape[1]
        if length >= room:
            break
    return length


@lru_cache(maxsize=1)
def _voice_response() -> Block:
    """The equaliser and the room as one impulse response."""
    count = round((_ROOM_AT_S + _ROOM_S) * SAMPLE_RATE)
    t = np.arange(count) / SAMPLE_RATE - _ROOM_AT_S
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE) + 1e-3
    colour = 1 / (1 + (350 / hertz) ** 4) / (1 + (hertz / 4200) ** 2)
    noise = np.fft.irfft(np.fft.rfft(np.random.default_rng(8).standard_normal(count)) * colour, count)
    tail = noise * np.exp(-6.9 * np.maximum(t, 0) / _ROOM_S)
    tail *= np.clip(t / 0.006, 0, 1) * np.clip((t[-1] - t) / 0.03, 0, 1)
    tail *= 10 ** (_ROOM_DB / 20) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    taps = response(_VOICE_EQ)
    size = 1 << (count + taps.size).bit_length()
    whole = np.fft.irfft(np.fft.rfft(taps, size) * np.fft.rfft(tail, size), size)[: count + taps.size]
    return whole.astype(np.float32)


def _voice_gain(alone: Track, length: int) -> np.float32:
    meter = loudness.Meter(1)
    for start in range(0, length, BLOCK):
        meter.push(alone.read(start, min(BLOCK, length - start)))
    level = loudness.integrated(_ON_BOTH * meter.powers())
    return np.float32(0 if level is None else 10 ** (min(_MOST_LIFT_DB, _VOICE_LUFS - level) / 20))


def _combine(request: MixRequest, bus: Track, mixed: Track, check: Check) -> tuple[loudness.Powers, Facts]:
    """Write voices, ducked music and ambience onto ``mixed``; its K-weighted powers, and facts about the ducking."""
    depth = min(0.0, request.duck_db)
    speech = music_bed.hop_powers(bus.read(start, count) for start, count in _spans(request.samples))
    curve = music_bed.duck_curve(speech, depth)
    bed = music_bed.looped(request.music, request.samples) if request.music else None
    level = _music_gain(request, depth, check) if request.music else 0.0
    life, sounds = _world(request, speech)
    meter, ledger = loudness.Meter(mixed.channels), _Ledger(speech)
    for start, count in _spans(request.samples):
        check()
        block = voice = bus.read(start, count)
        if life is not None:
            block = block + next(life)
        if bed is not None:
            music = next(bed) * np.float32(level)
            ducked = music * music_bed.curve_at(curve, start, count)
            block = block + ducked
            ledger.note(start, voice, music, ducked, block - voice)
        meter.push(block)
        mixed.write(start, block)
    powers = meter.powers() if mixed.channels == 2 else _ON_BOTH * meter.powers()
    return powers, {"sounds": sounds, **ledger.facts()}


def _world(request: MixRequest, speech: loudness.Powers) -> tuple[Iterator[Block] | None, list[str]]:
    """The ambience's blocks, already lower where somebody speaks (None where nothing is asked for), and its sounds."""
    if not request.ambience:
        return None, []
    hop_s = music_bed.DUCK_HOP / SAMPLE_RATE
    plan = moments.planned(request.ambience, request.voices, music_bed.spoken(speech), hop_s, request.samples)
    curve = music_bed.duck_curve(speech, _WORLD_DUCK_DB)
    blocks = sound.exactly(world.played(plan, request.samples), request.samples)
    lowered = (
        block * music_bed.curve_at(curve, start, count)
        for block, (start, count) in zip(blocks, _spans(request.samples), strict=True)
    )
    return lowered, sorted({bed.name for bed in plan.beds} | {call.name for call in plan.calls})


def _music_gain(request: MixRequest, depth_db: float, check: Check) -> float:
    """Linear gain that puts the undimmed music its distance under the voices' level."""
    meter = loudness.Meter(2)
    assert request.music is not None
    # A minute tells how loud a piece is, and keeps the cost of a long one down.
    for block in music_bed.looped(request.music, min(request.samples, 60 * BLOCK)):
        check()
        meter.push(block)
    level = loudness.integrated(meter.powers())
    distance = max(_LIFT_DB, _LEAST_DISTANCE_DB + depth_db) if request.voices else 0.0
    return 0.0 if level is None else 10 ** ((_VOICE_LUFS - distance - level) / 20)


class _Ledger:
    """How loud voice, music, ducked music and all that is not voice were while somebody spoke."""

    def __init__(self, speech: loudness.Powers) -> None:
        self._speaks = speech > 10 ** ((music_bed.SPEECH_DB + music_bed.KNEE_DB) / 10)
        self._sums = np.zeros(4)

    def note(self, start: int, *buses: Block) -> None:
        hops = -(-buses[0].shape[1] // music_bed.DUCK_HOP)
        first = start // music_bed.DUCK_HOP
        speaks = self._speaks[first : first + hops]
        # Two loudspeakers each: a mono bus counts twice.
        powers = [music_bed.hop_powers([bus[:1]]) + music_bed.hop_powers([bus[-1:]]) for bus in buses]
        self._sums += [power[speaks].sum() for power in powers]

    def facts(self) -> Facts:
        voice, music, ducked, below = self._sums
        heard = music > 0 and ducked > 0 and voice > 0
        return {
            "duck_db_measured": round(10 * math.log10(ducked / music), 2) if heard else None,
            "speech_over_music_db": round(10 * math.log10(voice / below), 2) if heard else None,
        }


def _deliver(request: MixRequest, mixed: Track, powers: loudness.Powers, out: Path, check: Check) -> Facts:
    """Encode with gain and limiter, decode, measure; again with what was learnt until both targets hold."""
    alone = request.ambience and not request.voices and request.music is None
    wanted = request.loudness_lufs - (_WORLD_ALONE_LU if alone else 0.0)
    target, ceiling = wanted, request.peak_dbtp - _HEADROOM_DB
    before = loudness.integrated(powers)
    # 3 dB to spare, so that no hop is mastered louder than it was looked at.
    threshold = 10 ** ((ceiling - 3 - (target - before if before is not None else 0)) / 20)
    peaks = loudness.peaks_per_hop(_blocks(mixed, request.samples, check), threshold)
    for _ in range(_ROUNDS):
        master = loudness.Master(powers, peaks, target, ceiling)
        spans = _spans(request.samples)
        mastered = (_mastered(master, mixed, start, count, check) for start, count in spans)
        sound.write_aac(mastered, out, alike=mixed.channels == 1)
        lufs, peak = _measured(out, request.samples, mixed.channels, check)
        miss = 0.0 if lufs is None or master.held_back else wanted - lufs
        if peak <= request.peak_dbtp and abs(miss) <= _TOLERANCE_LU:
            break
        target += miss
        ceiling -= max(0.0, peak - request.peak_dbtp + 0.1) if peak > request.peak_dbtp else 0.0
    return {
        "lufs": None if lufs is None else round(lufs, 2),
        "true_peak_dbtp": None if lufs is None else round(peak, 2),
        "gain_db": round(master.gain_db, 2),
        "limiter_db": round(master.reduction_db, 2),
    }


def _mastered(master: loudness.Master, mixed: Track, start: int, count: int, check: Check) -> Block:
    check()
    heard = master.apply(mixed.read(start, count), start)
    return heard if len(heard) == 2 else np.repeat(heard, 2, axis=0)


def _measured(path: Path, samples: int, channels: int, check: Check) -> tuple[float | None, float]:
    """Integrated loudness and true peak in dBTP of a stereo file's first ``samples``; 1 of ``channels`` speaks for two
    that were the same when they were encoded."""
    meter, peaks = loudness.Meter(channels), loudness.PeakMeter(channels)
    for block in sound.exactly(sound.read(path, 2), samples):
        check()
        meter.push(block[:channels])
        peaks.push(block[:channels])
    powers = meter.powers() if channels == 2 else _ON_BOTH * meter.powers()
    return loudness.integrated(powers), 20 * math.log10(max(peaks.peak, 1e-9))


def _spans(samples: int) -> Iterator[tuple[int, int]]:
    return ((start, min(BLOCK, samples - start)) for start in range(0, samples, BLOCK))


def _blocks(track: Track, samples: int, check: Check) -> Iterator[Block]:
    for start, count in _spans(samples):
        check()
        yield track.read(start, count)
