"""Faces in photos: where they are, whether a photo makes a portrait, and what its owner is told.

The portrait is the astronaut that scikit-image's wheel ships (a photo of NASA, in the public domain).
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from picture_tools import nothing, texture

from app.core.errors import Canceled
from app.services.media import faces, faces_cascade, photos
from app.services.media.faces import Face, Reason, check_portrait, detect, judge
from app.services.media.faces_words import language, message

EYES, MOUTH = ((203, 101), (246, 103)), (222, 145)
"""Where they are in the astronaut's picture, read by eye."""


@cache
def astronaut() -> np.ndarray:
    """512x512, BGR."""
    path = faces_cascade.model_path().with_name("astronaut.png")
    return cv2.imread(str(path))


@cache
def portrait() -> np.ndarray:
    """Head and shoulders: 300x300."""
    return astronaut()[:300, 70:370].copy()


@cache
def found() -> tuple[Face, ...]:
    return detect(astronaut())


def centre(face: Face) -> tuple[float, float]:
    left, top, width, height = face.box
    return left + width / 2, top + height / 2


def saved(path: Path, picture: np.ndarray) -> Path:
    cv2.imwrite(str(path), picture)
    return path


def test_the_one_face_of_a_portrait_is_found_where_it_is() -> None:
    (face,) = found()
    assert math.dist(centre(face), (222, 117)) < 10
    assert 100 <= face.side <= 140
    assert face.score > 0.7


def test_eyes_and_mouth_are_found_within_an_eighth_of_the_distance_of_the_eyes() -> None:
    marks = found()[0].landmarks
    near = 0.125 * math.dist(*EYES)
    assert math.dist(marks.left_eye, EYES[0]) < near and math.dist(marks.right_eye, EYES[1]) < near
    assert math.dist(marks.mouth, MOUTH) < near
    assert 0.65 <= marks.mouth_width / marks.eye_distance < 1.11
    assert marks.eye_distance == pytest.approx(43, abs=4)
    assert marks.measured and abs(marks.roll_deg) < 6
    assert marks.left_eye[1] < marks.nose[1] < marks.mouth[1]


@pytest.mark.parametrize("tilt", [-30, 15])
def test_a_tilted_head_is_found_and_its_landmarks_turn_with_it(tilt: int) -> None:
    turn = cv2.getRotationMatrix2D((220, 120), tilt, 1)
    (face,) = detect(cv2.warpAffine(astronaut(), turn, (512, 512), borderMode=cv2.BORDER_REPLICATE))
    for mark, place in zip((face.landmarks.left_eye, face.landmarks.right_eye), EYES, strict=True):
        assert math.dist(mark, turn @ np.array([*place, 1])) < 6
    assert face.landmarks.roll_deg == pytest.approx(-tilt, abs=9)


@pytest.mark.parametrize(
    "change",
    [
        lambda picture: (255 * (picture / 255.0) ** 3).astype(np.uint8),
        lambda picture: (102 + picture / 5.0).astype(np.uint8),
        lambda picture: cv2.imdecode(cv2.imencode(".jpg", picture, [1, 20])[1], 1),
    ],
    ids=["dark", "flat", "packed"],
)
def test_a_face_is_found_in_a_bad_picture(change: object) -> None:
    (face,) = detect(np.ascontiguousarray(change(portrait())))  # type: ignore[operator]
    assert math.dist(centre(face), (150, 117)) < 35


@pytest.mark.parametrize("name", ["chelsea", "rocket"])
def test_cats_and_rockets_have_no_face(name: str) -> None:
    folder = faces_cascade.model_path().parent
    picture = cv2.imread(str(next(folder.glob(f"{name}.*"))))
    assert judge(detect(picture), picture.shape[1], picture.shape[0]).reason is Reason.NO_FACE


def test_two_people_side_by_side_are_a_crowd() -> None:
    both = np.hstack([portrait(), portrait()[:, ::-1]])
    checked = judge(detect(both), 600, 300)
    assert (checked.valid, checked.reason, checked.face_count) == (False, Reason.SEVERAL_FACES, 2)


def of(box: tuple[int, int, int, int]) -> Face:
    return Face(box, 0.9, found()[0].landmarks)


def test_a_far_smaller_face_behind_is_no_crowd_and_one_half_as_wide_is() -> None:
    near, far, beside = of((100, 100, 200, 200)), of((0, 0, 99, 99)), of((0, 0, 100, 100))
    assert judge((near, far), 500, 500) == faces.PortraitCheck(True, None, 1, near.box, (500, 500))
    assert judge((near, beside), 500, 500).reason is Reason.SEVERAL_FACES


def test_a_face_must_fill_a_twentieth_of_the_picture() -> None:
    assert judge((of((0, 0, 100, 100)),), 500, 400).valid
    assert judge((of((0, 0, 100, 99)),), 500, 400).reason is Reason.FACE_TOO_SMALL


def test_a_good_portrait_is_valid_and_its_box_is_in_the_photo_s_own_pixels(tmp_path: Path) -> None:
    large = cv2.resize(portrait(), (3000, 3000), interpolation=cv2.INTER_LINEAR)
    made = faces.check({"source": str(saved(tmp_path / "photo.jpg", large))}, tmp_path, nothing)
    assert (made["valid"], made["reason"], made["face_count"]) == (True, None, 1)
    assert made["image_size"] == [3000, 3000]
    left, top, width, height = made["face_bbox"]
    assert math.dist((left + width / 2, top + height / 2), (1520, 1170)) < 100 and 1000 <= width <= 1400
    assert json.loads(json.dumps(made)) == made


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_portrait_that_lies_in_its_file_is_checked_upright(orientation: int, tmp_path: Path) -> None:
    from PIL import Image

    back = {3: 3, 6: 8}[orientation]
    stored = Image.fromarray(portrait()[:270, :, ::-1]).transpose(photos._TURNS[back])
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "photo.jpg", exif=exif, quality=95)
    checked = check_portrait(tmp_path / "photo.jpg")
    assert (checked.valid, checked.image_size) == (True, (300, 270))
    assert checked.face_bbox is not None and abs(checked.face_bbox[0] + checked.face_bbox[2] / 2 - 152) < 10


def test_what_is_wrong_with_a_photo_is_told_by_its_code(tmp_path: Path) -> None:
    small = saved(tmp_path / "small.png", portrait()[:255])
    empty = saved(tmp_path / "empty.png", texture(300, 300))
    (tmp_path / "text.png").write_text("<svg/>")
    (tmp_path / "half.png").write_bytes(empty.read_bytes()[:2000])
    reasons = [check_portrait(tmp_path / f"{name}.png").reason for name in ("small", "empty", "text", "half")]
    assert reasons == [Reason.TOO_SMALL, Reason.NO_FACE, Reason.UNSUPPORTED, Reason.UNREADABLE]
    assert check_portrait(empty).image_size == (300, 300)
    assert check_portrait(small).face_bbox is None


def test_a_check_can_be_canceled(tmp_path: Path) -> None:
    def stop() -> None:
        raise Canceled("stop")

    with pytest.raises(Canceled):
        faces.check({"source": str(saved(tmp_path / "photo.png", portrait()))}, tmp_path, stop)


def test_the_message_for_no_face_is_the_one_that_clients_know() -> None:
    assert message(Reason.NO_FACE, "zh-TW,zh;q=0.9,en;q=0.8") == "未檢測到人臉,請使用清晰的正面人臉照片"
    assert message("no_face", "zh") == "未檢測到人臉,請使用清晰的正面人臉照片"


def test_every_reason_has_its_own_words_in_every_language() -> None:
    for header in ("en", "zh-CN", "zh-TW"):
        words = {message(reason, header) for reason in [None, *Reason]}
        assert len(words) == len(Reason) + 1 and all(words)


@pytest.mark.parametrize(
    "header, expected",
    [
        ("", "en"),
        ("*", "en"),
        ("fr, de;q=0.5", "en"),
        ("zh", "zh-Hant"),
        ("zh-CN", "zh-Hans"),
        ("zh-cn;q=0.3, zh-HK;q=0.9", "zh-Hant"),
        ("ZH-Hans-TW", "zh-Hans"),
        ("zh-Hant-CN", "zh-Hant"),
        ("zh_CN", "zh-Hans"),
        ("en;q=0.5, zh-CN;q=0.500", "en"),
        ("en;q=0.5,zh-SG ; q=0.6", "zh-Hans"),
        ("fr, zh-CN;q=0.2", "zh-Hans"),
        ("zh-CN;q=0, en;q=0.1", "en"),
        ("en;q=0, *", "zh-Hans"),
        ("zh-TW;q=7, en-GB;q=0.1", "en"),
        ("zh-TW;q=nan", "en"),
        ("zh-CN;q=0.2, *;q=0.9", "en"),
        (";;;,,,q=;zh", "en"),
    ],
)
def test_the_language_follows_the_weights_of_the_header(header: str, expected: str) -> None:
    assert language(header) == expected


def test_wording_and_checking_load_nothing_heavy_before_they_must() -> None:
    code = (
        "import sys, app.services.media.faces_words as words; words.message('no_face', 'zh')\n"
        "assert not {'cv2', 'numpy', 'PIL', 'skimage'} & set(sys.modules)\n"
        "from app.services.media import faces_cascade\n"
        "faces_cascade.stages(); assert not {'skimage', 'scipy'} & set(sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
