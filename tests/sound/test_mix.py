"""The film's sound track, measured as a player hears it: on the decoded AAC."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.errors import Canceled, UnsupportedMedia, ValidationFailed
from app.models.timeline import MixRequest, Voice
from app.services.media import loudness, mix, music_bed

RATE = 48_000


def _lufs(sound):
    meter = loudness.Meter(2)
    for at in range(0, sound.shape[1], RATE):
        meter.push(sound[:, at : at + RATE])
    return loudness.integrated(meter.powers())


def _peak_db(sound):
    meter = loudness.PeakMeter(2)
    meter.push(sound)
    return 20 * np.log10(meter.peak)


def _band_db(sound, low, high, start_s, end_s):
    """Level between two frequencies and two times, mono sum."""
    part = sound.mean(0)[round(start_s * RATE) : round(end_s * RATE)]
    power = np.abs(np.fft.rfft(part * np.hanning(part.size))) ** 2
    hertz = np.fft.rfftfreq(part.size, 1 / RATE)
    return 10 * np.log10(power[(hertz >= low) & (hertz < high)].sum() / part.size**2 + 1e-20)


@pytest.fixture
def film(save_wav, speechlike, hum):
    """Twelve seconds: voices of very different level at 2 s (3 s long) and 7.5 s (2 s), music under all."""
    voices = (
        Voice(audio=save_wav("one.wav", speechlike(3, 0.2), 48_000), at_sample=2 * RATE),
        Voice(audio=save_wav("two.wav", speechlike(2, 0.02, seed=2), 48_000), at_sample=round(7.5 * RATE)),
    )
    return MixRequest(samples=12 * RATE, voices=voices, music=save_wav("music.wav", hum(12)))


def test_the_decoded_track_is_at_minus_16_lufs_below_the_ceiling_and_of_exact_length(film, tmp_path, play, check):
    facts = mix.mix(film, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert heard.shape == (2, film.samples) and facts["samples"] == film.samples
    assert _lufs(heard) == pytest.approx(-16, abs=0.5)
    assert facts["lufs"] == pytest.approx(_lufs(heard), abs=0.05)
    assert _peak_db(heard) <= -1.5
    assert facts["true_peak_dbtp"] == pytest.approx(_peak_db(heard), abs=0.05)


@pytest.mark.parametrize(("lufs", "ceiling"), [(-23.0, -1.0), (-14.0, -3.0)])
def test_other_targets_are_met_too(film, tmp_path, play, check, lufs, ceiling):
    film = film.model_copy(update={"loudness_lufs": lufs, "peak_dbtp": ceiling})
    mix.mix(film, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert _lufs(heard) == pytest.approx(lufs, abs=0.5) and _peak_db(heard) <= ceiling


def test_music_is_twelve_db_down_while_somebody_speaks_and_back_in_the_pause(film, tmp_path, play, check):
    facts = mix.mix(film, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    alone = _band_db(heard, 150, 400, 0.6, 1.7)
    for start, end in ((2.0, 5.0), (7.5, 9.5)):
        assert _band_db(heard, 150, 400, start, end) - alone == pytest.approx(-12, abs=0.7)
    assert _band_db(heard, 150, 400, 6.5, 7.2) - alone == pytest.approx(0, abs=0.5)
    assert facts["duck_db_measured"] == pytest.approx(-12, abs=0.5)


def test_the_music_is_already_down_when_the_voice_begins(film, tmp_path, play, check):
    mix.mix(film, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    alone = _band_db(heard, 150, 400, 1.0, 1.7)
    assert _band_db(heard, 150, 400, 1.96, 2.02) - alone < -10


def test_the_music_stays_down_between_sentences_and_rises_slowly_after():
    power = np.zeros(600)
    power[100:200] = power[230:300] = 0.01
    curve = music_bed.duck_curve(power, -12.0)
    assert curve[100:300].max() == pytest.approx(-12, abs=0.6)
    assert curve[:80].max() == 0 and curve[-1] == 0
    assert np.abs(np.diff(curve)).max() <= 1.0  # dB in 10 ms: a fast slide, no step
    assert 0.3 < (np.argmax(curve[330:] > -1) / 100) < 1.2  # s to come back after the hold


@pytest.mark.parametrize(
    ("pause_s", "least", "most"), [(0.4, -12.1, -11.5), (0.9, -10, -7), (1.3, -7, -4), (2.5, -0.5, 0)]
)
def test_the_longer_a_pause_the_more_of_the_music_comes_back(pause_s, least, most):
    power, pause = np.zeros(1000), round(100 * pause_s)
    power[100:300] = power[300 + pause : 600 + pause] = 0.01
    curve = music_bed.duck_curve(power, -12.0)
    assert least <= curve[300 : 300 + pause].max() <= most
    assert curve[300 + pause] < -11.5 and curve[100] < -11.5  # down again before the word


def test_gaps_between_words_do_not_pump():
    power = np.zeros(800)
    for start in range(100, 600, 45):
        power[start : start + 30] = 0.01
    curve = music_bed.duck_curve(power, -12.0)
    assert np.ptp(curve[100:580]) < 0.1


def test_a_piece_made_for_the_film_keeps_its_own_beginning_and_end(save_wav, hum, tmp_path, play, check):
    request = MixRequest(samples=10 * RATE, voices=(), music=save_wav("music.wav", hum(10)))
    mix.mix(request, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    middle = _band_db(heard, 150, 400, 4, 5)
    assert _band_db(heard, 150, 400, 0.05, 0.3) > middle - 1.5
    assert _band_db(heard, 150, 400, 9.0, 9.5) > middle - 1.5
    assert np.abs(heard[:, -20:]).max() < 0.02


def test_a_voice_has_a_little_room_around_it(save_wav, speechlike, tmp_path, play, check):
    voice = Voice(audio=save_wav("v.wav", speechlike(1)), at_sample=RATE)
    mix.mix(MixRequest(samples=4 * RATE, voices=(voice,)), tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    spoken = _band_db(heard, 300, 5000, 1.2, 1.9)
    assert -36 < _band_db(heard, 300, 5000, 2.02, 2.1) - spoken < -18
    assert _band_db(heard, 300, 5000, 2.5, 3.5) - spoken < -60


def test_speech_is_at_least_12_db_above_the_ducked_music_however_loud_the_recordings_are(film, tmp_path, check):
    facts = mix.mix(film, tmp_path / "sound.m4a", check)
    assert facts["speech_over_music_db"] >= 12


def test_voices_of_different_level_are_heard_alike(film, tmp_path, play, check):
    mix.mix(film, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    first, second = _band_db(heard, 900, 4500, 2.2, 4.8), _band_db(heard, 900, 4500, 7.6, 9.4)
    assert first == pytest.approx(second, abs=1.5)


def test_a_voice_begins_at_its_sample(save_wav, tmp_path, play, check):
    click = np.zeros(RATE, np.float32)
    click[:200] = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(200) / RATE) * np.hanning(200)
    places = (5_000, 100_001, 333_333)
    voices = tuple(Voice(audio=save_wav(f"{at}.wav", click), at_sample=at) for at in places)
    mix.mix(MixRequest(samples=10 * RATE, voices=voices), tmp_path / "sound.m4a", check)
    heard = np.abs(play(tmp_path / "sound.m4a")[0])
    for at in places:
        assert abs(int(heard[at - 2000 : at + 4000].argmax()) - 2000 - 100) <= 48  # within 1 ms


def test_narration_without_music_lies_over_silence(film, tmp_path, play, check):
    facts = mix.mix(film.model_copy(update={"music": None}), tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert facts["duck_db_measured"] is None
    assert np.abs(heard[:, : round(1.9 * RATE)]).max() < 1e-3
    assert _lufs(heard) == pytest.approx(-16, abs=0.5)


def test_music_alone_is_not_ducked(film, tmp_path, play, check):
    mix.mix(film.model_copy(update={"voices": ()}), tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    levels = [_band_db(heard, 150, 400, start, start + 1) for start in range(1, 8)]
    assert max(levels) - min(levels) < 0.5
    assert _lufs(heard) == pytest.approx(-16, abs=0.5)


@pytest.mark.parametrize("samples", [1, 777, 96_000, 100_001])
def test_nothing_is_silence_of_the_exact_length(tmp_path, play, check, samples):
    facts = mix.mix(MixRequest(samples=samples, voices=()), tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert heard.shape == (2, samples) and not heard.any()
    assert facts["lufs"] is None and facts["true_peak_dbtp"] is None


def test_silent_files_stay_silent(save_wav, tmp_path, play, check):
    silence = np.zeros(3 * RATE, np.float32)
    voice = Voice(audio=save_wav("v.wav", silence), at_sample=0)
    music = save_wav("m.wav", np.stack([silence, silence]))
    facts = mix.mix(MixRequest(samples=2 * RATE, voices=(voice,), music=music), tmp_path / "sound.m4a", check)
    assert not play(tmp_path / "sound.m4a").any() and facts["lufs"] is None


def test_short_music_repeats_to_the_end_without_a_hole_or_a_click(save_wav, hum, tmp_path, play, check):
    request = MixRequest(samples=14 * RATE, voices=(), music=save_wav("music.wav", hum(5)))
    mix.mix(request, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a").mean(0)
    inner = heard[RATE : 11 * RATE]
    rms = np.sqrt((inner.reshape(-1, 4800) ** 2).mean(1))
    assert 20 * np.log10(rms.max() / rms.min()) < 6
    assert np.abs(np.diff(inner)).max() < 0.06 * np.abs(inner).max()  # a 330 Hz sine moves 4 % a sample


def test_music_fades_in_and_out_with_the_film(save_wav, hum, tmp_path, play, check):
    request = MixRequest(samples=10 * RATE, voices=(), music=save_wav("music.wav", hum(30)))
    mix.mix(request, tmp_path / "sound.m4a", check)
    heard = np.abs(play(tmp_path / "sound.m4a").mean(0))
    middle = heard[4 * RATE : 5 * RATE].max()
    assert heard[:100].max() < 0.05 * middle and heard[-480:].max() < 0.01 * middle
    assert heard[RATE : 2 * RATE].max() == pytest.approx(middle, rel=0.1)


def test_music_as_long_as_the_film_is_not_blended_with_its_own_beginning(save_wav, tmp_path, play, check):
    t = np.arange(8 * RATE) / RATE
    rising = np.where(t < 2, np.sin(2 * np.pi * 300 * t), np.sin(2 * np.pi * 900 * t)).astype(np.float32) * 0.2
    request = MixRequest(samples=8 * RATE, voices=(), music=save_wav("music.wav", np.stack([rising, rising])))
    mix.mix(request, tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert _band_db(heard, 250, 350, 6, 8) < _band_db(heard, 850, 950, 6, 8) - 30


def test_overlapping_voices_never_clip(save_wav, speechlike, tmp_path, play, check):
    voices = tuple(
        Voice(audio=save_wav(f"{seed}.wav", speechlike(3, 0.25, seed)), at_sample=RATE + 4_800 * seed)
        for seed in range(6)
    )
    mix.mix(MixRequest(samples=5 * RATE, voices=voices), tmp_path / "sound.m4a", check)
    heard = play(tmp_path / "sound.m4a")
    assert _peak_db(heard) <= -1.5 and np.abs(heard).max() < 1


def test_a_voice_that_outlasts_the_film_ends_with_it(save_wav, speechlike, tmp_path, play, check):
    voice = Voice(audio=save_wav("v.wav", speechlike(5)), at_sample=RATE)
    late = Voice(audio=save_wav("late.wav", speechlike(1)), at_sample=9 * RATE)
    mix.mix(MixRequest(samples=3 * RATE, voices=(voice, late)), tmp_path / "sound.m4a", check)
    assert play(tmp_path / "sound.m4a").shape[1] == 3 * RATE


def test_the_same_request_gives_the_same_bytes_and_leaves_nothing_else(film, tmp_path, check):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        facts = mix.task(film.model_dump(mode="json"), tmp_path / name, check)
        assert [path.name for path in (tmp_path / name).iterdir()] == [facts["sound"]]
        made.append((tmp_path / name / facts["sound"]).read_bytes())
    assert made[0] == made[1]


def test_a_canceled_mix_stops(film, tmp_path):
    def canceled():
        raise Canceled("stop")

    with pytest.raises(Canceled):
        mix.mix(film, tmp_path / "sound.m4a", canceled)


def test_music_that_cannot_be_read_is_refused_by_name(film, tmp_path, save_wav, check):
    bad = tmp_path / "bad.mp3"
    bad.write_bytes(b"no music" * 1000)
    with pytest.raises(UnsupportedMedia, match=r"bad\.mp3"):
        mix.mix(film.model_copy(update={"music": bad}), tmp_path / "sound.m4a", check)
    blip = save_wav("blip.wav", np.full((2, 1000), 0.1, np.float32))
    with pytest.raises(UnsupportedMedia, match="too little"):
        mix.mix(film.model_copy(update={"music": blip}), tmp_path / "sound.m4a", check)


def test_impossible_numbers_are_refused(film, tmp_path, check):
    early = film.voices[0].model_copy(update={"at_sample": -1})
    for change in ({"samples": 0}, {"voices": (early,)}):
        with pytest.raises(ValidationFailed):
            mix.mix(film.model_copy(update=change), tmp_path / "sound.m4a", check)
