"""The composed score: exact length, no faults in the sound, a form that one can hear, and music in it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.core.errors import Canceled, ValidationFailed
from app.models.engine import ComposeRequest, MusicSection
from app.services.engines.builtin.music import BuiltinMusic, instruments, score
from app.services.engines.builtin.music.ensembles import ENSEMBLES, ensemble_of
from app.services.engines.builtin.music.moods import MOODS, mood_of
from app.services.engines.builtin.music.task import compose

RATE = 48_000
FOUR = tuple(
    MusicSection(start_s=at, tone=tone) for at, tone in ((0, "温馨"), (7.5, "紧张"), (14, "悲伤"), (20, "欢快"))
)
STORY = tuple(
    MusicSection(start_s=at, tone=tone, role=role)
    for at, tone, role in (
        (0, "温暖", "title"), (4, "孤单", ""), (11, "勇敢", ""), (18, "害怕", ""), (25, "充满希望", ""),
        (31, "欢快", ""), (36, "温暖", "end"),
    )
)  # fmt: skip
STYLES = ("水墨画", "剪纸", "noir detective", "霓虹科幻", "epic", "复古海报", "梦幻夜色", "pastel", "anime",
          "cinematic", "水彩绘本")  # fmt: skip


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
    [
        {},
        {"sections": FOUR, "seed": 2},
        *({"style": style, "seed": n, "duration_s": 15.0} for n, style in enumerate(STYLES)),
    ],
)
def test_the_sound_has_no_click_no_offset_no_clipping_and_ends_quietly(music, request_):
    sound = music(**request_)
    level = np.sqrt((sound**2).mean())
    assert np.abs(sound).max() < 0.95 and 0.02 < level < 0.25
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
    centroid = (spectrum**2 @ hertz) / ((spectrum**2).sum(1) + 1e-9)
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


def _tune(notes):
    return [note for note in notes if note.part in ("tune", "end")]


def test_tones_in_chinese_and_english_set_the_tempo_and_the_mode():
    slow, fast = _score(sections=(MusicSection(start_s=0, tone="悲伤"),)), _score(style="playful and happy")
    assert slow.plan.tempo < 72 < 90 < fast.plan.tempo
    assert slow.moods == ["sad"] and fast.moods == ["playful"]
    assert slow.key.endswith("minor") and fast.key.endswith("major")


@pytest.mark.parametrize(
    ("tone", "mood"),
    [("宁静", "calm"), ("欢快", "happy"), ("温暖", "warm"), ("好奇", "curious"), ("孤单", "lonely"), ("忧伤", "sad"),
     ("害怕", "afraid"), ("緊張", "tense"), ("勇敢", "brave"), ("俏皮", "playful"), ("充满希望", "hopeful"),
     ("奇妙", "wonder"), ("joyful", "happy"), ("fearful", "afraid"), ("wondrous", "wonder"), ("lonely", "lonely"),
     ("Hopeful", "hopeful"), ("", "warm"), ("xyzzy", "warm")],
)  # fmt: skip
def test_every_tone_of_the_script_has_its_mood(tone, mood):
    assert mood_of(tone, "").name == mood and mood in MOODS


def test_a_style_chooses_the_players():
    chosen = [ensemble_of(style).name for style in STYLES]
    assert sorted(chosen) == sorted(ENSEMBLES)
    assert ensemble_of("unheard-of").name == "storybook" and ensemble_of("pink").name == "storybook"
    for one in ENSEMBLES.values():
        players = {one.lead, one.second, one.figure, one.gentle, one.bass, one.pad, one.colour, *one.beats} - {""}
        assert players <= set(instruments.PLAYERS)


@pytest.mark.parametrize("name", sorted(instruments.PLAYERS))
def test_every_player_plays_low_and_high_notes_without_a_click(name):
    for pitch, length in ((36, 0.1), (60, 1.0), (96, 2.5)):
        wave = np.atleast_2d(instruments.note(name, pitch, length, 2))
        assert np.isfinite(wave).all() and 0.01 < np.abs(wave).max() < 3
        assert np.abs(wave[:, [0, -1]]).max() < 0.03 * np.abs(wave).max()


def test_sections_change_the_music_at_the_bar_line_nearest_to_their_beginning():
    sections = (MusicSection(start_s=0, tone="calm"), MusicSection(start_s=30, tone="epic"))
    made = _score(sections=sections)
    drums = [note.start_s for note in made.notes if note.player == "drum"]
    assert drums and 28 < min(drums) < 32
    opening = next(bar for bar in made.plan.bars if bar.section == 1)
    assert abs(opening.start_s - 30) < 0.6 and opening.turn
    assert min(abs(start - opening.start_s) for start in drums) < 0.05


def test_tense_sections_are_sparse_and_low_and_happy_ones_are_lively():
    sections = (MusicSection(start_s=0, tone="害怕"), MusicSection(start_s=30, tone="欢快"))
    parts = {"tune": [], "all": []}
    for seed in range(6):
        made = _score(sections=sections, seed=seed)
        turn = next(bar.start_s for bar in made.plan.bars if bar.section == 1)
        dark = [note for note in made.notes if 3 < note.start_s < turn - 1]
        bright = [note for note in made.notes if turn < note.start_s < made.plan.final_s]
        parts["all"].append((len(bright) / (made.plan.final_s - turn)) / (len(dark) / (turn - 4)))
        parts["tune"].append(np.mean([n.force for n in bright]) / np.mean([n.force for n in dark]))
    assert min(parts["all"]) > 1.5 and min(parts["tune"]) > 1.05


def test_a_chinese_style_plays_five_notes():
    notes = _score(style="水墨", seed=5).notes
    melody = [note for note in notes if note.player in ("zither", "bamboo") and note.part != "bass"]
    assert len(melody) > 20 and len({int(note.pitch) % 12 for note in melody}) <= 5


def _steps(notes):
    """Pitches and places of notes, both from the first: what makes a tune the same tune."""
    return [(int(note.pitch - notes[0].pitch), round((note.start_s - notes[0].start_s) / 0.18)) for note in notes]


def _alike(one, other):
    """Correlation of two tunes' pitch contours, note by note."""
    count = min(len(one), len(other))
    return float(np.corrcoef([p for p, _ in one[:count]], [p for p, _ in other[:count]])[0, 1])


@pytest.mark.parametrize("style", ["", "水墨", "dreamy", "noir"])
def test_the_theme_opens_the_film_returns_changed_and_comes_home(style):
    for seed in range(4):
        made = _score(seed=seed, duration_s=40.0, sections=STORY, style=style)
        assert 4 <= len(made.theme.motif) <= 8
        roles = [bar.role for bar in made.plan.bars]
        assert roles[0] == "theme" and roles[-1] == "home" and "variant" in roles

        def bars(role, place, made=made):
            found = [bar for bar in made.plan.bars if bar.role == role and bar.place == place]
            return [
                _steps(
                    [
                        n
                        for n in _tune(made.notes)
                        if bar.start_s - 0.03 <= n.start_s < bar.start_s + bar.length_s - 0.03
                    ]
                )
                for bar in found
            ]

        first, home = bars("theme", 0)[0], bars("home", 0)[0]
        assert [rung for rung, _ in first] and _alike(first, home) > 0.9 and len(first) == len(home)


def test_the_motif_is_not_the_same_for_another_seed():
    motifs = {tuple(tone.rung for tone in _score(seed=seed).theme.motif) for seed in range(12)}
    assert len(motifs) >= 10


@pytest.mark.parametrize("style", ["", "水墨", "neon", "noir", "epic"])
def test_the_last_chord_is_the_tonic_struck_as_the_last_picture_stands(style):
    for seed in range(5):
        made = _score(seed=seed, duration_s=40.0, sections=STORY, style=style)
        assert made.plan.final_s == 36
        last_bass = [note for note in made.notes if note.part == "bass"][-1]
        end = next(note for note in made.notes if note.part == "end")
        tonic = made.key.rsplit(" ", 1)[0]
        names = ["C", "D flat", "D", "E flat", "E", "F", "F sharp", "G", "A flat", "A", "B flat", "B"]
        assert abs(last_bass.start_s - 36) < 0.05 and abs(end.start_s - 36) < 0.05
        assert names[int(last_bass.pitch) % 12] == names[int(end.pitch) % 12] == tonic


def test_without_an_end_card_the_last_chord_comes_two_and_a_half_seconds_before_the_end():
    assert _score(duration_s=30.0).plan.final_s == pytest.approx(27.5)


def test_the_last_chord_rings_and_the_very_end_is_silent(music):
    sound = music(duration_s=40.0, sections=STORY, seed=1)
    level = [20 * np.log10(np.sqrt((sound[:, round(at * RATE) : round((at + 0.3) * RATE)] ** 2).mean()) + 1e-9)
             for at in (35.6, 36.05, 37.0, 39.65)]  # fmt: skip
    assert level[1] > level[0] - 3 and level[2] > -38 and level[3] < -50
    assert not sound[:, -40:].any()


def test_long_chords_move_without_leaps_and_the_tune_keeps_its_range():
    for seed in range(8):
        made = _score(seed=seed, sections=FOUR, duration_s=60.0)
        pads = [note for note in made.notes if note.part == "pad" and note.start_s < made.plan.final_s - 0.1]
        assert all(50 <= note.pitch <= 76 for note in pads)
        lines = [bar.start_s for bar in made.plan.bars]
        chords = [sorted(n.pitch for n in pads if abs(n.start_s - line) < 0.03) for line in lines]
        for one, other in pairwise(chord for chord in chords if len(chord) == 3):
            assert max(abs(a - b) for a, b in zip(one, other, strict=True)) <= 7
        assert all(48 <= note.pitch <= 98 for note in _tune(made.notes))
        low = [note.pitch for note in made.notes if note.part == "bass"]
        assert all(31 <= pitch <= 50 for pitch in low) and len(set(low)) >= 4


def test_the_music_breathes():
    for seed in range(4):
        made = _score(seed=seed, duration_s=40.0, sections=STORY)
        sung = sum(note.length_s for note in _tune(made.notes))
        assert 0.3 < sung / 40 < 0.85
        assert any(bar.role in ("rest", "echo", "bridge") for bar in made.plan.bars)


def test_bars_differ_in_level_and_colour(music):
    sound = music(duration_s=40.0, sections=STORY, seed=3).mean(0)
    made = _score(seed=3, duration_s=40.0, sections=STORY)
    levels, colours = [], []
    for bar in made.plan.bars:
        part = sound[round(bar.start_s * RATE) : round((bar.start_s + bar.length_s) * RATE)]
        levels.append(20 * np.log10(np.sqrt((part**2).mean())))
        power = np.abs(np.fft.rfft(part * np.hanning(part.size), 1 << 18)) ** 2
        edges = np.geomspace(60, 6000, 41) / (RATE / (1 << 18))
        bands = np.add.reduceat(power, edges.astype(int))[:-1]
        colours.append(np.log10(bands / bands.sum() + 1e-6))
    assert np.std(levels) > 1.5
    changes = [np.abs(a - b).mean() for a, b in pairwise(colours)]
    assert min(changes) > 0.12


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
