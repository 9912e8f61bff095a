"""Uploaded pictures: what is taken, what is refused and why, and what comes out."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from picture_tools import nothing, texture
from PIL import Image, ImageCms

from app.core.errors import AppError, PayloadTooLarge, UnsupportedMedia, ValidationFailed, from_record
from app.services.media import photos
from app.services.media.faces_words import Reason


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def picture(width: int = 400, height: int = 300) -> Image.Image:
    """Detail everywhere, its left upper quarter red, so that up and left can be told."""
    values = texture(width, height)[..., ::-1].copy()
    values[: height // 2, : width // 2] = (220, 30, 30)
    return Image.fromarray(values)


def written(path: Path, image: Image.Image, kind: str, **options: Any) -> Path:
    image.save(path, kind, **options)
    return path


def cleaned(source: Path, folder: Path, **more: Any) -> tuple[dict[str, Any], Image.Image]:
    made = photos.clean({"source": str(source), **more}, folder, nothing)
    return made, Image.open(folder / made["photo"])


def red_corner(image: Image.Image) -> str:
    """Where the red quarter is."""
    values = np.asarray(image.convert("RGB"), np.int32)
    height, width = values.shape[:2]
    redness = values[..., 0] - values[..., 1]
    places = {
        "left upper": redness[: height // 2, : width // 2],
        "right upper": redness[: height // 2, width // 2 :],
        "left lower": redness[height // 2 :, : width // 2],
        "right lower": redness[height // 2 :, width // 2 :],
    }
    return max(places, key=lambda place: float(places[place].mean()))


def refused(source: Path, folder: Path, **more: Any) -> AppError:
    with pytest.raises(AppError) as caught:
        photos.clean({"source": str(source), **more}, folder, nothing)
    assert list(folder.iterdir()) == []
    return caught.value


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", photos.KINDS)
def test_every_kind_is_taken_by_its_content_whatever_its_name(kind: str, tmp_path: Path, folder: Path) -> None:
    made, image = cleaned(written(tmp_path / "photo.exe", picture(), kind.upper()), folder)
    assert (made["kind"], made["was"], image.size, image.mode) == (kind, [400, 300], (400, 300), "RGB")
    assert made["photo"] == ("photo.jpg" if kind in ("avif", "jpeg", "webp") else "photo.png")
    assert red_corner(image) == "left upper"


@pytest.mark.parametrize("width, height", [(50_000, 50_000), (9_000, 9_000)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(png_header(width, height))
    error = refused(tmp_path / "bomb.png", folder)
    assert isinstance(error, PayloadTooLarge)
    assert photos.reason_of(error) is Reason.TOO_LARGE


def test_a_file_of_too_many_bytes_is_refused_unread(tmp_path: Path, folder: Path) -> None:
    source = written(tmp_path / "photo.png", picture(), "PNG")
    assert photos.reason_of(refused(source, folder, max_bytes=1000)) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 500 500\n",
        b"%PDF-1.7\n",
        b"P6 500 500 255\n" + bytes(750_000),
        b"<html><img src=x></html>",
        b"MZ" + bytes(100),
    ],
)
def test_what_is_no_photo_is_not_supported_even_when_named_png(content: bytes, tmp_path: Path, folder: Path) -> None:
    (tmp_path / "photo.png").write_bytes(content)
    error = refused(tmp_path / "photo.png", folder)
    assert isinstance(error, UnsupportedMedia)
    assert photos.reason_of(error) is Reason.UNSUPPORTED


def test_a_kind_that_was_not_asked_for_is_not_supported(tmp_path: Path, folder: Path) -> None:
    source = written(tmp_path / "photo.jpg", picture(), "GIF")
    assert photos.reason_of(refused(source, folder, kinds=["jpeg", "png"])) is Reason.UNSUPPORTED


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "avif", "tiff", "bmp"])
@pytest.mark.parametrize("share", [0.02, 0.5])
def test_a_truncated_file_cannot_be_read(kind: str, share: float, tmp_path: Path, folder: Path) -> None:
    whole = written(tmp_path / "photo", picture(), kind.upper()).read_bytes()
    (tmp_path / "photo").write_bytes(whole[: int(len(whole) * share)])
    error = refused(tmp_path / "photo", folder)
    assert isinstance(error, ValidationFailed)
    assert photos.reason_of(error) is Reason.UNREADABLE


def test_an_empty_file_cannot_be_read(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "photo.png").write_bytes(b"")
    assert photos.reason_of(refused(tmp_path / "photo.png", folder)) is Reason.UNREADABLE


@pytest.mark.parametrize("size", [(255, 400), (400, 255), (10_000, 300)])
def test_a_side_under_256_pixels_is_too_small(size: tuple[int, int], tmp_path: Path, folder: Path) -> None:
    source = written(tmp_path / "photo.png", Image.new("RGB", size), "PNG")
    assert photos.reason_of(refused(source, folder)) is Reason.TOO_SMALL


def test_256_pixels_are_enough(tmp_path: Path, folder: Path) -> None:
    _, image = cleaned(written(tmp_path / "photo.png", picture(256, 256), "PNG"), folder)
    assert image.size == (256, 256)


def test_what_hides_behind_a_picture_is_gone(tmp_path: Path, folder: Path) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.txt", "hidden words")
    source = written(tmp_path / "photo.jpg", picture(), "JPEG", comment=b"<script>comment</script>")
    source.write_bytes(source.read_bytes() + b"<script>alert(1)</script>" + archive.getvalue())
    assert zipfile.is_zipfile(source)
    made, image = cleaned(source, folder)
    assert image.size == (400, 300)
    assert not zipfile.is_zipfile(folder / made["photo"])
    assert b"script" not in (folder / made["photo"]).read_bytes()


def test_a_gif_that_is_also_a_script_becomes_a_plain_picture_or_nothing(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "photo.gif").write_bytes(b"GIF89a/*" + bytes(100) + b"*/=1;alert(1)")
    assert photos.reason_of(refused(tmp_path / "photo.gif", folder)) in (Reason.TOO_SMALL, Reason.UNREADABLE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_made_upright(orientation: int, tmp_path: Path, folder: Path) -> None:
    """The file is stored as such a camera would hold it; what comes out shows the red quarter left above."""
    back = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}.get(orientation)
    stored = picture() if back is None else picture().transpose(photos._TURNS[back])
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "Camera of somebody"
    made, image = cleaned(written(tmp_path / "photo.jpg", stored, "JPEG", exif=exif), folder)
    assert (image.size, made["was"], red_corner(image)) == ((400, 300), [400, 300], "left upper")
    opencv = cv2.imread(str(tmp_path / "photo.jpg"))  # another's reading of the same standard
    assert np.abs(np.asarray(image, np.int32)[..., ::-1] - opencv).mean() < 3


def test_no_metadata_comes_out(tmp_path: Path, folder: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of somebody"
    exif.get_ifd(0x8825)[1] = "N"
    source = written(tmp_path / "photo.jpg", picture(), "JPEG", exif=exif, xmp=b"<x:xmpmeta>secret</x:xmpmeta>")
    made, image = cleaned(source, folder)
    assert not image.getexif()
    data = (folder / made["photo"]).read_bytes()
    assert all(word not in data for word in (b"Exif", b"somebody", b"secret", b"ICC_PROFILE"))


def test_damaged_exif_does_not_spoil_a_good_picture(tmp_path: Path, folder: Path) -> None:
    source = written(tmp_path / "photo.jpg", picture(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xff")
    assert cleaned(source, folder)[1].size == (400, 300)


@pytest.mark.parametrize("kind", ["gif", "webp", "png", "tiff"])
def test_of_a_moving_picture_the_first_frame_is_taken(kind: str, tmp_path: Path, folder: Path) -> None:
    frames = [Image.new("RGB", (300, 300), color) for color in ("red", "blue")]
    source = written(tmp_path / "photo", frames[0], kind.upper(), save_all=True, append_images=frames[1:])
    _, image = cleaned(source, folder)
    red, _, blue = image.convert("RGB").getpixel((150, 150))
    assert red > 200 and blue < 50
    assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_mode_of_colour_comes_out_as_rgb(mode: str, tmp_path: Path, folder: Path) -> None:
    """A picture dark on the left and bright on the right stays so."""
    ramp = np.tile(np.linspace(0, 255, 300).astype(np.uint8), (300, 1))
    plain = Image.fromarray(ramp)
    if mode == "I;16":
        image = Image.fromarray(ramp.astype(np.uint16) * 257)
    elif mode in ("I", "F"):
        image = Image.fromarray(ramp.astype(np.int32) * 257 if mode == "I" else ramp.astype(np.float32) / 255)
    else:
        image = plain.convert("RGB").convert(mode)
    _, out = cleaned(written(tmp_path / "photo.tif", image, "TIFF"), folder)
    grey = np.asarray(out.convert("L"), np.float32)
    assert out.mode == "RGB"
    assert grey[:, :60].mean() < 60 and grey[:, -60:].mean() > 190
    assert 100 < grey[:, 120:180].mean() < 155


def test_a_png_of_16_bits_and_a_jpeg_of_four_inks_keep_their_looks(tmp_path: Path, folder: Path) -> None:
    deep = (texture(300, 300).astype(np.uint16)) * 257
    cv2.imwrite(str(tmp_path / "deep.png"), deep)
    cv2.imwrite(str(tmp_path / "grey.png"), deep[..., 0])
    for name, wanted in (("deep.png", deep // 257), ("grey.png", np.repeat(deep[..., :1] // 257, 3, 2))):
        _, image = cleaned(tmp_path / name, folder)
        assert np.abs(np.asarray(image, np.int32)[..., ::-1] - wanted).mean() < 2
    inks = written(tmp_path / "inks.jpg", picture().convert("CMYK"), "JPEG", quality=95)
    _, image = cleaned(inks, folder)
    assert np.abs(np.asarray(image, np.int32) - np.asarray(picture(), np.int32)).mean() < 6


def test_what_is_transparent_becomes_white(tmp_path: Path, folder: Path) -> None:
    clear = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    for name, image in (("rgba", clear), ("palette", clear.quantize(4))):
        _, out = cleaned(written(tmp_path / f"{name}.png", image, "PNG"), folder)
        assert out.getpixel((5, 5)) == (255, 255, 255)
    source = written(tmp_path / "key.png", Image.new("RGB", (300, 300), (9, 9, 9)), "PNG", transparency=(9, 9, 9))
    assert cleaned(source, folder)[1].getpixel((5, 5)) == (255, 255, 255)


def test_a_large_picture_is_bounded_and_its_own_size_told(tmp_path: Path, folder: Path) -> None:
    made, image = cleaned(written(tmp_path / "photo.jpg", picture(3000, 2000), "JPEG"), folder, longest=900)
    assert (image.size, made["was"], red_corner(image)) == ((900, 600), [3000, 2000], "left upper")


def test_a_colour_profile_is_applied_and_dropped(tmp_path: Path, folder: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    made, image = cleaned(written(tmp_path / "photo.png", picture(), "PNG", icc_profile=lab), folder)
    assert np.abs(np.asarray(image, np.int32) - np.asarray(picture(), np.int32)).mean() < 2
    assert "icc_profile" not in image.info and made["kind"] == "png"
    broken = written(tmp_path / "broken.png", picture(), "PNG", icc_profile=b"not a profile")
    assert cleaned(broken, folder)[1].size == (400, 300)


def test_a_refusal_keeps_its_reason_through_a_pipe() -> None:
    for reason in (Reason.UNREADABLE, Reason.TOO_SMALL, Reason.TOO_LARGE, Reason.UNSUPPORTED):
        error = photos.refusal(reason)
        again = from_record(json.loads(json.dumps(error.as_record())))
        assert (type(again), photos.reason_of(again)) == (type(error), reason)
    assert photos.reason_of(ValidationFailed("something else")) is None
