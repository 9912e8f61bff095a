"""The Japanese voice: reads kanji, times its words, speaks nothing but Japanese."""

from __future__ import annotations

import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.services.engines.registry import load
from app.services.engines.speech_openjtalk import OpenJTalk, task

TEXT = "むかし、東京に犬がいました。犬は「行こう」と言いました！"


def test_kanji_are_read_and_every_word_has_its_time_and_place(tmp_path: Path) -> None:
    made = task({"text": TEXT, "language": "ja"}, tmp_path, lambda: None)
    words = made["words"]
    heard = "".join(TEXT[word["offset"] : word["offset"] + word["length"]] for word in words)
    assert heard == TEXT.replace("「", "")  # an opening mark belongs to what follows it
    assert all(word["start_s"] < word["end_s"] for word in words)
    assert all(before["end_s"] <= after["start_s"] + 1e-3 for before, after in pairwise(words))
    assert 3 < made["duration_s"] < 8 and words[-1]["end_s"] <= made["duration_s"]
    tokyo = next(word for word in words if TEXT[word["offset"] :].startswith("東京"))
    dog = next(word for word in words if TEXT[word["offset"] :].startswith("犬"))
    # toukyou is four moras, inu two: it was not spelled as "Chinese letter".
    assert 1.5 < (tokyo["end_s"] - tokyo["start_s"]) / (dog["end_s"] - dog["start_s"]) < 2.5


def test_the_same_words_sound_the_same_and_the_tone_changes_them(tmp_path: Path) -> None:
    heard = []
    for number, tone in enumerate(["", "", "悲しい sad"]):
        (tmp_path / str(number)).mkdir()
        task({"text": TEXT, "language": "ja", "tone": tone}, tmp_path / str(number), lambda: None)
        heard.append((tmp_path / str(number) / "narration.wav").read_bytes())
    assert heard[0] == heard[1] != heard[2]


def test_the_sound_is_loud_enough_and_never_clipped(tmp_path: Path) -> None:
    task({"text": TEXT, "language": "ja"}, tmp_path, lambda: None)
    with wave.open(str(tmp_path / "narration.wav")) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(int)
        assert (file.getframerate(), file.getnchannels()) == (48_000, 1)
    assert 20_000 < np.abs(sound).max() < 32_000


@pytest.mark.parametrize("text", ["", "！？", "   "])
def test_a_text_without_words_is_a_short_silence(text: str, tmp_path: Path) -> None:
    made = task({"text": text, "language": "ja"}, tmp_path, lambda: None)
    assert made["words"] == [] and 0.1 < made["duration_s"] < 0.5


def test_it_is_passed_over_for_other_languages() -> None:
    engine = load("speech", "openjtalk")
    assert isinstance(engine, OpenJTalk) and engine.missing() == []
    assert engine.capabilities.languages == ("ja",)
