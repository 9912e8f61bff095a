from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.core.errors import EngineFailed
from app.models.engine import DrawnClip, LayerSet
from app.models.story import CAMERAS
from app.services.media import sheets
from app.services.media.layers import Stages, read_stage
from app.services.media.motion import Motion
from app.services.media.planes import Planes, blank
from app.services.media.tiles import Rect, covered

Files = Callable[..., tuple[Path, Path]]


def frame_of(motion: Motion, number: int, size: tuple[int, int] = (160, 90), dirt: int = 0) -> Planes:
    frame = blank(*size)
    for plane in frame:
        plane.fill(dirt)
    motion.draw(number, frame)
    return frame


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_frame_with_layers_is_drawn_everywhere(stage_files: Files, camera: str) -> None:
    """Nothing of what the memory held before shines through, whatever is left out as hidden or empty."""
    stage = read_stage(*stage_files(), True)
    motion = Motion(stage, DrawnClip(camera=camera, seed=1), 48, 160, 90, 24)
    for number in (0, 11, 24, 47):
        clean, dirty = frame_of(motion, number, dirt=16), frame_of(motion, number, dirt=250)
        assert all(np.array_equal(one, other) for one, other in zip(clean, dirty, strict=True))


@pytest.mark.parametrize("camera", ["truck", "push_in", "full_orbit"])
def test_leaving_out_empty_parts_changes_no_pixel(stage_files: Files, camera: str) -> None:
    stage = read_stage(*stage_files(), True)
    whole = tuple(replace(sheet, parts=(Rect(0, 0, stage.width, stage.height),)) for sheet in stage.sheets)
    clip = DrawnClip(camera=camera, seed=0)
    for number in (0, 20, 47):
        parts = frame_of(Motion(stage, clip, 48, 160, 90, 24), number)
        full = frame_of(Motion(replace(stage, sheets=whole), clip, 48, 160, 90, 24), number)
        for one, other in zip(parts, full, strict=True):
            assert np.abs(one.astype(int) - other).max() <= 1


def test_layers_at_rest_look_like_the_flat_key_frame(stage_files: Files) -> None:
    key_frame, known = stage_files()
    clip = DrawnClip(camera="static", seed=0, strength=0.0)
    deep = frame_of(Motion(read_stage(key_frame, known, True), clip, 2, 160, 90, 24), 0)
    flat = frame_of(Motion(read_stage(key_frame, known, False), clip, 2, 160, 90, 24), 0)
    assert np.abs(deep.y.astype(int) - flat.y).mean() < 1.5
    assert np.abs(deep.u.astype(int) - flat.u).mean() < 1.5


def test_no_light_fringe_around_a_dark_layer_painted_on_white_nothing(tmp_path: Path, stage_files: Files) -> None:
    """The pixels under alpha 0 are white; a dark disc over a dark sky must never get brighter than the sky."""
    key_frame, known = stage_files()
    for name in ("sky", "hill", "subject", "floor"):
        picture = np.full((112, 200, 4), (255, 255, 255, 0), np.uint8)
        if name == "sky":
            picture[:] = (60, 60, 60, 255)
        if name == "subject":
            alpha = np.zeros((112, 200), np.uint8)
            cv2.circle(alpha, (100, 56), 30, 255, -1, cv2.LINE_AA)
            picture[alpha > 0, :3] = 10
            picture[..., 3] = alpha
        cv2.imwrite(str(tmp_path / f"{name}.png"), picture)
    motion = Motion(read_stage(key_frame, known, True), DrawnClip(camera="orbit", seed=0), 48, 160, 90, 24)
    sky = int(frame_of(motion, 0).y[0, 0])
    for number in (0, 13, 29, 47):
        frame = frame_of(motion, number)
        assert frame.y.max() <= sky + 1
        assert np.abs(frame.u.astype(int) - 128).max() <= 1


def test_layers_of_nearly_one_depth_become_one(stage_files: Files) -> None:
    key_frame, known = stage_files()
    text = known.read_text().replace('"depth":0.4', '"depth":0.74')
    known.write_text(text)
    stage = read_stage(key_frame, known, True)
    assert len(stage.sheets) == 3
    assert stage.subject_depth == pytest.approx(0.745)


def test_the_subject_is_the_nearest_layer_at_the_focus(stage_files: Files) -> None:
    assert read_stage(*stage_files(), True).subject_depth == 0.75


def test_without_parallax_the_flat_picture_moves_but_effects_stay(stage_files: Files) -> None:
    stage = read_stage(*stage_files(), False)
    assert stage.picture is not None
    assert stage.sheets == ()


@pytest.mark.parametrize("damage", ["no json", "no layer", "wrong size", "no picture"])
def test_a_damaged_stage_names_its_file(stage_files: Files, tmp_path: Path, damage: str) -> None:
    key_frame, known = stage_files()
    named = {"no json": "layers.json", "no layer": "hill.png", "wrong size": "hill.png", "no picture": "deep.png"}
    if damage == "no json":
        known.write_text("{")
    elif damage == "no layer":
        (tmp_path / "hill.png").write_bytes(b"not a picture")
    elif damage == "wrong size":
        cv2.imwrite(str(tmp_path / "hill.png"), np.zeros((10, 10, 4), np.uint8))
    else:
        key_frame.write_bytes(b"")
    with pytest.raises(EngineFailed, match=named[damage]):
        read_stage(key_frame, None if damage == "no picture" else known, True)


def test_threads_that_want_one_stage_read_each_of_its_files_once(
    stage_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_frame, known = stage_files()
    read, gate = [], threading.Barrier(4)
    real = sheets.read_picture

    def noted(path: Path, mode: int) -> np.ndarray:
        read.append(path.name)
        return real(path, mode)

    monkeypatch.setattr(sheets, "read_picture", noted)
    stages, found = Stages(limit=2), []

    def ask() -> None:
        gate.wait()
        found.append(stages.get(key_frame, known, True))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == ["floor.png", "hill.png", "sky.png", "subject.png"]
    assert all(stage is found[0] for stage in found)


def test_only_the_last_few_stages_are_kept_and_a_changed_file_is_read_again(tmp_path: Path, stage_files: Files) -> None:
    key_frame, _ = stage_files()
    stages = Stages(limit=2)
    first = stages.get(key_frame, None, False)
    assert stages.get(key_frame, None, False) is first
    for number in range(2):
        copy = tmp_path / f"copy{number}.png"
        copy.write_bytes(key_frame.read_bytes())
        stages.get(copy, None, False)
    assert stages.get(key_frame, None, False) is not first
    cv2.imwrite(str(key_frame), np.zeros((60, 80, 3), np.uint8))
    assert stages.get(key_frame, None, False).width == 80


def test_rectangles_cover_all_that_is_seen_and_never_overlap() -> None:
    alpha = np.zeros((200, 300), np.uint8)
    alpha[:, :20] = 255
    alpha[180:] = 255
    cv2.circle(alpha, (200, 60), 25, 255, -1)
    times = np.zeros_like(alpha, np.int64)
    for part in covered(alpha):
        times[part.top : part.bottom, part.left : part.right] += 1
    assert times.max() == 1
    assert np.all(times[alpha > 0] == 1)
    assert times.mean() < 0.5
    assert covered(np.zeros((50, 50), np.uint8)) == []


def test_threads_that_want_a_damaged_stage_all_learn_of_it_and_a_mended_one_is_read(stage_files: Files) -> None:
    key_frame, known = stage_files()
    hill = known.parent / "hill.png"
    whole = hill.read_bytes()
    hill.write_bytes(b"not a picture")
    stages, gate, told = Stages(limit=2), threading.Barrier(3), []

    def ask() -> None:
        gate.wait()
        with pytest.raises(EngineFailed, match=r"hill\.png"):
            stages.get(key_frame, known, True)
        told.append(True)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 3
    hill.write_bytes(whole)
    assert len(stages.get(key_frame, known, True).sheets) == 4


def test_a_layer_may_be_cut_to_what_it_shows(stage_files: Files) -> None:
    key_frame, known = stage_files()
    clip = DrawnClip(camera="truck", seed=1)
    whole = frame_of(Motion(read_stage(key_frame, known, True), clip, 48, 160, 90, 24), 7)
    subject = cv2.imread(str(known.parent / "subject.png"), cv2.IMREAD_UNCHANGED)
    cv2.imwrite(str(known.parent / "subject.png"), subject[40:80, 80:120])
    given = LayerSet.model_validate_json(known.read_bytes())
    moved = [
        layer.model_copy(update={"left": 80, "top": 40}) if layer.name == "subject" else layer for layer in given.layers
    ]
    known.write_text(given.model_copy(update={"layers": tuple(moved)}).model_dump_json())
    cut = frame_of(Motion(read_stage(key_frame, known, True), clip, 48, 160, 90, 24), 7)
    for one, other in zip(whole, cut, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1
