"""The labels of generated content: seen by everybody, and read back from the file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageCms, PngImagePlugin

from app.core.errors import Canceled, StorageFull, UnsupportedMedia
from app.models.timeline import LabelStyle
from app.services.media import label
from app.services.media.aigc import FIELDS, aigc_fields, aigc_json
from app.services.media.fonts import BuiltInFace
from app.services.media.picture_metadata import read_aigc

SIZES = [(854, 480), (1280, 720), (1920, 1080), (720, 1280), (1080, 1080), (320, 180)]
AIGC = aigc_fields("故事公司 <&\"'>", "story-001/shot-01")


def never() -> None:
    """A check that is never canceled."""


def picture(path: Path, size: tuple[int, int] = (320, 180), mode: str = "RGB") -> Path:
    Image.effect_noise(size, 80).convert(mode).save(path)
    return path


def request(path: Path, **more: object) -> dict[str, object]:
    wanted = {"picture": path, "style": LabelStyle(), "aigc": AIGC, **more}
    return label.LabelRequest.model_validate(wanted).model_dump(mode="json")


def heights(overlay: label.Overlay, height: int) -> list[int]:
    """Pixel heights of the characters, told apart by the empty columns between them, over a grey picture."""
    white = (overlay.rgba[..., 0] > 127) & (overlay.rgba[..., 3] > 200)
    columns = np.flatnonzero(white.any(axis=0))
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > max(1, height // 400)) + 1)
    return [int(np.ptp(np.flatnonzero(white[:, run].any(axis=1)))) + 1 for run in runs]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("share", [0.05, 0.08])
def test_every_character_is_at_least_a_twentieth_of_the_shorter_side(size: tuple[int, int], share: float) -> None:
    found = heights(label.draw(LabelStyle(height=share), *size), min(size))
    assert min(found) >= share * min(size)
    assert max(found) <= share * min(size) * 1.5 + 3


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("position", ["top_left", "top_right", "bottom_left", "bottom_right"])
def test_it_stands_in_its_corner_inside_a_margin_and_even(size: tuple[int, int], position: str) -> None:
    overlay = label.draw(LabelStyle.model_validate({"position": position}), *size)
    high, wide = overlay.rgba.shape[:2]
    assert not any(value % 2 for value in (overlay.x, overlay.y, high, wide))
    left, top = overlay.x, overlay.y
    right, bottom = size[0] - overlay.x - wide, size[1] - overlay.y - high
    assert min(left, top, right, bottom) >= 0.02 * min(size)
    assert (left < right) == position.endswith("left") and (top < bottom) == position.startswith("top")


def test_it_is_legible_over_white_over_black_and_over_noise() -> None:
    overlay = label.draw(LabelStyle(), 1280, 720)
    grey, alpha = overlay.rgba[..., 0].astype(float), overlay.rgba[..., 3] / 255
    letters, dark = (grey > 220) & (alpha > 0.98), (grey < 40) & (alpha > 0.98)
    noise = np.random.default_rng(3).integers(0, 256, grey.shape)
    for below in (np.zeros_like(grey), np.full_like(grey, 255), noise):
        seen = ((below * (1 - alpha) + grey * alpha) / 255) ** 2.2
        assert (seen[letters].min() + 0.05) / (seen[dark].max() + 0.05) >= 4.5
    assert 0.3 < alpha[2, alpha.shape[1] // 2] < 0.6, "a plate that lets the picture through"


def test_a_long_text_takes_more_lines_and_stays_in_the_frame() -> None:
    overlay = label.draw(LabelStyle(text="本视频由人工智能生成，请注意甄别真伪以及来源"), 720, 1280)
    assert overlay.rgba.shape[0] > 120 and overlay.x + overlay.rgba.shape[1] <= 720


def test_a_font_that_lacks_its_characters_does_not_lose_the_label(font_file: str) -> None:
    assert np.array_equal(label.draw(LabelStyle(), 640, 360, font_file).rgba, label.draw(LabelStyle(), 640, 360).rgba)
    assert BuiltInFace().has("生")


def test_the_json_has_seven_strings_in_the_order_of_the_standard() -> None:
    text = aigc_json(aigc_fields("公司", "id-1", propagator="平台", propagate_id="p-1", reserved_code1="r"))
    assert list(json.loads(text).items()) == [
        ("Label", "1"),
        ("ContentProducer", "公司"),
        ("ProduceID", "id-1"),
        ("ReservedCode1", "r"),
        ("ContentPropagator", "平台"),
        ("PropagateID", "p-1"),
        ("ReservedCode2", ""),
    ]
    assert "公司" in text and "\n" not in text


def test_control_characters_never_reach_the_metadata() -> None:
    assert json.loads(aigc_json(aigc_fields("a\x00b\n\ud800c", "1")))["ContentProducer"] == "abc"


def test_a_published_picture_carries_the_label_and_both_copies_of_the_metadata(tmp_path: Path) -> None:
    facts = label.label_picture(request(picture(tmp_path / "p.png")), tmp_path, never)
    path = tmp_path / facts["file"]
    assert facts == {"file": "image.jpg", "width": 320, "height": 180, "size_bytes": path.stat().st_size}
    assert read_aigc(path) == AIGC
    with Image.open(path) as made:
        assert made.format == "JPEG" and made.mode == "RGB"
        exif, xmp = made.getexif(), made.info["xmp"].decode()
        comment = exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
        difference = np.abs(np.asarray(made, int) - np.asarray(Image.open(tmp_path / "p.png"), int)).max(axis=2)
    assert "http://www.tc260.org.cn/ns/AIGC/1.0/" in xmp and "<TC260:AIGC>" in xmp
    assert json.loads(comment.removeprefix(b"ASCII\0\0\0"))["AIGC"] == AIGC
    assert difference[:30, 250:].max() > 100 > difference[60:].max() * 1.5


@pytest.mark.parametrize("kept", ["xmp", "exif"])
def test_either_copy_alone_is_enough_to_read_the_label(tmp_path: Path, kept: str) -> None:
    label.label_picture(request(picture(tmp_path / "p.png")), tmp_path, never)
    with Image.open(tmp_path / "image.jpg") as made:
        stripped = Image.frombytes(made.mode, made.size, made.tobytes())
        stripped.save(tmp_path / "one.jpg", **{kept: made.info[kept]})
    assert read_aigc(tmp_path / "one.jpg") == AIGC


def test_the_label_is_read_from_a_png_text_chunk_too(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("AIGC", aigc_json(AIGC))
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png", pnginfo=info)
    assert read_aigc(tmp_path / "p.png") == AIGC


def test_an_unlabelled_picture_reads_as_none_and_a_text_file_is_refused(tmp_path: Path) -> None:
    assert read_aigc(picture(tmp_path / "p.png")) is None
    (tmp_path / "t.jpg").write_text("no picture")
    with pytest.raises(UnsupportedMedia):
        read_aigc(tmp_path / "t.jpg")
    with pytest.raises(UnsupportedMedia):
        label.label_picture(request(tmp_path / "t.jpg"), tmp_path, never)


def test_without_style_and_fields_nothing_is_added(tmp_path: Path) -> None:
    source = tmp_path / "p.png"
    Image.new("RGB", (320, 180), (200, 120, 40)).save(source)
    label.label_picture(request(source, style=None, aigc={}), tmp_path, never)
    with Image.open(tmp_path / "image.jpg") as made:
        assert "xmp" not in made.info and not made.getexif()
        assert np.ptp(np.asarray(made).reshape(-1, 3), axis=0).max() <= 2


def test_a_large_picture_is_made_smaller_and_the_label_is_measured_on_the_result(tmp_path: Path) -> None:
    facts = label.label_picture(request(picture(tmp_path / "p.png", (640, 360)), max_size=320), tmp_path, never)
    assert (facts["width"], facts["height"]) == (320, 180)


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    source = picture(tmp_path / "p.png")
    made = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        label.label_picture(request(source), tmp_path / name, never)
        made.append((tmp_path / name / "image.jpg").read_bytes())
    assert made[0] == made[1]


def test_a_photograph_on_its_side_is_turned_upright_and_its_own_metadata_goes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.Make] = "Camera"
    Image.new("RGB", (160, 90)).save(tmp_path / "p.jpg", exif=exif)
    facts = label.label_picture(request(tmp_path / "p.jpg"), tmp_path, never)
    assert (facts["width"], facts["height"]) == (90, 160)
    with Image.open(tmp_path / "image.jpg") as made:
        assert set(made.getexif()) <= {ExifTags.IFD.Exif}


@pytest.mark.parametrize("mode", ["RGBA", "P", "L", "LA", "CMYK"])
def test_any_kind_of_picture_can_be_labelled(tmp_path: Path, mode: str) -> None:
    source = tmp_path / ("p.tif" if mode == "CMYK" else "p.png")
    Image.new("L", (64, 48), 90).convert(mode).save(source)
    label.label_picture(request(source), tmp_path, never)
    with Image.open(tmp_path / "image.jpg") as made:
        assert made.mode == "RGB" and made.size == (64, 48)


def test_a_picture_of_16_bits_keeps_its_greys(tmp_path: Path) -> None:
    Image.fromarray(np.full((48, 64), 100 * 257, np.uint16)).save(tmp_path / "p.png")
    label.label_picture(request(tmp_path / "p.png", style=None), tmp_path, never)
    with Image.open(tmp_path / "image.jpg") as made:
        assert abs(made.getpixel((32, 24))[0] - 100) <= 2


def test_a_colour_profile_is_applied_and_a_broken_one_ignored(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for name, profile in (("good", lab), ("bad", b"nonsense")):
        Image.new("RGB", (64, 64), (200, 120, 40)).save(tmp_path / "p.png", icc_profile=profile)
        label.label_picture(request(tmp_path / "p.png", style=None), tmp_path, never)
        with Image.open(tmp_path / "image.jpg") as made:
            assert np.abs(np.array(made.getpixel((32, 32))) - (200, 120, 40)).max() <= 3, name
            assert "icc_profile" not in made.info


@pytest.mark.parametrize("size", [(2, 2), (16, 400), (400, 16), (40, 40)])
def test_a_tiny_or_narrow_picture_is_survived(size: tuple[int, int]) -> None:
    overlay = label.draw(LabelStyle(), *size)
    assert overlay.x + overlay.rgba.shape[1] <= size[0] + 1 and overlay.y + overlay.rgba.shape[0] <= size[1] + 1


def test_a_full_disk_is_said_to_be_one(tmp_path: Path) -> None:
    source = picture(tmp_path / "p.png")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "image.jpg").symlink_to("/dev/full")
    with pytest.raises(StorageFull):
        label.label_picture(request(source), tmp_path / "full", never)


def test_a_canceled_job_leaves_no_picture(tmp_path: Path) -> None:
    def canceled() -> None:
        raise Canceled("stop")

    with pytest.raises(Canceled):
        label.label_picture(request(picture(tmp_path / "p.png")), tmp_path, canceled)
    assert not (tmp_path / "image.jpg").exists()


def test_the_standards_names_are_the_only_ones() -> None:
    assert set(json.loads(aigc_json({"Label": "1", "Evil": "x"}))) == set(FIELDS)
