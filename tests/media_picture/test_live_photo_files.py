"""Live photos as files: read back as others read them, from photos of every kind."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import cv2
import numpy as np
import pytest
from picture_tools import make_clip, nothing, texture
from PIL import Image, ImageCms, ImageSequence

from app.core.errors import Canceled, EngineFailed, UnsupportedMedia, ValidationFailed
from app.models.timeline import LabelStyle
from app.services.media.aigc import aigc_fields
from app.services.media.label import read_aigc
from app.services.media.live_photo import gif
from app.services.media.live_photo.motion_photo import CAMERA, CONTAINER, ITEM, film_of
from app.services.media.live_photo.orbit import Orbit
from app.services.media.live_photo.palette import Palette
from app.services.media.live_photo.task import task
from app.services.media.probe import probe

FORMATS = ("gif", "mp4", "webp", "motion_photo")
AIGC = aigc_fields("a house", "number 7")


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """Light above, dark below, a red square on the left."""
    picture = texture(width, height, 1)
    picture[: height // 2] = picture[: height // 2] // 4 + 180
    picture[height // 2 :] = picture[height // 2 :] // 4
    picture[height // 3 : -height // 4, width // 8 : width // 3] = (30, 30, 220)
    return Image.fromarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    scene().save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., tuple[dict[str, Any], Path]]:
    def make(photo: Path | None, **more: Any) -> tuple[dict[str, Any], Path]:
        folder = tmp_path / f"made{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        asked = {"photo": str(photo) if photo else None, "num_frames": 6, **more}
        facts = task(asked, folder, nothing)
        assert [path.name for path in folder.iterdir()] == [facts["file"]]
        return facts, folder / facts["file"]

    return make


def shown(path: Path, facts: dict[str, Any]) -> list[np.ndarray]:
    """Every frame of a live photo in RGB, by a reader that is not ours."""
    if facts["media_type"] == "image/jpeg":
        with av.open(io.BytesIO(film_of(path))) as film:
            return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    if facts["media_type"] == "video/mp4":
        with av.open(str(path)) as film:
            return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    with Image.open(path) as picture:
        return [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_has_the_frames_the_size_and_the_time_that_were_asked(kind: str, photo: Path, made: Any) -> None:
    facts, path = made(photo, format=kind, num_frames=9, fps=12)
    frames = shown(path, facts)
    assert (facts["width"], facts["height"], facts["frames"], facts["duration_s"]) == (96, 64, 9, 0.75)
    assert len(frames) == 9 and all(frame.shape == (64, 96, 3) for frame in frames)
    assert facts["size_bytes"] == path.stat().st_size
    top, bottom, subject = frames[0][4].mean(), frames[0][-4].mean(), frames[0][32, 22]
    assert top > bottom + 80 and subject[0] > subject[2] + 100


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_request_gives_the_same_bytes(kind: str, photo: Path, made: Any) -> None:
    one, other = (made(photo, format=kind, noise_aug_strength=0.1, aigc=AIGC)[1].read_bytes() for _ in range(2))
    assert one == other


def test_a_gif_plays_for_ever_in_the_right_time_with_one_palette(photo: Path, made: Any) -> None:
    _, path = made(photo, num_frames=25, fps=7)
    with Image.open(path) as picture:
        assert picture.info["loop"] == 0
        lengths = [frame.info["duration"] for frame in ImageSequence.Iterator(picture)]
    assert sum(lengths) == 3570 and set(lengths) == {140, 150}
    data = path.read_bytes()
    assert data[:6] == b"GIF89a" and data[-1:] == b"\x3b" and not _local_palettes(data)


def _local_palettes(data: bytes) -> int:
    """How many frames of a GIF bring colours of their own; fails when a block is not where it should be."""
    place, found = 13 + 768, 0
    while data[place] != 0x3B:
        if data[place] == 0x21:
            place += 2
        else:
            assert data[place] == 0x2C
            found += data[place + 9] >> 7
            place += 11
        while data[place]:
            place += data[place] + 1
        place += 1
    return found


def test_a_gif_says_of_a_frame_only_what_changed(photo: Path, made: Any) -> None:
    still = made(photo, num_frames=25, motion_bucket_id=0)[0]["size_bytes"]
    moving = made(photo, num_frames=25)[0]["size_bytes"]
    once = made(photo, num_frames=2, motion_bucket_id=0)[0]["size_bytes"]
    assert still < once + 23 * 40 and moving > 1.5 * still


def test_what_stands_still_does_not_flicker_in_a_gif(tmp_path: Path) -> None:
    """A pixel that keeps its colour is the same in every frame, though the dither mixes it from others."""

    class Half:
        count, size = 6, (64, 48)

        def draw(self, number: int) -> np.ndarray:
            picture = texture(64, 48, 2)
            picture[:, 32:] = texture(32, 48, number)
            return picture

    gif.write(Half(), tmp_path / "half.gif", 7, nothing)
    with Image.open(tmp_path / "half.gif") as picture:
        frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]
    assert all(np.array_equal(frame[:, :32], frames[0][:, :32]) for frame in frames)
    assert not np.array_equal(frames[0][:, 32:], frames[1][:, 32:])


def test_dithered_colours_are_right_on_average() -> None:
    ramp = np.dstack([np.tile(np.linspace(20, 230, 128, dtype=np.uint8), (64, 1))] * 3)
    noisy = np.clip(ramp.astype(np.int16) + texture(128, 64, 4) // 8 - 16, 0, 255).astype(np.uint8)
    palette = Palette([noisy])
    assert len(palette.colours) <= 255
    back = palette.shown(palette.told(noisy))[..., ::-1].astype(np.float32)
    off = cv2.blur(back, (8, 8)) - cv2.blur(noisy.astype(np.float32), (8, 8))
    assert np.abs(off).mean() < 2


def test_gifs_of_other_lengths_decode_in_other_readers(photo: Path, made: Any) -> None:
    _, path = made(photo, num_frames=7, fps=10, aigc=AIGC)
    with av.open(str(path)) as film:
        assert sum(1 for _ in film.decode(video=0)) == 7


def test_an_animated_webp_loops_for_ever_and_lasts_as_asked(photo: Path, made: Any) -> None:
    _, path = made(photo, format="webp", num_frames=10, fps=7)
    with Image.open(path) as picture:
        assert picture.format == "WEBP" and picture.info["loop"] == 0 and picture.n_frames == 10
    data = path.read_bytes()
    places = [number for number in range(len(data)) if data[number : number + 4] == b"ANMF"]
    assert sum(int.from_bytes(data[at + 20 : at + 23], "little") for at in places) == round(10_000 / 7)


def test_an_mp4_plays_everywhere_and_begins_with_its_index(photo: Path, made: Any) -> None:
    _, path = made(photo, format="mp4", fps=7)
    found = probe(path)
    assert found.video is not None
    assert (found.video.codec, found.video.pixel_format, found.video.color_space) == ("h264", "yuv420p", "bt709")
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat") and found.duration_s == pytest.approx(6 / 7, abs=0.01)


def test_odd_sides_become_even_for_a_film_and_stay_in_pictures(tmp_path: Path, made: Any) -> None:
    scene(97, 63).save(tmp_path / "odd.png")
    sizes = {}
    for kind in FORMATS:
        facts, _ = made(tmp_path / "odd.png", format=kind)
        sizes[kind] = (facts["width"], facts["height"])
    assert sizes["gif"] == sizes["webp"] == (97, 63)
    assert all(side % 2 == 0 for kind in ("mp4", "motion_photo") for side in sizes[kind])


def test_a_motion_photo_is_a_picture_with_a_film_where_its_directory_says(photo: Path, made: Any) -> None:
    facts, path = made(photo, format="motion_photo", num_frames=12, fps=8, aigc=AIGC)
    assert path.name.endswith("MP.jpg") and facts["media_type"] == "image/jpeg"
    with Image.open(path) as picture:
        assert picture.format == "JPEG" and picture.size == (96, 64)
        root = ElementTree.fromstring(picture.info["xmp"])
    description = next(root.iter("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}Description"))
    said = {name.removeprefix(f"{{{CAMERA}}}"): value for name, value in description.attrib.items() if CAMERA in name}
    items = [
        {key.removeprefix(f"{{{ITEM}}}"): value for key, value in item.attrib.items()}
        for item in root.iter(f"{{{CONTAINER}}}Item")
    ]
    assert [(item["Mime"], item["Semantic"]) for item in items] == [
        ("image/jpeg", "Primary"),
        ("video/mp4", "MotionPhoto"),
    ]
    length = int(items[1]["Length"])
    data = path.read_bytes()
    film = data[-length:]
    assert film[4:8] == b"ftyp" and data[:-length][-2:] == b"\xff\xd9"
    assert said["MotionPhoto"] == said["MotionPhotoVersion"] == said["MicroVideo"] == said["MicroVideoVersion"] == "1"
    assert int(said["MicroVideoOffset"]) == length
    # The photo is the fourth of twelve frames, shown after three eighths of a second.
    assert said["MotionPhotoPresentationTimestampUs"] == said["MicroVideoPresentationTimestampUs"] == "375000"
    with av.open(io.BytesIO(film)) as decoded:
        assert sum(1 for _ in decoded.decode(video=0)) == 12


def test_the_moment_of_a_motion_photo_shows_the_photo(photo: Path, made: Any) -> None:
    facts, path = made(photo, format="motion_photo", num_frames=12, fps=8)
    with Image.open(path) as picture:
        still = np.asarray(picture.convert("RGB")).astype(np.int16)
    away = [float(np.abs(frame - still).mean()) for frame in shown(path, facts)]
    assert min(away) == pytest.approx(away[3], rel=0.02)


def test_a_file_without_a_film_is_no_motion_photo(photo: Path, tmp_path: Path, made: Any) -> None:
    _, path = made(photo, format="motion_photo")
    (tmp_path / "cut.jpg").write_bytes(path.read_bytes()[:-5000])
    scene().save(tmp_path / "plain.jpg")
    for name in ("cut.jpg", "plain.jpg"):
        with pytest.raises(UnsupportedMedia, match="not a motion photo"):
            film_of(tmp_path / name)


def test_every_format_carries_the_implicit_label(photo: Path, made: Any) -> None:
    for kind in ("webp", "motion_photo"):
        assert read_aigc(made(photo, format=kind, aigc=AIGC)[1]) == AIGC
    assert json.loads(probe(made(photo, format="mp4", aigc=AIGC)[1]).tags["AIGC"]) == AIGC
    with Image.open(made(photo, format="gif", aigc=AIGC)[1]) as picture:
        assert json.loads(picture.info["comment"])["AIGC"] == AIGC
    film = made(photo, format="motion_photo", aigc=AIGC)[1]
    with av.open(io.BytesIO(film_of(film))) as decoded:
        assert json.loads(decoded.metadata["AIGC"]) == AIGC


def test_without_a_label_a_file_says_nothing(photo: Path, made: Any) -> None:
    assert all(
        b"AIGC" not in made(photo, format=kind)[1].read_bytes().replace(b"TC260", b"") for kind in ("gif", "webp")
    )


def test_the_visible_label_is_drawn_only_when_asked(photo: Path, tmp_path: Path, made: Any) -> None:
    scene(176, 110).save(tmp_path / "large.png")
    style = LabelStyle(text="AI", position="bottom_right", height=0.1).model_dump(mode="json")
    for kind in ("gif", "motion_photo"):
        plain, labelled = (
            shown(path, facts)
            for facts, path in (
                made(tmp_path / "large.png", format=kind),
                made(tmp_path / "large.png", format=kind, label=style),
            )
        )
        corner = (slice(80, 110), slice(130, 176))
        assert all(frame[corner].max() > 230 for frame in labelled) and plain[0][corner].max() < 200
    assert made(photo, format="gif", label=style)[0]["frames"] == 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_sideways_is_upright(orientation: int, tmp_path: Path, made: Any) -> None:
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    stored = scene() if turned is None else scene().transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "turned.jpg", quality=95, exif=exif)
    facts, path = made(tmp_path / "turned.jpg", format="motion_photo", num_frames=2)
    assert (facts["width"], facts["height"]) == (96, 64)
    with Image.open(path) as picture:
        assert picture.size == (96, 64) and picture.getexif().get(0x0112, 1) == 1
        still = np.asarray(picture.convert("RGB")).astype(np.int16)
    for frame in (still, shown(path, facts)[0].astype(np.int16)):
        assert frame[4].mean() > frame[-4].mean() + 80
        assert frame[32, 22, 0] > frame[32, 22, 2] + 100 > frame[32, 74, 0] - frame[32, 74, 2]


def test_portraits_and_landscapes_keep_their_shape(tmp_path: Path, made: Any) -> None:
    scene(100, 225).save(tmp_path / "tall.png")
    facts, _ = made(tmp_path / "tall.png", num_frames=2)
    assert (facts["width"], facts["height"]) == (100, 225)
    facts, _ = made(tmp_path / "tall.png", num_frames=2, longest=128, format="mp4")
    assert (facts["width"], facts["height"]) == (56, 128)


def hostile(kind: str) -> Image.Image:
    if kind == "palette":
        picture = scene().convert("P", palette=Image.Palette.ADAPTIVE, colors=16)
        picture.info["transparency"] = 3
        return picture
    if kind == "16 bit":
        return Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257)
    sizes = {"1x1": (1, 1), "2x3": (2, 3), "strip": (20, 4000), "line": (3000, 1)}
    if kind in sizes:
        return Image.new("RGB", sizes[kind], (10, 120, 240)) if kind != "strip" else scene(20, 4000)
    return scene().convert(
        {"grey": "L", "alpha": "RGBA", "grey alpha": "LA", "bits": "1", "float": "F"}.get(kind, kind)
    )


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    "photo_kind",
    ["1x1", "2x3", "strip", "line", "grey", "16 bit", "CMYK", "palette", "alpha", "grey alpha", "bits", "float"],
)
def test_photos_of_every_kind_come_alive(photo_kind: str, kind: str, tmp_path: Path, made: Any) -> None:
    ending = "tif" if photo_kind in ("CMYK", "float") else "png"
    hostile(photo_kind).save(tmp_path / f"photo.{ending}", **({"transparency": 3} if photo_kind == "palette" else {}))
    facts, path = made(tmp_path / f"photo.{ending}", format=kind, num_frames=3, longest=320)
    frames = shown(path, facts)
    # Frames of one colour are one to WebP, which holds it for as long.
    assert len(frames) == (1 if kind == "webp" and photo_kind in ("1x1", "2x3", "line") else 3)
    assert frames[0].shape == (facts["height"], facts["width"], 3)
    if photo_kind in ("grey", "16 bit", "CMYK", "alpha", "float"):
        assert frames[0][4].mean() > frames[0][-4].mean() + 60


def test_transparent_places_are_white(tmp_path: Path, made: Any) -> None:
    picture = scene().convert("RGBA")
    picture.putalpha(Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 48, axis=1).repeat(64, axis=0)))
    picture.save(tmp_path / "half.png")
    facts, path = made(tmp_path / "half.png")
    assert shown(path, facts)[0][:, :40].min() > 230


def test_colours_of_another_profile_are_brought_to_srgb(tmp_path: Path, made: Any) -> None:
    """A profile whose red and green are swapped tells whether it was used; a broken one is ignored."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    scene().save(tmp_path / "same.png", icc_profile=lab)
    scene().save(tmp_path / "broken.png", icc_profile=lab[:200])
    for name in ("same.png", "broken.png"):
        facts, path = made(tmp_path / name)
        assert shown(path, facts)[0][32, 22, 0] > 180


def test_what_is_no_picture_is_refused(tmp_path: Path, made: Any) -> None:
    scene(400, 300).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:3000])
    (tmp_path / "words.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (tmp_path / "empty.png").write_bytes(b"")
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 50000, 50000, 8, 2, 0, 0, 0) + b"\0" * 40
    (tmp_path / "bomb.png").write_bytes(bomb)
    for name in ("cut.jpg", "words.png", "empty.png", "bomb.png", "nothing.png"):
        with pytest.raises(UnsupportedMedia, match=name):
            made(tmp_path / name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_frames": 1},
        {"fps": 0},
        {"fps": 51},
        {"motion_bucket_id": 256},
        {"max_guidance_scale": 0},
        {"format": "avi"},
    ],
)
def test_numbers_outside_their_range_are_refused(wrong: dict[str, Any], photo: Path, made: Any) -> None:
    with pytest.raises(ValidationFailed):
        made(photo, **wrong)


def test_without_a_photo_there_is_no_live_photo(tmp_path: Path, made: Any) -> None:
    with pytest.raises(ValidationFailed):
        made(None)
    with pytest.raises(ValidationFailed):
        made(None, clip=str(make_clip(tmp_path / "clip.mp4", [20, 200])), format="motion_photo")


@pytest.mark.parametrize("kind", FORMATS)
def test_a_clip_of_an_engine_becomes_every_format(kind: str, photo: Path, tmp_path: Path, made: Any) -> None:
    clip = make_clip(tmp_path / "clip.mp4", list(range(40, 180, 10)), rate=7)
    facts, path = made(photo, clip=str(clip), format=kind, num_frames=20, fps=10)
    levels = [float(frame.mean()) for frame in shown(path, facts)]
    assert (facts["width"], facts["height"], facts["frames"]) == (64, 48, 20)
    if kind == "webp":  # equal neighbours are one frame
        assert len(levels) >= 15 and abs(max(levels) - 170) < 6
        return
    assert len(levels) == 20 and levels[0] == pytest.approx(40, abs=6) and levels[10] == pytest.approx(170, abs=6)
    assert abs(levels[-1] - levels[0]) < 12


def test_a_clip_that_is_none_is_refused(photo: Path, made: Any) -> None:
    with pytest.raises(EngineFailed, match="words"):
        broken = photo.with_name("words.mp4")
        broken.write_text("no clip")
        made(photo, clip=str(broken))


@pytest.mark.parametrize("kind", FORMATS)
def test_cancelling_stops_it_at_every_moment(kind: str, photo: Path, tmp_path: Path) -> None:
    calls = 0

    def counted() -> None:
        nonlocal calls
        calls += 1

    (tmp_path / "whole").mkdir()
    task({"photo": str(photo), "format": kind, "num_frames": 5}, tmp_path / "whole", counted)
    assert calls >= 10
    for limit in sorted({0, 1, 2, calls // 2, calls - 1}):
        left = limit

        def stop() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Canceled("stopped")

        folder = tmp_path / f"stopped{limit}"
        folder.mkdir()
        with pytest.raises(Canceled):
            task({"photo": str(photo), "format": kind, "num_frames": 5}, folder, stop)


def test_the_loop_is_seamless_in_the_file_too(tmp_path: Path, made: Any) -> None:
    edges = cv2.GaussianBlur(np.where(texture(168, 112, 3) > 128, 220, 30).astype(np.float32), (0, 0), 1.5)
    Image.fromarray(edges.astype(np.uint8)).save(tmp_path / "photo.png")
    for kind in FORMATS:
        facts, path = made(tmp_path / "photo.png", format=kind, num_frames=16)
        frames = shown(path, facts)
        found = [
            float(cv2.absdiff(one, other).mean()) for one, other in zip(frames, frames[1:] + frames[:1], strict=True)
        ]
        # What the codec loses differs from its last frame to its first, in so small a picture by as much as it moves.
        assert found[-1] <= (1.0 if kind == "gif" else 2.0) * np.mean(found[:-1])


def test_frames_can_be_asked_for_in_any_order() -> None:
    picture = np.asarray(scene())[..., ::-1].copy()
    drawn = Orbit(picture, 6, motion_bucket_id=127, noise=0.1, guidance=3, seed=1)
    forward = [drawn.draw(number) for number in range(6)]
    assert all(np.array_equal(drawn.draw(number), forward[number]) for number in (5, 0, 3))
