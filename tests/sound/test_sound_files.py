"""Reading and writing sound files: lengths, rates, alignment, damage."""

from __future__ import annotations

import av
import numpy as np
import pytest

from app.core.errors import UnsupportedMedia
from app.services.media import sound

RATE = 48_000


def _all(path, channels=2):
    return np.concatenate(list(sound.read(path, channels)), axis=1)


def _clicks(samples, places):
    out = np.zeros((2, samples), np.float32)
    burst = 0.5 * np.sin(2 * np.pi * 3000 * np.arange(200) / RATE) * np.hanning(200)
    for place in places:
        out[:, place : place + 200] += burst[: samples - place]
    return out


def _where(heard, written, place):
    """Offset in samples of the click at ``place``."""
    around = slice(max(0, place - 300), place + 500)
    match = np.correlate(heard[0, around], written[0, around], "full")
    return int(match.argmax()) - (written[0, around].size - 1)


@pytest.mark.parametrize("samples", [48_000, 777, 3 * 48_000 + 1, 1024, 60_001])
def test_the_aac_track_is_exactly_as_long_as_what_was_written(tmp_path, play, samples):
    out = tmp_path / "a.m4a"
    sound.write_aac(sound.exactly(iter([_clicks(samples, [0])]), samples), out)
    with av.open(str(out)) as container:
        stream = container.streams.audio[0]
        assert stream.duration * stream.time_base * RATE == samples
        assert stream.codec_context.sample_rate == RATE and stream.codec_context.layout.name == "stereo"
    assert play(out).shape[1] == samples


def test_a_click_comes_out_where_it_was_put(tmp_path, play):
    samples, places = 10 * RATE + 333, [0, 1_000, 123_456, 10 * RATE - 700]
    written, out = _clicks(samples, places), tmp_path / "a.m4a"
    sound.write_aac(sound.exactly(iter([written]), samples), out)
    for heard in (play(out), _all(out)):
        assert all(abs(_where(heard, written, place)) <= 2 for place in places)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_other_rates_become_48_khz_without_shift(save_wav, rate):
    t = np.arange(2 * rate) / rate
    tone = (0.4 * np.sin(2 * np.pi * 500 * t) * np.exp(-((t - 1.0) ** 2) / 0.002)).astype(np.float32)
    heard = _all(save_wav("a.wav", tone, rate), 1)
    assert abs(heard.shape[1] - 2 * RATE) <= 8
    assert abs(int(np.abs(heard[0]).argmax()) - RATE) <= RATE / 500 / 2
    assert np.abs(heard).max() == pytest.approx(0.4, abs=0.02)


@pytest.mark.parametrize(("codec", "suffix"), [("libmp3lame", "mp3"), ("aac", "m4a"), ("flac", "flac")])
def test_music_in_the_usual_formats_is_read(tmp_path, hum, codec, suffix):
    path = tmp_path / f"music.{suffix}"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=44_100, layout="stereo")
        frame = av.AudioFrame.from_ndarray(hum(2)[:, : 2 * 44_100], format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = 44_100, 0
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    heard = _all(path)
    assert heard.dtype == np.float32 and heard.shape[0] == 2
    assert heard.shape[1] == pytest.approx(2 * RATE, abs=3000)
    assert heard.std() == pytest.approx(hum(2).std(), rel=0.1)


@pytest.mark.parametrize("content", [b"", b"not a sound at all" * 50, b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_sound_is_refused_by_name(tmp_path, content):
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(UnsupportedMedia, match=r"song\.mp3"):
        _all(path)


def test_a_picture_file_without_sound_is_refused(tmp_path):
    path = tmp_path / "silent.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((96, 64), np.uint8), format="yuv420p")
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    with pytest.raises(UnsupportedMedia, match="no sound"):
        _all(path)


def test_numbers_that_are_no_sound_become_silence(tmp_path):
    path = tmp_path / "odd.wav"
    odd = np.zeros((1, 9600), np.float32)
    odd[0, 10:13] = np.nan, np.inf, 1e30
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(odd, format="flt", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        for packet in [*stream.encode(frame), *stream.encode()]:
            container.mux(packet)
    heard = _all(path, 1)
    assert np.isfinite(heard).all() and np.abs(heard).max() <= 4


def test_blocks_are_regular_and_cut_or_filled_to_the_length():
    rng = np.random.default_rng(0)
    pieces = [rng.standard_normal((2, n)).astype(np.float32) for n in (1, 47_000, 100_000, 5)]
    whole = np.concatenate(pieces, axis=1)
    for samples in (10, 48_000, 100_000, 200_000):
        blocks = list(sound.exactly(iter(pieces), samples))
        assert all(block.shape[1] == sound.BLOCK for block in blocks[:-1])
        out = np.concatenate(blocks, axis=1)
        assert out.shape[1] == samples
        n = min(samples, whole.shape[1])
        assert np.array_equal(out[:, :n], whole[:, :n]) and not out[:, n:].any()


def test_a_track_gives_back_what_was_written_and_silence_elsewhere(tmp_path):
    with sound.Track(tmp_path, 2) as track:
        track.write(1_000, np.ones((2, 10), np.float32))
        read = track.read(995, 20)
        assert read[:, 5:15].all() and read.sum() == 20
    assert not list(tmp_path.iterdir())
