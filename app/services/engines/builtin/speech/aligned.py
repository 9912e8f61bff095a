"""When each word of a text sounds in somebody else's recording of it.

For voices that do not say it themselves. Our own voice speaks the same text, of which it knows every word's time; the
two recordings are paired moment by moment (the way of the aeneas project, github.com/readbeyond/aeneas; the method is
in ``hearing.py``), and what is known of the one is carried over to the other. It runs where our voice speaks, because
espeak-ng allows one caller at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.errors import EngineFailed, EngineUnavailable, ValidationFailed
from app.models.engine import WordTime
from app.services.engines.builtin.speech import hearing, shares, text
from app.services.engines.builtin.speech.task import speak

Check = Callable[[], None]
_PAUSE_S = 0.08
"""Silence in our voice before a word, from which on that word begins a stretch of speech in any voice."""
_SNAP_S, _FAR_SNAP_S = 0.07, 0.3
"""How far a word may be moved to where speech begins: any word, and one after a pause."""
_SHORTEST_S = 0.02
"""Of a word."""
_AIR_S = 0.1
"""Silence put around our recording, so that silence at the ends of the other has its like."""


def task(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """``{audio, text, language}``: a 16-bit WAV and what is said in it (BCP 47; empty: found from the text).

    Returns ``{"words": [WordTime, ...]}`` with offsets and lengths as of the builtin voice: every word of the text, in
    order, its text up to the next. Raises EngineFault for a file that is no such WAV.
    """
    said = str(request["text"])
    samples, rate = hearing.load(folder / str(request["audio"]))
    check()
    if not samples.size or not any(map(str.isalnum, said)):
        return {"words": []}
    theirs = hearing.listen(samples, rate)
    check()
    language = str(request.get("language") or "") or text.guess_language(said)
    known = _ours(said, language, folder, check)
    words = _carried_over(*known, theirs, check) if known else _shared_out(said, theirs)
    return {"words": [word.model_dump() for word in words]}


def _ours(said: str, language: str, folder: Path, check: Check) -> tuple[list[WordTime], hearing.Heard] | None:
    """Our own reading; None for a language that nobody here reads."""
    request = {"text": said, "language": language, "voice": "narrator"}
    with TemporaryDirectory(dir=folder, prefix="reading-") as place:
        try:
            if language.split("-")[0].lower() == "ja":
                made = _japanese(request, Path(place), check)
            else:
                made = speak(request, Path(place), check)
        except (ValidationFailed, EngineUnavailable, EngineFailed):
            return None
        if made is None or not made["words"]:
            return None
        samples, rate = hearing.load(Path(place) / made["audio"])
    check()
    air = np.zeros(round(_AIR_S * rate), np.float32)
    shift = air.size / rate
    words = [WordTime(**word) for word in made["words"]]
    moved = [word.model_copy(update={"start_s": word.start_s + shift, "end_s": word.end_s + shift}) for word in words]
    return moved, hearing.listen(np.concatenate([air, samples, air]), rate)


def _japanese(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any] | None:
    """espeak-ng spells kanji, which helps nobody; Open JTalk reads them, if it is here."""
    if not find_spec("pyopenjtalk"):
        return None
    from app.services.engines import speech_openjtalk

    return speech_openjtalk.task({**request, "voice": ""}, folder, check)


def _carried_over(words: list[WordTime], ours: hearing.Heard, theirs: hearing.Heard, check: Check) -> list[WordTime]:
    way = hearing.paired(ours, theirs, check)
    check()
    starts = np.array([word.start_s for word in words])
    after_pause = np.array([True] + [later.start_s - word.end_s >= _PAUSE_S for word, later in pairwise(words)])
    begins = _snapped(_there(way, starts, last=True), after_pause, theirs)
    ends = _there(way, np.array([word.end_s for word in words]), last=False)
    return timed(words, begins, ends, theirs)


def _shared_out(said: str, theirs: hearing.Heard) -> list[WordTime]:
    words = shares.shared_out(said, theirs)
    begins, ends = (np.array([getattr(word, name) for word in words]) for name in ("start_s", "end_s"))
    return timed(words, begins, ends, theirs)


def _there(way: NDArray[np.int64], times_s: NDArray[np.float64], *, last: bool) -> NDArray[np.float64]:
    """Where moments of ours are in theirs; of several the last or the first."""
    rows, columns = way[:, 0], way[:, 1]
    moments = np.clip(times_s / hearing.HOP_S, 0, rows[-1])
    whole = np.floor(moments).astype(int)
    found = []
    for moment in (whole, np.minimum(whole + 1, rows[-1])):
        at = np.searchsorted(rows, moment, "right") - 1 if last else np.searchsorted(rows, moment, "left")
        found.append(columns[at])
    part = moments - whole
    there: NDArray[np.float64] = (found[0] * (1 - part) + found[1] * part) * hearing.HOP_S
    return there


def _snapped(begins: NDArray[np.float64], after_pause: NDArray[np.bool_], theirs: hearing.Heard) -> NDArray[np.float64]:
    """Words moved to where speech begins, if that is near; none begins in silence."""
    stretches = theirs.stretches(gap_s=0.05)
    if not stretches:
        return begins
    onsets = np.array([begin for begin, _ in stretches])
    ends = np.array([end for _, end in stretches])
    snapped = begins.copy()
    for index, begin in enumerate(begins):
        nearest = int(np.argmin(np.abs(onsets - begin)))
        reach = _FAR_SNAP_S if after_pause[index] else _SNAP_S
        if abs(onsets[nearest] - begin) <= reach:
            snapped[index] = onsets[nearest]
        elif (before := int(np.searchsorted(onsets, begin, "right")) - 1) < 0 or begin >= ends[before]:
            snapped[index] = onsets[min(before + 1, onsets.size - 1)]
    # One stretch begins with one word: of several that were moved to it the nearest stays.
    for onset in np.unique(snapped[np.isin(snapped, onsets)]):
        there = np.flatnonzero(snapped == onset)
        if there.size > 1:
            keep = there[np.argmin(np.abs(begins[there] - onset))]
            others = there[there != keep]
            snapped[others] = begins[others]
    return snapped


def timed(
    words: list[WordTime], begins: NDArray[np.float64], ends: NDArray[np.float64], theirs: hearing.Heard
) -> list[WordTime]:
    """The words with new times: in order, inside the sound, each of some length, silent where the voice is."""
    least = min(_SHORTEST_S, theirs.duration_s / len(words))
    room = theirs.duration_s - least * np.arange(len(words), 0, -1)
    begins = np.maximum.accumulate(np.minimum(np.maximum(begins, 0.0), room) - least * np.arange(len(words)))
    begins = np.clip(begins + least * np.arange(len(words)), 0.0, np.maximum(room, 0.0))
    follow = np.append(begins[1:], theirs.duration_s)
    found = []
    for word, begin, end, limit in zip(words, begins, ends, follow, strict=True):
        until = _audible_end(theirs, float(begin), float(limit), float(end))
        until = float(min(max(until, begin + least), limit))
        found.append(word.model_copy(update={"start_s": float(begin), "end_s": until}))
    return found


def _audible_end(theirs: hearing.Heard, begin: float, limit: float, end: float) -> float:
    """A word sounds until the next one, unless the voice falls silent between them."""
    moments = theirs.speech[int(begin / hearing.HOP_S) : max(int(np.ceil(limit / hearing.HOP_S)), 1)]
    heard = np.flatnonzero(moments)
    if not heard.size:
        return min(end, limit)
    return min(limit, (int(begin / hearing.HOP_S) + int(heard[-1]) + 1) * hearing.HOP_S)
