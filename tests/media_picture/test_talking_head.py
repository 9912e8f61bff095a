"""A photo that speaks: what is measured here is measured in the pictures, not in the numbers that drew them."""

from __future__ import annotations

import hashlib
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from picture_tools import nothing, pictures

from app.core.errors import AppError, Canceled, UnsupportedMedia, ValidationFailed
from app.models.engine import PresentRequest
from app.services.engines.builtin.avatar import BuiltinAvatar
from app.services.media.probe import probe
from app.services.media.talking import face, framing, life, voice
from app.services.media.talking.head import Head
from app.services.media.talking.task import task

skimage = pytest.importorskip("skimage")
Clip = Callable[..., tuple[dict[str, Any], list[np.ndarray]]]
FACE = (162, 55, 120, 120)
"""Of the portrait below, as it is detected."""
STILL = life.Pose(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from skimage.data import astronaut

    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    cv2.imwrite(str(path), astronaut()[..., ::-1])
    return path


def syllables(seconds: float, rate: int = 16_000, every: float = 0.5, channels: int = 1) -> np.ndarray:
    """Something like speech: buzzing vowels of 0.2 s, with silence between them; 16 bit, (samples, channels)."""
    time = np.arange(round(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 20) if 120 * n < rate / 2)
    gate = np.clip(np.sin(np.pi * np.clip((time % every - 0.15) / 0.2, 0, 1)), 0, 1)
    mono = (buzz * gate * 9000).astype("<i2")
    return np.repeat(mono[:, None], channels, 1)


def write_wav(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.tobytes())
    return path


def made(photo: Path, audio: Path, folder: Path, **more: Any) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    return task({"photo": str(photo), "audio": str(audio), "seed": 5, **more}, folder, nothing)


def color(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as clip:
        return [frame.to_ndarray(format="bgr24") for frame in clip.decode(video=0)]


def opening(frames: list[np.ndarray]) -> np.ndarray:
    """Dark pixels between the lips, and light ones that are no skin, as a share of a strip over the mouth."""
    side = frames[0].shape[0] / 276  # the frame shows 2.3 faces of 120 pixels
    rows, columns = (slice(round(first * side), round(last * side)) for first, last in ((136, 172), (128, 150)))
    seen = []
    for frame in frames:
        lab = cv2.cvtColor(frame[rows, columns].astype(np.float32) / 255, cv2.COLOR_BGR2LAB)
        seen.append(float(((lab[..., 0] < 30) | ((lab[..., 1] < 6) & (lab[..., 0] > 62))).mean()))
    return np.array(seen)


@pytest.fixture(scope="module")
def spoken(portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, np.ndarray]:
    """Four seconds of syllables: the facts, the clip and the samples."""
    folder = tmp_path_factory.mktemp("spoken")
    samples = syllables(4.0)
    facts = made(portrait, write_wav(folder / "in.wav", samples), folder)
    return facts, folder / facts["clip"], samples[:, 0]


# -- the clip ----------------------------------------------------------------------------------------------


def test_the_clip_has_the_sound_and_exactly_its_length(spoken: tuple[dict[str, Any], Path, np.ndarray]) -> None:
    facts, clip, _ = spoken
    known = probe(clip)
    assert known.video is not None and known.audio is not None
    assert (known.video.codec, known.audio.codec) == ("h264", "aac")
    assert (facts["frames"], len(pictures(clip)), known.video.fps) == (100, 100, 25)
    assert known.audio.duration_s == pytest.approx(4.0, abs=0.001)
    assert known.video.width % 2 == known.video.height % 2 == 0
    assert not [path for path in clip.parent.iterdir() if path.name not in ("in.wav", "avatar.mp4")]


def test_lips_follow_the_sound_and_are_not_late(spoken: tuple[dict[str, Any], Path, np.ndarray]) -> None:
    _, clip, samples = spoken
    seen = opening(color(clip))
    power = np.convolve((samples / 32768.0) ** 2, np.hanning(640) / 320, "same")

    def likeness(shift_s: float) -> float:
        moments = ((np.arange(seen.size) + 0.5) / 25 + shift_s) * 16_000
        return float(np.corrcoef(seen, np.sqrt(power)[moments.clip(0, samples.size - 1).astype(int)])[0, 1])

    assert likeness(0) > 0.7
    shifts = np.arange(-0.12, 0.121, 0.02)
    best = shifts[int(np.argmax([likeness(shift) for shift in shifts]))]
    assert -0.02 <= best <= 0.061  # above 0: the lips are ahead


def test_silence_keeps_the_mouth_shut(portrait: Path, tmp_path: Path) -> None:
    silent = write_wav(tmp_path / "silent.wav", np.zeros((12_000, 1), "<i2"))
    facts = made(portrait, silent, tmp_path / "a")
    shut = opening(color(tmp_path / "a" / facts["clip"]))
    loud = write_wav(tmp_path / "loud.wav", syllables(0.7))
    facts = made(portrait, loud, tmp_path / "b")
    assert shut.max() < 0.25 * opening(color(tmp_path / "b" / facts["clip"])).max()
    assert np.ptp(shut) < 0.03


def test_noise_without_a_voice_is_no_speech(tmp_path: Path) -> None:
    hiss = np.random.default_rng(1).normal(0, 20, (32_000, 1)).astype("<i2")
    heard = voice.hear(write_wav(tmp_path / "hiss.wav", hiss), nothing)
    assert heard.open.max() == 0


def test_the_same_seed_makes_the_same_pictures_and_another_one_others(portrait: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "in.wav", syllables(0.5))
    digests = []
    for name in ("a", "b"):
        facts = made(portrait, audio, tmp_path / name, seed=5)
        frames = pictures(tmp_path / name / facts["clip"])
        digests.append(hashlib.sha256(b"".join(frame.tobytes() for frame in frames)).hexdigest())
    assert digests[0] == digests[1]
    heard = voice.hear(audio, nothing)
    assert life.Life(5, heard).at(0.3) == life.Life(5, heard).at(0.3) != life.Life(6, heard).at(0.3)


def test_it_fades_in_and_out(portrait: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "in.wav", syllables(1.0))
    facts = made(portrait, audio, tmp_path, fade_in=5, fade_out=8)
    light = [float(frame.mean()) for frame in pictures(tmp_path / facts["clip"])]
    assert np.all(np.diff(light[:6]) > 3) and np.all(np.diff(light[-9:]) < -3)
    assert abs(light[6] - light[14]) < 2


# -- the picture -------------------------------------------------------------------------------------------


def posed(portrait: Path) -> tuple[Head, np.ndarray]:
    photo, _ = framing.opened(portrait)
    found = face.find(photo, FACE)
    return Head(photo, found), photo


def test_a_speaking_mouth_leaves_no_seam_and_nothing_else_changed(portrait: Path) -> None:
    head, _ = posed(portrait)
    shut = head.draw(STILL).astype(float)
    change = np.abs(head.draw(STILL._replace(open=1.0)).astype(float) - shut).max(2)
    ys, xs = np.nonzero(change > 12)
    left, top, width, height = FACE
    assert left < xs.min() and xs.max() < left + width
    assert top + 0.55 * height < ys.min() and ys.max() < top + 1.35 * height
    border = change.copy()
    border[100:205, 160:290] = 0
    assert border.max() <= 1


def test_the_background_stands_still_while_the_head_moves(portrait: Path) -> None:
    head, photo = posed(portrait)
    pose = life.Pose(0.02, 0.02, 0.02, 0.03, 0.03, 0.5, 0.03, 0.0, 0.5, 0.2)
    change = np.abs(head.draw(pose).astype(float) - photo).max(2)
    assert change[:, :40].mean() < 1 and change[:, 420:].mean() < 1.5
    assert change[80:130, 190:260].mean() > 4


def test_eyes_close_and_open_again(portrait: Path) -> None:
    head, _ = posed(portrait)
    eye = (slice(94, 110), slice(192, 216))
    darkest = [int(cv2.cvtColor(head.draw(STILL._replace(blink=shut))[eye], cv2.COLOR_BGR2GRAY)[5:10, 8:16].min())
               for shut in (0.0, 0.5, 1.0)]  # fmt: skip
    assert darkest[2] > darkest[0] + 30


def test_blinks_are_irregular_and_neither_rare_nor_restless(tmp_path: Path) -> None:
    heard = voice.hear(write_wav(tmp_path / "long.wav", syllables(60.0, 8000), 8000), nothing)
    lively = life.Life(3, heard)
    shut = np.array([lively.at((number + 0.5) / 25).blink for number in range(1500)]) > 0.5
    starts = np.flatnonzero(np.diff(shut.astype(int)) == 1) / 25
    apart = np.diff(starts)
    assert 9 < starts.size < 32
    assert apart.min() > 1.5 and apart.max() < 6.6 and apart.std() > 0.5


@pytest.mark.parametrize(
    ("crop_scale", "size"), [(2.3, (512, 512)), (1.4, (512, 512)), (0, (384, 300)), (9, (512, 400))]
)
def test_the_frame_is_a_square_around_the_head_or_the_whole_photo(crop_scale: float, size: tuple[int, int]) -> None:
    photo = np.zeros((301, 385, 3), np.uint8)
    frame = framing.framed(photo, (150, 100, 60, 60), crop_scale)
    assert frame.picture.shape[1::-1] == size


def test_odd_and_large_photos_become_even_and_at_most_1280(portrait: Path, tmp_path: Path) -> None:
    large = cv2.resize(cv2.imread(str(portrait)), (1537, 1535))
    cv2.imwrite(str(tmp_path / "large.jpg"), large)
    audio = write_wav(tmp_path / "in.wav", syllables(0.2))
    facts = made(tmp_path / "large.jpg", audio, tmp_path / "a", crop_scale=0)
    assert (facts["width"], facts["height"]) == (1280, 1278)
    assert facts["face"] == pytest.approx([3 * one for one in FACE], abs=30)


def test_a_turned_photo_is_set_upright_first(portrait: Path, tmp_path: Path) -> None:
    from PIL import Image

    lying = Image.open(portrait).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    lying.save(tmp_path / "lying.jpg", exif=exif, quality=95)
    audio = write_wav(tmp_path / "in.wav", syllables(0.2))
    assert made(tmp_path / "lying.jpg", audio, tmp_path)["face"] == pytest.approx(FACE, abs=12)


# -- what comes in -----------------------------------------------------------------------------------------


def reason(error: AppError) -> str:
    assert error.errors
    return str(error.errors[0]["type"])


def test_photos_that_cannot_speak_are_refused_with_the_reason(portrait: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "in.wav", syllables(0.2))
    one = cv2.imread(str(portrait))[:300]
    cv2.imwrite(str(tmp_path / "none.png"), np.full((300, 300, 3), 120, np.uint8))
    cv2.imwrite(str(tmp_path / "two.png"), np.hstack([one, one]))
    (tmp_path / "broken.png").write_bytes(portrait.read_bytes()[:3000])
    for name, why in (("none", "no_face"), ("two", "several_faces"), ("broken", "unreadable")):
        with pytest.raises(AppError) as caught:
            made(tmp_path / f"{name}.png", audio, tmp_path)
        assert reason(caught.value) == why
        assert not caught.value.retryable
    with pytest.raises(ValidationFailed) as outside:
        made(portrait, audio, tmp_path, face=[600, 10, 50, 50])
    assert reason(outside.value) == "no_face"


def test_a_box_says_which_of_two_faces_speaks(portrait: Path, tmp_path: Path) -> None:
    one = cv2.imread(str(portrait))[:300]
    cv2.imwrite(str(tmp_path / "two.png"), np.hstack([one, one]))
    audio = write_wav(tmp_path / "in.wav", syllables(0.2))
    right = [FACE[0] + 512, *FACE[1:]]
    assert made(tmp_path / "two.png", audio, tmp_path, face=right)["face"] == right


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (44_100, 2)])
def test_any_recording_is_heard(tmp_path: Path, rate: int, channels: int) -> None:
    heard = voice.hear(write_wav(tmp_path / "in.wav", syllables(2.0, rate, channels=channels), rate), nothing)
    assert heard.samples == 96_000
    middle = [heard.at(heard.open, moment) for moment in (0.25, 0.75, 1.25)]
    pause = [heard.at(heard.open, moment) for moment in (0.02, 0.52, 1.02)]
    assert min(middle) > 0.4 > 0.15 > max(pause)


def test_an_mp3_is_heard(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "in.mp3"), "w") as out:
        stream = out.add_stream("mp3", rate=44_100, layout="mono")
        samples = np.ascontiguousarray(syllables(2.0, 44_100).T)
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 44_100
        for piece in (*av.AudioResampler(format="s16p", layout="mono", rate=44_100).resample(frame), None):
            out.mux(stream.encode(piece))
    heard = voice.hear(tmp_path / "in.mp3", nothing)
    assert heard.duration_s == pytest.approx(2.0, abs=0.1)
    assert heard.open.max() > 0.5


def test_a_very_short_sound_makes_one_frame(portrait: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "in.wav", syllables(0.03))
    facts = made(portrait, audio, tmp_path)
    assert facts["frames"] == 1


def test_empty_long_and_broken_recordings_are_refused(portrait: Path, tmp_path: Path) -> None:
    empty = write_wav(tmp_path / "empty.wav", np.zeros((0, 1), "<i2"))
    with pytest.raises(ValidationFailed, match="empty"):
        made(portrait, empty, tmp_path)
    with wave.open(str(tmp_path / "long.wav"), "wb") as file:
        file.setparams((1, 2, 100, 0, "NONE", ""))
        file.writeframes(bytes(200 * 3 * 3600))
    with pytest.raises(ValidationFailed, match=r"3:00:00: at most 30 minutes"):
        made(portrait, tmp_path / "long.wav", tmp_path)
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    with pytest.raises(UnsupportedMedia):
        made(portrait, tmp_path / "broken.wav", tmp_path)
    with pytest.raises(ValidationFailed, match="fps"):
        made(portrait, tmp_path / "broken.wav", tmp_path, fps=500)


def test_a_cancel_stops_it_and_leaves_nothing(portrait: Path, tmp_path: Path) -> None:
    audio = write_wav(tmp_path / "in.wav", syllables(2.0))
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls > 20:
            raise Canceled("stop")

    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(Canceled):
        task({"photo": str(portrait), "audio": str(audio), "face": list(FACE)}, out, check)
    assert not list(out.iterdir())


async def test_the_engine_hands_everything_on_and_says_that_it_is_an_animatic(portrait: Path, tmp_path: Path) -> None:
    class Here:
        folder = tmp_path
        asked: dict[str, Any]

        async def compute(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
            assert name == "app.services.media.talking.task:task"
            self.asked = request
            return task(request, tmp_path, nothing)

    audio = write_wav(tmp_path / "in.wav", syllables(0.4))
    context = Here()
    request = PresentRequest(photo=portrait, audio=audio, seed=9)
    result = await BuiltinAvatar().present(request, context)  # type: ignore[arg-type]
    assert (context.asked["seed"], context.asked["fps"]) == (9, 25)
    assert result.clip.is_file() and result.facts["animatic"] and result.facts["frames"] == 10
