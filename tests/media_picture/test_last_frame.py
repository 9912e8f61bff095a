from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from app.models.engine import DrawnClip
from app.models.timeline import Source
from app.services.media import last_frame
from app.services.media.planes import blank, from_bgr, to_bgr


def test_planes_become_the_colours_that_they_came_from() -> None:
    y, x = np.mgrid[0:64, 0:96]
    picture = np.stack([x * 2, y * 3, (x + y)], -1).astype(np.uint8)
    back = to_bgr(from_bgr(picture))
    assert back.shape == picture.shape
    assert np.abs(back.astype(int) - picture)[2:-2, 2:-2].mean() < 1.5


def test_black_and_white_come_back_as_they_were() -> None:
    for value in (0, 255):
        picture = np.full((16, 16, 3), value, np.uint8)
        assert np.abs(to_bgr(from_bgr(picture)).astype(int) - value).max() <= 1
    assert to_bgr(blank(8, 8)).max() == 0


def test_the_last_frame_of_a_still_shot_is_its_picture(tmp_path: Path) -> None:
    picture = np.full((180, 320, 3), (30, 90, 200), np.uint8)
    cv2.circle(picture, (160, 90), 50, (240, 240, 60), -1)
    cv2.imwrite(str(tmp_path / "key.png"), picture)
    source = Source(key_frame=tmp_path / "key.png", drawn=DrawnClip(camera="static", seed=1), frames=12)
    request = {"source": source.model_dump(mode="json"), "width": 256, "height": 144, "fps": 12}
    made = last_frame.task(request, tmp_path, lambda: None)
    found = cv2.imread(str(tmp_path / made["image"]))
    assert found is not None and found.shape == (144, 256, 3)
    assert np.abs(found[4, 4].astype(int) - (30, 90, 200)).max() <= 3
    assert np.abs(found[72, 128].astype(int) - (240, 240, 60)).max() <= 3
