"""The world's sounds: found by words, made by code, laid under the film at good moments."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from app.models.timeline import Ambience, MixRequest, Voice
from app.services.media import mix
from app.services.media.ambience import bus, makers, words
from app.services.media.ambience import plan as moments
from app.services.media.ambience.grains import LOOP
from app.services.media.tones import RATE as HALF

RATE = 48_000
NAMES = sorted(words.entries())
SCRIPT = """
风声 微风 寒风 树叶沙沙声 鸟鸣 海鸥叫声 远处鹰鸣 海浪声 雨声 雷声 流水声 蛙鸣 虫鸣 水泡声 蜜蜂嗡嗡声 远处鸡鸣 街道人声
热闹的人声 钟声 孩子们的笑声 滴水声 低低的嗡鸣 时钟滴答声 脚步声 笑声 柴火噼啪声 心跳声 翅膀扑动声
"""
ENGLISH = """wind, soft breeze, cold wind, rustling leaves, birds, gulls, a distant eagle, waves, rain, thunder,
running water, frogs, crickets, bubbles, bees, a distant rooster, street noise, a lively crowd, a bell, dripping water,
children laughing, a low hum, a ticking clock, steps, laughter, a crackling fire, a heartbeat, wing beats"""


_made = lru_cache(maxsize=80)(makers.make)


def _names(text):
    return [sound.name for sound in words.heard_in(text)]


@pytest.mark.parametrize("name", NAMES)
def test_every_sound_of_the_words_is_finite_even_and_of_its_length(name):
    sound = _made(name, 5)
    assert sound.dtype == np.float32 and sound.shape[0] == 2 and np.isfinite(sound).all()
    if makers.is_bed(name):
        assert sound.shape[1] == LOOP
    else:
        assert 0.4 * HALF < sound.shape[1] < 7 * HALF
        edges = np.abs(sound[:, [0, -1]]).max()
        assert edges < 0.02 * np.abs(sound).max()
    assert np.abs(sound.mean(1)).max() < 0.02 and 0.5 < np.abs(sound).max() < 9


@pytest.mark.parametrize("name", ["rain", "birds", "children", "thunder", "owl", "door"])
def test_a_seed_makes_the_same_sound_again_and_another_seed_another(name):
    assert np.array_equal(makers.make(name, 5), _made(name, 5))
    assert not np.array_equal(makers.make(name, 6), _made(name, 5))


@pytest.mark.parametrize("name", [name for name in NAMES if makers.is_bed(name)])
def test_a_bed_goes_round_without_a_seam(name):
    loop = _made(name, 5).astype(np.float64)
    around = np.abs(np.diff(np.concatenate([loop[:, -480:], loop[:, :480]], axis=1), n=2)).max(0)
    anywhere = np.abs(np.diff(loop, n=2)).max()
    assert around[478:481].max() <= anywhere
    level = np.sqrt((loop**2).mean())
    assert np.abs(loop[:, 0] - loop[:, -1]).max() < 6 * level


def test_every_word_of_the_data_means_its_sound():
    for name in NAMES:
        for word in words.words_of(name):
            assert name in _names(word), (name, word)


def test_the_words_of_the_script_are_all_heard():
    for word in (*SCRIPT.split(), *ENGLISH.split(",")):
        assert _names(word), word
    assert _names("雨声、树叶沙沙声、鸟鸣") == ["rain", "leaves", "birds"]
    assert _names("Thunder and heavy rain over distant waves") == ["thunder", "downpour", "waves"]
    assert _names("狂风暴雨中的马蹄声") == ["storm", "downpour", "hooves"]
    assert _names("寒風、遠處鐘聲") == ["cold_wind", "temple_bell"]


SILENT = """|   |安静|轻柔的钢琴声|silence|no wind|没有风声|无雨声|soft piano music|水墨风格|windows|卡通风格|
轻轻的歌声|旁白|123|🎵|风景如画|without birds"""


@pytest.mark.parametrize("text", SILENT.split("|"))
def test_words_that_mean_no_sound_are_passed_over(text):
    assert _names(text) == []


def test_what_is_far_is_fainter_and_no_shot_has_more_than_three_sounds():
    near, far = words.heard_in("钟声")[0], words.heard_in("远处的钟声")[0]
    assert far.level_db < near.level_db - 2
    assert len(words.heard_in("风声、雨声、雷声、海浪声、鸟鸣、钟声")) == 3


def _plan(stretches, seconds, voices=(), spoken=()):
    speech = np.zeros(round(seconds * 100))
    for start, end in spoken:
        speech[round(start * 100) : round(end * 100)] = 1
    return moments.planned(stretches, voices, speech, 0.01, round(seconds * RATE))


def _stretch(start, end, sound, seed=1):
    return Ambience(at_sample=round(start * RATE), samples=round((end - start) * RATE), sound=sound, seed=seed)


def _played(plan, seconds):
    blocks = list(bus.played(plan, round(seconds * RATE)))
    return np.concatenate(blocks, axis=1)[:, : round(seconds * RATE)]


def _levels(sound, hop_s=0.1):
    hop = round(hop_s * RATE)
    frames = sound[:, : sound.shape[1] // hop * hop].reshape(2, -1, hop)
    return 10 * np.log10((frames**2).mean((0, 2)) + 1e-12)


def test_a_sound_that_goes_on_in_the_next_shot_does_not_begin_again():
    plan = _plan([_stretch(0, 5, "雨声", 1), _stretch(4.8, 10, "rain", 2), _stretch(12, 15, "rain", 3)], 15)
    assert [(bed.start, bed.end) for bed in plan.beds] == [(0, 10 * HALF), (12 * HALF, 15 * HALF)]
    alone = _plan([_stretch(0, 10, "雨声", 1)], 15)
    assert np.array_equal(_played(alone, 8), _played(plan, 8))


def test_neighbouring_beds_flow_into_each_other_without_a_gap_or_a_click():
    sound = _played(_plan([_stretch(0, 6, "雨声"), _stretch(6, 12, "海浪声", 2), _stretch(12, 18, "瀑布", 3)], 18), 18)
    levels = _levels(sound)
    assert levels[10:160].min() > levels[10:160].max() - 22
    around = levels[55:66]
    assert max(abs(a - b) for a, b in pairwise(around)) < 6
    steps = np.abs(np.diff(sound, n=2)).max(0)
    frames = steps[: steps.size // 480 * 480].reshape(-1, 480)
    assert (frames.max(1) / (np.sqrt((frames**2).mean(1)) + 1e-6)).max() < 12


def test_a_bed_comes_and_goes_softly_at_the_ends_of_the_film():
    levels = _levels(_played(_plan([_stretch(0, 10, "rain")], 10), 10), 0.02)
    assert levels[0] < levels[100:300].mean() - 15 and levels[-1] < levels[100:300].mean() - 25


def test_calls_come_once_or_twice_where_nobody_speaks_and_never_on_a_first_word():
    voice = Voice(audio="unused.wav", at_sample=round(2.0 * RATE))
    for seed in range(20):
        plan = _plan([_stretch(0, 9, "敲门声、猫头鹰叫", seed)], 9, (voice,), [(2.0, 6.0)])
        for name in ("knock", "owl"):
            starts = [call.start / HALF for call in plan.calls if call.name == name]
            assert 1 <= len(starts) <= 2
            assert all(not 1.5 < at < 3.0 for at in starts)
            assert all(b - a > 2 for a, b in pairwise(starts))
            assert any(at < 1.5 or at > 5.2 for at in starts)


def test_beds_are_18_to_24_db_below_the_voice_and_calls_somewhat_louder():
    plan = _plan([_stretch(0, 9, "风声"), _stretch(9, 18, "敲门")], 18)
    assert -24 <= plan.beds[0].level_db + 18 <= -18
    assert all(-18 < call.level_db + 18 < -12 for call in plan.calls)


@pytest.fixture
def film(save_wav, speechlike, hum):
    """Sixteen seconds: voices at 2 s (3 s long) and 10 s (3 s), rain and then waves, music under all."""
    voices = tuple(
        Voice(audio=save_wav(f"{at}.wav", speechlike(3, 0.1, seed)), at_sample=at * RATE)
        for seed, at in ((1, 2), (2, 10))
    )
    ambience = (_stretch(0, 8, "雨声、钟声", 4), _stretch(8, 16, "海浪", 5))
    return MixRequest(samples=16 * RATE, voices=voices, music=save_wav("m.wav", hum(16)), ambience=ambience)


def test_speech_stays_10_db_above_music_and_world_together(film, tmp_path, check):
    facts = mix.mix(film, tmp_path / "s.m4a", check)
    assert facts["speech_over_music_db"] >= 10
    assert facts["sounds"] == ["rain", "temple_bell", "waves"]
    assert facts["lufs"] == pytest.approx(-16, abs=0.3) and facts["true_peak_dbtp"] <= -1.5


def _high(sound, start_s, end_s):
    """Level above 5 kHz, where these voices are not."""
    part = sound[:, round(start_s * RATE) : round(end_s * RATE)]
    power = np.abs(np.fft.rfft(part * np.hanning(part.shape[1]))) ** 2
    hertz = np.fft.rfftfreq(part.shape[1], 1 / RATE)
    return 10 * np.log10(power[:, (hertz > 5500) & (hertz < 9000)].sum() / part.shape[1] ** 2)


def test_the_world_goes_down_a_little_under_a_voice(film, tmp_path, play, check):
    film = film.model_copy(update={"ambience": (_stretch(0, 16, "雨声", 4),), "music": None})
    mix.mix(film, tmp_path / "s.m4a", check)
    heard = play(tmp_path / "s.m4a")
    assert -7 < _high(heard, 2.3, 4.8) - _high(heard, 7, 9) < -3


def test_a_film_of_sounds_alone_is_quiet_and_one_second_is_enough(tmp_path, play, check):
    for samples in (RATE, 5 * RATE + 7):
        request = MixRequest(samples=samples, voices=(), ambience=(_stretch(0, samples / RATE, "风声、敲门"),))
        facts = mix.mix(request, tmp_path / "s.m4a", check)
        heard = play(tmp_path / "s.m4a")
        assert heard.shape == (2, samples) and facts["lufs"] < -23 and facts["duck_db_measured"] is None


def test_words_without_a_sound_leave_the_film_as_it_was(save_wav, speechlike, tmp_path, play, check):
    voice = Voice(audio=save_wav("v.wav", speechlike(2)), at_sample=RATE)
    request = MixRequest(samples=4 * RATE, voices=(voice,), ambience=(_stretch(0, 4, "温柔的目光"),))
    facts = mix.mix(request, tmp_path / "s.m4a", check)
    assert facts["sounds"] == [] and np.abs(play(tmp_path / "s.m4a")[:, : RATE // 2]).max() < 1e-3


def test_the_same_film_gives_the_same_bytes(film, tmp_path, check):
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        mix.mix(film, tmp_path / name / "s.m4a", check)
        made.append((tmp_path / name / "s.m4a").read_bytes())
    assert made[0] == made[1]


def test_stretches_outside_the_film_are_harmless(tmp_path, check):
    stretches = (_stretch(0, 2, "雨"), _stretch(1, 50, "钟声"), _stretch(60, 70, "风"))
    facts = mix.mix(MixRequest(samples=3 * RATE, voices=(), ambience=stretches), tmp_path / "s.m4a", check)
    assert facts["sounds"] == ["rain", "temple_bell"]
