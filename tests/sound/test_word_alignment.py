"""Words found in somebody else's recording: a voice whose word times are known is the judge."""

from __future__ import annotations

import asyncio
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import EngineFault
from app.services.engines.builtin.speech import aligned, hearing
from app.services.engines.builtin.speech.task import speak
from app.services.workflows.runner import StepRunner

CHINESE = "年老的灯塔看守人望着暴风雨从海上袭来。清晨，女孩和她的狗走过积雪的森林。他们在河边停下，听见远处的钟声。"
ENGLISH = (
    "An old lighthouse keeper watches the storm come in from the sea. In the morning, a girl and her dog "
    "walk through the snowy forest. They stop by the river and hear a distant bell."
)
MIXED = "小狗Buddy有3个朋友，2024年他用了iPhone 15。😀好吗？他说：“你好，世界！”……然后——走了。"
JAPANESE = "むかし、東京に犬がいました。犬は「行こう」と言いました！"
TEXTS = {"zh": CHINESE, "en": ENGLISH}


@pytest.fixture
def spoken(tmp_path, check):
    """text, language, **request -> (words as they were spoken, samples, rate)."""

    def say(text, language, **request):
        folder = tmp_path / "truth"
        folder.mkdir(exist_ok=True)
        made = speak({"text": text, "language": language, **request}, folder, check)
        return made["words"], *hearing.load(folder / made["audio"])

    return say


@pytest.fixture
def found(tmp_path, save_wav, check):
    """text, language, samples (16 bit), rate -> words, of which what must always hold is checked."""

    def align(text, language, samples, rate):
        path = save_wav("theirs.wav", samples / 32768, rate)
        words = aligned.task({"audio": path.name, "text": text, "language": language}, tmp_path, check)["words"]
        _in_order(words, text, samples.size / rate)
        assert not list(tmp_path.glob("reading-*"))
        return words

    return align


def _in_order(words, text, duration_s):
    for one, following in pairwise(words):
        assert one["offset"] + one["length"] == following["offset"]
        assert one["start_s"] < one["end_s"] <= following["start_s"] + 1e-9
    if words:
        assert words[-1]["offset"] + words[-1]["length"] == len(text)
        assert words[0]["start_s"] >= 0 and words[-1]["end_s"] <= duration_s + 1e-9


def _errors(words, truth):
    assert [(word["offset"], word["length"]) for word in words] == [(word["offset"], word["length"]) for word in truth]
    return np.abs([word["start_s"] - true["start_s"] for word, true in zip(words, truth, strict=True)])


def _close(words, truth):
    errors = _errors(words, truth)
    assert errors.mean() < 0.06 and np.mean(errors < 0.15) >= 0.95, errors.round(3)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    "changes",
    [
        {"voice": "f3"},
        {"voice": "m7"},
        {"voice": "child"},
        {"voice": "f3", "rate": 0.75},
        {"voice": "m3", "rate": 1.3},
        {"voice": "f2", "tone": "sad"},
    ],
)
def test_words_are_found_in_another_voice_at_another_pace(spoken, found, language, changes):
    truth, samples, rate = spoken(TEXTS[language], language, **changes)
    _close(found(TEXTS[language], language, samples, rate), truth)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("below_db", [20, 12])
def test_words_are_found_in_noise(spoken, found, language, below_db):
    truth, samples, rate = spoken(TEXTS[language], language, voice="f3")
    level = np.sqrt((samples**2).mean()) * 10 ** (-below_db / 20)
    noisy = samples + np.random.default_rng(1).standard_normal(samples.size) * level
    _close(found(TEXTS[language], language, noisy, rate), truth)


def _with_pauses(words, samples, rate, length_s, before):
    """The recording with a pause before each of the words ``before``, and the words as they then sound."""
    quiet, pieces, moved, at, shift = np.zeros(round(length_s * rate)), [], [], 0, 0.0
    for index, word in enumerate(words):
        if index in before:
            cut = round((words[index - 1]["end_s"] + word["start_s"]) / 2 * rate) if index else 0
            pieces += [samples[at:cut], quiet]
            at, shift = cut, shift + length_s
        moved.append({**word, "start_s": word["start_s"] + shift, "end_s": word["end_s"] + shift})
    return moved, np.concatenate([*pieces, samples[at:]])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_are_found_after_long_silences_between_sentences(spoken, found, language):
    text = TEXTS[language]
    truth, samples, rate = spoken(text, language, voice="f3")
    ends = [index + 1 for index, word in enumerate(truth[:-1]) if text[: _end(word)].rstrip()[-1] in "。."]
    assert len(ends) == 2
    moved, slower = _with_pauses(truth, samples, rate, 0.7, {0, *ends})
    _close(found(text, language, slower, rate), moved)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("before", [{4, 7, 9, 29}, {2, 5, 15, 17, 30}, {1, 21, 28}])
def test_words_are_found_where_a_reader_pauses_without_a_mark(spoken, found, language, before):
    truth, samples, rate = spoken(TEXTS[language], language, voice="f3")
    moved, slower = _with_pauses(truth, samples, rate, 0.4, before)
    _close(found(TEXTS[language], language, slower, rate), moved)


def _end(word):
    return word["offset"] + word["length"]


def test_words_are_found_at_another_rate_of_samples_and_softer(spoken, found):
    truth, samples, rate = spoken(ENGLISH, "en", voice="m1")
    times = np.arange(0, samples.size / rate, 1 / 16_000)
    softer = np.interp(times, np.arange(samples.size) / rate, samples) * 0.05
    _close(found(ENGLISH, "en", softer, 16_000), truth)


def test_words_end_where_the_voice_falls_silent(spoken, found):
    truth, samples, rate = spoken(ENGLISH, "en", voice="f3")
    words = found(ENGLISH, "en", samples, rate)
    assert np.mean([abs(word["end_s"] - true["end_s"]) for word, true in zip(words, truth, strict=True)]) < 0.06


def test_numbers_marks_and_two_scripts_keep_their_places(spoken, found):
    truth, samples, rate = spoken(MIXED, "zh", voice="f3")
    _close(found(MIXED, "zh", samples, rate), truth)


def test_without_a_language_it_is_found_from_the_text(spoken, found):
    truth, samples, rate = spoken(CHINESE, "zh", voice="f3")
    _close(found(CHINESE, "", samples, rate), truth)


def test_a_language_that_nobody_reads_is_shared_out_over_what_is_voiced(spoken, found):
    truth, samples, rate = spoken(ENGLISH, "en", voice="f3")
    words = {word["offset"]: word for word in found(ENGLISH, "xx-unknown", samples, rate)}
    errors = np.abs([words[true["offset"]]["start_s"] - true["start_s"] for true in truth if true["offset"] in words])
    assert errors.size > 0.8 * len(truth) and errors.mean() < 0.15 and errors.max() < 0.5
    # The pauses of the recording were taken for the ends of the sentences.
    for mark in ("In ", "They "):
        assert abs(words[ENGLISH.index(mark)]["start_s"] - _starts(truth)[ENGLISH.index(mark)]) < 0.03


def _starts(words):
    return {word["offset"]: word["start_s"] for word in words}


def test_japanese_is_read_by_the_voice_that_knows_kanji(tmp_path, found, check):
    pytest.importorskip("pyopenjtalk")
    from app.services.engines import speech_openjtalk

    made = speech_openjtalk.task({"text": JAPANESE, "language": "ja", "rate": 1.2}, tmp_path, check)
    words = aligned.task({"audio": made["audio"], "text": JAPANESE, "language": "ja"}, tmp_path, check)["words"]
    there, theirs = _starts(words), _starts(made["words"])
    # That voice only tells its words from counts of moras, so it is no strict judge.
    assert there.keys() == theirs.keys()
    assert np.mean([abs(there[offset] - theirs[offset]) for offset in there]) < 0.1


def test_a_minute_of_speech_takes_little_memory(spoken, found):
    text = f"{ENGLISH} " * 6
    truth, samples, rate = spoken(text, "en", voice="f3")
    assert samples.size / rate > 60
    tracemalloc.start()
    try:
        words = found(text, "en", samples, rate)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 80e6  # every pair of moments would be more than 300 MB
    _close(words, truth)


@pytest.mark.parametrize("samples", [np.zeros(24_000), np.full(10, 500.0), np.zeros(0)])
@pytest.mark.parametrize("language", ["zh", "xx"])
def test_a_recording_without_speech_still_has_every_word_somewhere(found, samples, language):
    words = found(CHINESE, language, samples, 24_000)
    assert bool(words) == bool(samples.size)


@pytest.mark.parametrize("text", ["", "……！", "😀"])
def test_a_text_without_words_has_no_word_times(found, text):
    assert found(text, "zh", np.sin(np.arange(24_000) / 10) * 9000, 24_000) == []


def test_a_file_that_is_no_recording_says_so(tmp_path, check):
    (tmp_path / "broken.wav").write_bytes(b"RIFF....nothing")
    with pytest.raises(EngineFault, match=r"broken\.wav"):
        aligned.task({"audio": "broken.wav", "text": "hello", "language": "en"}, tmp_path, check)


async def test_it_runs_in_the_child_in_which_our_voice_speaks(tmp_path: Path, spoken, save_wav):
    truth, samples, rate = spoken(CHINESE, "zh", voice="f3")
    path = save_wav("theirs.wav", samples / 32768, rate)
    runner = StepRunner(1)
    try:
        request = {"audio": path.name, "text": CHINESE, "language": "zh"}
        task = "app.services.engines.builtin.speech.aligned:task"
        made = await asyncio.wait_for(runner.run(task, request, tmp_path), 60)
    finally:
        await runner.close()
    _close(made["words"], truth)
