"""The composed score: exact length, no faults in the sound, and music in it."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.errors import Canceled, ValidationFailed
from app.models.engine import ComposeRequest, MusicSection
from app.services.engines.builtin.music import BuiltinMusic, score
from app.services.engines.builtin.music.task import compose

RATE = 48_000
FOUR = tuple(
    MusicSection(start_s=at, tone=tone) for at, tone in ((0, "温馨"), (7.5, "紧张"), (14, "悲伤"), (20, "欢快"))
)


@pytest.fixture
def music(tmp_path, load_wav, check):
    """**request -> (channels, n) of the score."""

    def made(**request):
        asked = ComposeRequest(**{"duration_s": 24.0, **request})
        result = compose(asked.model_dump(mode="json"), tmp_path, check)
        sound, rate = load_wav(tmp_path / result["audio"])
        assert rate == RATE and sound.shape[0] == 2
        return sound

    return made


@pytest.mark.parametrize("duration_s", [0.01, 0.5, 1.9, 3.0, 5.0, 12.3456789, 27.5])
def test_the_score_is_exactly_as_long_as_the_film(music, duration_s):
    sound = music(duration_s=duration_s)
    assert sound.shape[1] == round(duration_s * RATE)
    assert np.abs(sound).max() < 1


@pytest.mark.parametrize(
    "request_",
    [{}, {"seed": 7}, {"style": "水墨国风", "seed": 1}, {"sections": FOUR, "seed": 2}, {"style": "epic", "seed": 3}],
)
def test_the_sound_has_no_click_no_offset_no_clipping_and_ends_quietly(music, request_):
    sound = music(**request_)
    level = np.sqrt((sound**2).mean())
    assert np.abs(sound).max() < 0.95 and 0.03 < level < 0.25
    assert np.abs(np.diff(sound)).max() < 0.25
    # A click is a jump in the second difference out of proportion to its surroundings.
    bend = np.abs(np.diff(sound.mean(0), n=3))
    frames = bend[: bend.size // 480 * 480].reshape(-1, 480)
    assert (frames.max(1) / (np.sqrt((frames**2).mean(1)) + 1e-4)).max() < 15
    assert np.abs(sound.mean(1)).max() < 1e-3
    assert 20 * np.log10(np.sqrt((sound[:, -2400:] ** 2).mean()) + 1e-9) < -60
    assert np.abs(sound[:, :20]).max() < 0.02


def test_it_is_music_and_not_a_drone(music):
    sound = music(seed=4).mean(0)
    frames = np.lib.stride_tricks.sliding_window_view(sound, 4096)[::1024] * np.hanning(4096)
    spectrum = np.abs(np.fft.rfft(frames))
    hertz = np.fft.rfftfreq(4096, 1 / RATE)
    flux = np.maximum(0, np.diff(np.log1p(100 * spectrum / spectrum.max()), axis=0)).sum(1)
    onsets = np.sum((flux[1:-1] > flux[:-2]) & (flux[1:-1] >= flux[2:]) & (flux[1:-1] > 2 * np.median(flux)))
    assert onsets > 24  # at least one a second
    centroid = (spectrum**2 @ hertz) / (spectrum**2).sum(1)
    assert 150 < np.median(centroid) < 1500 and centroid.std() > 40
    rms = np.sqrt((sound[: sound.size // 4800 * 4800].reshape(-1, 4800) ** 2).mean(1))
    assert rms[:-30].min() > 0.005  # no hole before the end
    crest = 20 * np.log10(np.abs(sound).max() / np.sqrt((sound**2).mean()))
    assert 8 < crest < 22


def test_a_seed_gives_the_same_bytes_and_another_seed_other_music(music, tmp_path):
    music(seed=1, sections=FOUR)
    first = (tmp_path / "music.wav").read_bytes()
    other = music(seed=2, sections=FOUR)
    assert (tmp_path / "music.wav").read_bytes() != first
    again = music(seed=1, sections=FOUR)
    assert (tmp_path / "music.wav").read_bytes() == first
    n = min(other.shape[1], again.shape[1])
    assert abs(np.corrcoef(other[0, :n], again[0, :n])[0, 1]) < 0.5


def _score(**request):
    return score.compose(ComposeRequest(**{"duration_s": 60.0, **request}))


def test_tones_in_chinese_and_english_set_the_tempo():
    slow, fast = _score(sections=(MusicSection(start_s=0, tone="悲伤"),)), _score(style="playful and happy")
    assert slow.tempo < 70 < 90 < fast.tempo
    assert slow.moods == ["sad"] and fast.moods == ["happy"]


def test_sections_change_the_instruments_where_they_begin():
    sections = (MusicSection(start_s=0, tone="calm"), MusicSection(start_s=30, tone="epic"))
    notes = _score(sections=sections).notes
    drums = [note.start_s for note in notes if note.instrument == "drum"]
    assert drums and 26 < min(drums) < 34
    assert {note.instrument for note in notes if note.start_s < 26} >= {"bell", "pad", "bass"}


def test_a_chinese_style_plays_five_notes():
    notes = _score(style="水墨", seed=5).notes
    melody = [note for note in notes if note.instrument in ("zither", "flute")]
    assert len(melody) > 20 and len({int(note.pitch) % 12 for note in melody}) <= 5


def _rhythm(notes, beat_s, phrase):
    at = phrase * 16 * beat_s
    return [
        round((note.start_s - at) / beat_s * 2) / 2
        for note in notes
        if note.instrument in ("pluck", "bell") and at - 0.1 <= note.start_s < at + 16 * beat_s - 0.1
    ]


def test_the_theme_comes_back():
    made = _score(seed=3, duration_s=90.0)
    beat_s = 60 / made.tempo
    assert len(_rhythm(made.notes, beat_s, 1)) >= 5
    assert _rhythm(made.notes, beat_s, 1) == _rhythm(made.notes, beat_s, 4)
    assert _rhythm(made.notes, beat_s, 1) != _rhythm(made.notes, beat_s, 2)


def test_the_piece_resolves_to_its_tonic_before_the_end():
    for seed in range(6):
        notes = _score(seed=seed, duration_s=30.0).notes
        last_bass = max((note for note in notes if note.instrument == "bass"), key=lambda note: note.start_s)
        first_bass = next(note for note in notes if note.instrument == "bass")
        assert 25 < last_bass.start_s < 28.5
        assert int(last_bass.pitch) % 12 == int(first_bass.pitch) % 12


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan"), float("inf"), 1e6])
def test_an_impossible_length_is_refused(tmp_path, check, duration_s):
    request = {"duration_s": duration_s, "sections": [], "style": "", "seed": 0}
    with pytest.raises(ValidationFailed):
        compose(request, tmp_path, check)


def test_a_canceled_composition_stops(tmp_path):
    def canceled():
        raise Canceled("stop")

    with pytest.raises(Canceled):
        compose(ComposeRequest(duration_s=20).model_dump(mode="json"), tmp_path, canceled)


async def test_the_engine_returns_the_file_of_its_task(tmp_path, check):
    class Here:
        folder = tmp_path

        async def compute(self, task, request):
            assert task == "app.services.engines.builtin.music.task:compose"
            return compose(request, tmp_path, check)

        def progress(self, fraction, message=""):
            pass

    result = await BuiltinMusic().compose(ComposeRequest(duration_s=3, seed=-5), Here())
    assert result.audio.is_file() and result.facts["seed"] == -5
