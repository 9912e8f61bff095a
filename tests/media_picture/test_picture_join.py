from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from picture_tools import nothing, packets, pictures

from app.core.errors import Canceled, EngineFailed, ValidationFailed
from app.models.timeline import JoinRequest, Subtitle
from app.services.media.encode import SegmentWriter
from app.services.media.join import join, task
from app.services.media.probe import probe

FPS = 24


def segment(path: Path, levels: list[int], *, size: tuple[int, int] = (160, 90), fps: int = FPS) -> tuple[Path, int]:
    with SegmentWriter(path, *size, fps) as writer:
        for level in levels:
            writer.frame.y.fill(level)
            writer.frame.u.fill(128)
            writer.frame.v.fill(128)
            writer.write()
    return path, len(levels)


def flashes(folder: Path, counts: list[int], fps: int = FPS) -> tuple[tuple[Path, int], ...]:
    """One segment per count, white in its first frame."""
    return tuple(
        segment(folder / f"{index}.mp4", [235] + [16] * (count - 1), fps=fps) for index, count in enumerate(counts)
    )


def clicks(path: Path, at: list[int], samples: int) -> Path:
    """An AAC track with a click at each of these samples."""
    sound = np.zeros((2, samples), np.float32)
    for sample in at:
        sound[:, sample : sample + 32] = 0.8
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("aac", rate=48000, layout="stereo", bit_rate=160_000)
        for start in range(0, samples, 1024):
            block = np.ascontiguousarray(sound[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def heard(path: Path) -> tuple[float, np.ndarray]:
    """When the sound begins, seconds, and its left channel."""
    with av.open(str(path)) as film:
        frames = list(film.decode(audio=0))
    return float(frames[0].time or 0), np.concatenate([frame.to_ndarray()[0] for frame in frames])


@pytest.mark.parametrize("fps", [24, 25, 30])
def test_picture_and_sound_stay_together_over_thirty_joins(tmp_path: Path, fps: int) -> None:
    counts = [5 + index * 7 % 17 for index in range(31)]
    starts = [sum(counts[:index]) for index in range(len(counts))]
    samples = round(Fraction(sum(counts) * 48000, fps))
    sound = clicks(tmp_path / "s.m4a", [round(Fraction(start * 48000, fps)) for start in starts], samples)
    made = JoinRequest(segments=flashes(tmp_path, counts, fps), fps=fps, sound=sound)
    join(made, tmp_path / "film.mp4", nothing)
    with av.open(str(tmp_path / "film.mp4")) as film:
        seen = [frame.time for frame in film.decode(video=0) if frame.to_ndarray(format="gray").mean() > 128]
    assert len(seen) == len(counts)
    begin, wave = heard(tmp_path / "film.mp4")
    for at in seen:
        low = max(0, round((at - begin - 0.05) * 48000))
        near = np.abs(wave[low : low + 4800])
        rise = (np.flatnonzero(near > near.max() / 2)[0] + low) / 48000 + begin
        assert abs(rise - at) <= 0.001


def test_every_frame_has_its_exact_time_and_decoding_times_only_rise(tmp_path: Path) -> None:
    counts = [1, 2, 3, 30, 1, 1, 12, 5, 2, 40, 1]
    join(JoinRequest(segments=flashes(tmp_path, counts), fps=FPS), tmp_path / "film.mp4", nothing)
    with av.open(str(tmp_path / "film.mp4")) as film:
        found = [packet for packet in film.demux(video=0) if packet.dts is not None]
        times = sorted(packet.pts * packet.time_base for packet in found)
    assert times == [Fraction(number, FPS) for number in range(sum(counts))]
    assert all(before.dts < after.dts for before, after in pairwise(found))
    assert all(packet.dts <= packet.pts for packet in found)
    with av.open(str(tmp_path / "film.mp4")) as film:
        shown = [frame.pts * frame.time_base for frame in film.decode(video=0)]
    assert shown == times


def test_the_pictures_of_the_film_are_those_of_its_segments(tmp_path: Path) -> None:
    levels = [[40, 60, 80], [200], [120, 90]]
    expected = [(level - 16) * 255 / 219 for one in levels for level in one]
    segments = tuple(segment(tmp_path / f"{index}.mp4", one) for index, one in enumerate(levels))
    join(JoinRequest(segments=segments, fps=FPS), tmp_path / "film.mp4", nothing)
    seen = [float(picture.mean()) for picture in pictures(tmp_path / "film.mp4")]
    assert np.allclose(seen, expected, atol=2)


def test_without_sound_the_film_carries_silence_of_its_length(tmp_path: Path) -> None:
    facts = join(JoinRequest(segments=flashes(tmp_path, [30, 31]), fps=FPS), tmp_path / "film.mp4", nothing)
    found = probe(tmp_path / "film.mp4")
    assert facts["duration_s"] == pytest.approx(61 / 24)
    assert found.audio is not None
    assert (found.audio.codec, found.audio.sample_rate, found.audio.channels) == ("aac", 48000, 2)
    assert found.audio.duration_s == pytest.approx(61 / 24, abs=0.001)
    begin, wave = heard(tmp_path / "film.mp4")
    assert begin == 0
    assert np.abs(wave).max() == 0


def test_the_film_can_play_before_it_is_loaded_and_keeps_its_colours_and_tags(tmp_path: Path) -> None:
    label = '{"Label":"1","ContentProducer":"001","ProduceID":"x-1","ReservedCode1":"","ReservedCode2":""}'
    tags = {"title": "小狗找妈妈", "AIGC": label}
    facts = join(
        JoinRequest(segments=flashes(tmp_path, [12, 9]), fps=FPS, metadata=tags), tmp_path / "film.mp4", nothing
    )
    content = (tmp_path / "film.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    found = probe(tmp_path / "film.mp4")
    assert found.tags["AIGC"] == label
    assert found.tags["title"] == "小狗找妈妈"
    assert found.video is not None
    assert (found.video.profile, found.video.color_range, found.video.color_space) == ("High", "tv", "bt709")
    assert (found.video.frames, found.video.fps) == (21, 24)
    assert facts == {
        "frames": 21,
        "fps": 24,
        "duration_s": 0.875,
        "width": 160,
        "height": 90,
        "size_bytes": len(content),
    }


def test_a_soft_track_carries_its_words_times_and_language(tmp_path: Path) -> None:
    subtitles = (
        Subtitle(start=Fraction(1, 4), end=Fraction(1), text="小狗\n你好"),
        Subtitle(start=Fraction(1), end=Fraction(3, 2), text="two"),
        Subtitle(start=Fraction(2), end=Fraction(9, 4), text="three"),
    )
    made = JoinRequest(segments=flashes(tmp_path, [60]), fps=FPS, subtitles=subtitles, language="zh-CN")
    join(made, tmp_path / "film.mp4", nothing)
    assert probe(tmp_path / "film.mp4").subtitles == ("zho",)
    with av.open(str(tmp_path / "film.mp4")) as film:
        track = film.streams.subtitles[0]
        found = [
            (packet.pts * packet.time_base, packet.duration * packet.time_base, bytes(packet)[2:].decode())
            for packet in film.demux(track)
            if packet.pts is not None and packet.size > 2
        ]
    assert [one[2] for one in found] == ["小狗\n你好", "two", "three"]
    assert [float(one[0]) for one in found] == [0.25, 1.0, 2.0]
    assert [float(one[1]) for one in found] == [0.75, 0.5, 0.25]


def test_the_same_segments_give_the_same_film(tmp_path: Path) -> None:
    made = JoinRequest(segments=flashes(tmp_path, [10, 20]), fps=FPS, metadata={"AIGC": "{}"})
    for name in ("a.mp4", "b.mp4"):
        join(made, tmp_path / name, nothing)
    assert packets(tmp_path / "a.mp4") == packets(tmp_path / "b.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_a_film_of_no_segments_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationFailed, match="segment"):
        join(JoinRequest(segments=(), fps=FPS), tmp_path / "film.mp4", nothing)


def test_a_segment_that_does_not_fit_is_named_and_no_film_is_left(tmp_path: Path) -> None:
    good = segment(tmp_path / "good.mp4", [50] * 5)
    other = segment(tmp_path / "other-size.mp4", [50] * 5, size=(176, 90))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    wrong = [(other, "other-size"), ((good[0], 7), "good"), ((broken, 5), "broken"), ((tmp_path / "no.mp4", 1), "no")]
    for one, name in wrong:
        with pytest.raises(EngineFailed, match=name):
            join(JoinRequest(segments=(good, one), fps=FPS), tmp_path / "film.mp4", nothing)
        assert not (tmp_path / "film.mp4").exists()


def test_a_sound_that_is_none_is_named(tmp_path: Path) -> None:
    good = segment(tmp_path / "good.mp4", [50] * 5)
    with pytest.raises(EngineFailed, match=r"good\.mp4"):
        join(JoinRequest(segments=(good,), fps=FPS, sound=good[0]), tmp_path / "film.mp4", nothing)


def test_a_canceled_join_leaves_no_file(tmp_path: Path) -> None:
    def check() -> None:
        raise Canceled("enough")

    with pytest.raises(Canceled):
        join(JoinRequest(segments=flashes(tmp_path, [5]), fps=FPS), tmp_path / "film.mp4", check)
    assert not (tmp_path / "film.mp4").exists()


def test_the_task_takes_json_and_names_its_file(tmp_path: Path) -> None:
    subtitles = (Subtitle(start=Fraction(1, 3), end=Fraction(1, 2), text="a"),)
    made = JoinRequest(segments=flashes(tmp_path, [24]), fps=FPS, subtitles=subtitles)
    facts = task(made.model_dump(mode="json"), tmp_path, nothing)
    assert facts["file"] == "film.mp4"
    assert probe(tmp_path / "film.mp4").duration_s == pytest.approx(1.0, abs=0.01)
