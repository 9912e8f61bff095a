"""RIFE's loop and FlashVSR's command, each over a stand-in checkout with the real interface."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from fakes.enhance import (
    flashvsr_calls,
    flashvsr_checkout,
    psnr,
    rife_checkout,
    scene,
    seen,
    sound_of,
    write_clip,
)

from app.core.errors import AppError, Canceled, EngineFailed, EngineFault, EngineUnavailable
from app.sidecars.model import Run

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "video_enhance"))

from video_api import changes, flashvsr, rife  # noqa: E402
from video_api.model import VideoEnhance  # noqa: E402
from video_api.settings import EnhanceSettings  # noqa: E402


@pytest.fixture
def run() -> Run:
    return Run("run")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def model(tmp_path: Path, **more: Any) -> VideoEnhance:
    folders = {"rife_dir": tmp_path / "RIFE", "flashvsr_dir": tmp_path / "FlashVSR"}
    made = VideoEnhance(EnhanceSettings(**folders, **more))
    made.setup()
    return made


def a_clip(path: Path, count: int = 6, **more: Any) -> Path:
    at = scene(0)
    return write_clip(path, [at(number) for number in range(count)], **more)


# -- what is missing ---------------------------------------------------------------------------------------


def test_without_weights_nothing_is_ready_and_both_are_told_how_to_come(tmp_path: Path, run: Run, work: Path) -> None:
    made = model(tmp_path)
    ready, missing = made.models()
    assert ready == []
    assert "./deploy.sh fetch rife" in missing["rife"]
    assert "flownet.pkl" in missing["rife"] or "RIFE_HDv3" in missing["rife"]
    assert "./deploy.sh fetch flashvsr" in missing["flashvsr"]
    clip = a_clip(tmp_path / "in.mp4", 2)
    for task, name in (("interpolate", "rife"), ("superres", "flashvsr"), ("process", "flashvsr")):
        with pytest.raises(EngineUnavailable, match=f"deploy.sh fetch {name}"):
            made.run({"task": task}, {"clip": clip}, work, run)


def test_each_weight_of_flashvsr_is_looked_for(tmp_path: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR", "11")
    assert "flashvsr" in model(tmp_path, flashvsr_version="11").models()[0]
    assert "FlashVSR/diffusion" in model(tmp_path).models()[1]["flashvsr"]
    for path in sorted(root.rglob("*.*")):
        if path.suffix in (".pth", ".ckpt", ".safetensors", ".py"):
            kept = path.read_bytes()
            path.unlink()
            assert path.name in model(tmp_path, flashvsr_version="11").models()[1]["flashvsr"]
            path.write_bytes(kept)
    assert "no program" in model(tmp_path, flashvsr_version="11", flashvsr_python="/nowhere").models()[1]["flashvsr"]


@pytest.mark.parametrize("prefix", ["module.", ""])
def test_weights_arrive_with_and_without_their_prefix(tmp_path: Path, run: Run, work: Path, prefix: str) -> None:
    """The checkout's own loading would leave random weights in the second case."""
    rife_checkout(tmp_path / "RIFE", prefix=prefix)
    made = model(tmp_path)
    assert made.models()[0] == ["rife"]
    assert made.facts()["rife_version"] == 4.25
    clip = a_clip(tmp_path / "in.mp4", 3)
    made.run({"task": "interpolate"}, {"clip": clip}, work, run)
    given, pictures = seen(clip)[1], seen(work / "clip.mp4")[1]
    assert psnr(pictures[1], cv2.addWeighted(given[0], 0.5, given[1], 0.5, 0)) > 36


def test_weights_that_do_not_fit_are_refused_and_named(tmp_path: Path) -> None:
    import torch

    root = rife_checkout(tmp_path / "RIFE")
    file = root / "train_log" / "flownet.pkl"
    for state in ({"module.block.weight": torch.zeros(3, 3, 1, 1)}, {"other": torch.zeros(1)}, [1, 2]):
        torch.save(state, file)
        reason = model(tmp_path).models()[1]["rife"]
        assert "do not fit" in reason
        assert "block." in reason
    torch.save({"module.block.weight": torch.zeros(3, 3, 3, 3), "module.block.bias": torch.zeros(3)}, file)
    assert "1 of 2" in model(tmp_path).models()[1]["rife"]
    file.write_bytes(b"a page of HTML")
    assert "cannot be read" in model(tmp_path).models()[1]["rife"]


def test_a_network_too_old_and_a_broken_checkout_are_named(tmp_path: Path) -> None:
    rife_checkout(tmp_path / "RIFE", version=3.8)
    assert "3.8; 3.9" in model(tmp_path).models()[1]["rife"]
    (tmp_path / "RIFE" / "train_log" / "IFNet_HDv3.py").write_text("import nothing_of_this_name\n")
    assert "nothing_of_this_name" in model(tmp_path).models()[1]["rife"]


# -- RIFE --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("multi", [2, 4])
def test_rife_keeps_times_sound_and_length(tmp_path: Path, run: Run, work: Path, multi: int) -> None:
    rife_checkout(tmp_path / "RIFE")
    clip = a_clip(tmp_path / "in.mp4")
    facts = model(tmp_path).run({"task": "interpolate", "multi": multi}, {"clip": clip}, work, run)
    times, pictures = seen(work / "clip.mp4")
    given = seen(clip)[1]
    assert times == [Fraction(number, 12 * multi) for number in range(6 * multi)]
    assert (facts["frames"], facts["fps"], facts["sound"], facts["cuts"]) == (6 * multi, 12.0 * multi, True, 0)
    assert facts["duration_s"] == pytest.approx(0.5)
    assert sound_of(work / "clip.mp4") == sound_of(clip)
    for number, picture in enumerate(pictures[: 5 * multi]):
        share = number % multi / multi
        first, second = given[number // multi], given[number // multi + 1]
        assert psnr(picture, cv2.addWeighted(first, 1 - share, second, share, 0)) > 35
    assert all(psnr(one, given[-1]) > 36 for one in pictures[5 * multi :])


def test_rife_never_mixes_two_scenes_and_bridges_a_repeated_picture(tmp_path: Path, run: Run, work: Path) -> None:
    rife_checkout(tmp_path / "RIFE")
    first, second = scene(0), scene(1)
    given = [first(0), first(1), second(0), second(1), second(1), second(2)]
    clip = write_clip(tmp_path / "in.mp4", given, crf=0)
    facts = model(tmp_path).run({"task": "interpolate"}, {"clip": clip}, work, run)
    assert (facts["cuts"], facts["bridged"], facts["repeated"]) == (1, 1, 0)
    pictures = seen(work / "clip.mp4")[1]
    assert psnr(pictures[3], first(1)) > 34
    assert psnr(pictures[8], cv2.addWeighted(second(1), 0.5, second(2), 0.5, 0)) > 34


def test_rife_works_with_any_size_scale_and_rate(tmp_path: Path, run: Run, work: Path) -> None:
    rife_checkout(tmp_path / "RIFE")
    at = scene(2, 65, 49)
    times = [Fraction(value, 1000) for value in (0, 40, 120, 200)]
    clip = write_clip(tmp_path / "in.mkv", [at(n) for n in range(4)], times=times, kind="yuv444p", sound="")
    facts = model(tmp_path, rife_scale=0.5).run({"task": "interpolate"}, {"clip": clip}, work, run)
    found, pictures = seen(work / "clip.mp4")
    assert pictures[0].shape == (49, 65, 3)
    wanted = [time for one, two in pairwise(times) for time in (one, (one + two) / 2)]
    assert [float(time) for time in found[:6]] == pytest.approx([float(time) for time in wanted], abs=0.001)
    assert (facts["frames"], facts["sound"]) == (8, False)


def test_cuts_are_told_from_motion() -> None:
    pictures = [changes.grey(scene(seed, 320, 180)(0)) for seed in range(3)]
    for number, other in ((0, 1), (1, 2), (0, 2)):
        assert changes.cut(pictures[number], pictures[other])
    wide = changes.grey(scene(0, 700, 180)(0))
    for far in (0, 5, 35):
        assert not changes.cut(wide[:, :320], wide[:, far : far + 320])
    assert changes.same(wide, wide)
    moved = wide.copy()
    moved[40:60, 300:320] += 40
    assert not changes.same(wide, moved), "a small thing in a large picture"


# -- FlashVSR ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scale", [2, 4])
def test_flashvsr_gives_the_exact_size_number_times_and_sound(tmp_path: Path, run: Run, work: Path, scale: int) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    clip = a_clip(tmp_path / "in.mp4")
    facts = model(tmp_path).run({"task": "superres", "scale": scale}, {"clip": clip}, work, run)
    times, pictures = seen(work / "clip.mp4")
    assert times == seen(clip)[0]
    assert pictures[0].shape == (108 * scale, 192 * scale, 3)
    assert (facts["frames"], facts["chunks"], facts["scale"], facts["sound"]) == (6, 1, scale, True)
    assert sound_of(work / "clip.mp4") == sound_of(clip)
    for small, large in zip(seen(clip)[1], pictures, strict=True):
        assert psnr(cv2.resize(large, (192, 108), interpolation=cv2.INTER_AREA), small) > 32
    (call,) = flashvsr_calls(root)
    assert (call["frames"], call["scale"], call["mode"], call["version"]) == (21, scale, "tiny", "10")
    assert (call["color_fix"], call["dtype"], call["attention"], call["tiled_dit"]) == (True, "bf16", "sage", False)
    assert [path.name for path in work.iterdir()] == ["clip.mp4"]


def test_a_long_clip_goes_in_chunks_that_overlap(tmp_path: Path, run: Run, work: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    at = scene(0, 64, 48)
    clip = write_clip(tmp_path / "in.mp4", [at(number) for number in range(60)], sound="")
    made = model(tmp_path)
    assert flashvsr.chunk_frames(128, 96, 1) == 21
    assert flashvsr.chunk_frames(1920, 1080, 8_000_000_000) == 157
    # 29 pictures of 128x96 at 24 bytes a pixel.
    object.__setattr__(made._settings, "flashvsr_memory_bytes", 29 * 128 * 96 * 24)
    facts = made.run({"task": "superres", "scale": 2}, {"clip": clip}, work, run)
    assert (facts["frames"], facts["chunks"]) == (60, 3)
    assert [call["frames"] for call in flashvsr_calls(root)] == [29, 29, 21]
    for small, large in zip(seen(clip)[1], seen(work / "clip.mp4")[1], strict=True):
        assert psnr(cv2.resize(large, (64, 48), interpolation=cv2.INTER_AREA), small) > 30


def test_tiles_go_with_the_mode_in_which_they_work(tmp_path: Path, run: Run, work: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    clip = a_clip(tmp_path / "in.mp4", 2)
    model(tmp_path, flashvsr_tiled=True).run({"task": "superres", "scale": 2}, {"clip": clip}, work, run)
    (call,) = flashvsr_calls(root)
    assert (call["mode"], call["tiled_dit"], call["tiled_vae"]) == ("tiny-long", True, True)


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("torch.OutOfMemoryError: CUDA out of memory. Tried", EngineFault, "FLASHVSR_TILED"),
        ("RuntimeError: No devices found to run FlashVSR!", EngineFailed, "No devices found"),
    ],
)
def test_what_its_command_dies_of_is_told(
    tmp_path: Path, run: Run, work: Path, said: str, kind: type[AppError], words: str
) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    (root / "say").write_text(said)
    with pytest.raises(kind, match=words) as caught:
        model(tmp_path).run({"task": "superres"}, {"clip": a_clip(tmp_path / "in.mp4", 2)}, work, run)
    assert type(caught.value) is kind
    assert not (work / ".flashvsr").exists()


def test_a_result_with_too_few_pictures_is_a_fault(tmp_path: Path, run: Run, work: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    (root / "short").touch()
    with pytest.raises(EngineFault, match=r"3 pictures of .* instead of 6"):
        model(tmp_path).run({"task": "superres"}, {"clip": a_clip(tmp_path / "in.mp4")}, work, run)


def test_a_cancel_ends_the_command(tmp_path: Path, run: Run, work: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    (root / "slow").touch()
    made, clip, ends = model(tmp_path), a_clip(tmp_path / "in.mp4", 2), []

    def go() -> None:
        try:
            made.run({"task": "superres"}, {"clip": clip}, work, run)
        except Canceled:
            ends.append("canceled")

    thread = threading.Thread(target=go)
    thread.start()
    _until(lambda: bool(flashvsr_calls(root)))
    run.stop("enough")
    thread.join(10)
    assert ends == ["canceled"]
    (call,) = flashvsr_calls(root)
    with pytest.raises(ProcessLookupError):
        os.kill(call["pid"], 0)


def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("it never came")


# -- both --------------------------------------------------------------------------------------------------


def test_process_does_both_and_tells_how_far_it_is(tmp_path: Path, work: Path) -> None:
    rife_checkout(tmp_path / "RIFE")
    flashvsr_checkout(tmp_path / "FlashVSR")
    told: list[tuple[float, str]] = []
    run = Run("run", lambda fraction, message: told.append((fraction, message)))
    clip = a_clip(tmp_path / "in.mp4")
    asked = {"task": "process", "scale": 2, "multi": 2}
    facts = model(tmp_path).run(asked, {"clip": clip}, work, run)
    times, pictures = seen(work / "clip.mp4")
    assert (facts["width"], facts["height"], facts["frames"], facts["fps"]) == (384, 216, 12, 24.0)
    assert (facts["scale"], facts["multi"], facts["sound"]) == (2, 2, True)
    assert pictures[0].shape == (216, 384, 3)
    assert len(times) == 12
    assert sound_of(work / "clip.mp4") == sound_of(clip)
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1
    assert {message.split(":")[0] for _, message in told} == {"FlashVSR enlarges", "RIFE draws between"}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"task": "paint"}, "paint"),
        ({"task": "interpolate", "multi": 3}, "multi must be 2 or 4"),
        ({"task": "interpolate", "multi": True}, "multi must be 2 or 4"),
        ({"task": "superres", "scale": "two"}, "scale must be 2 or 4"),
    ],
)
def test_what_cannot_be_asked_is_named(tmp_path: Path, run: Run, work: Path, asked: dict[str, Any], words: str) -> None:
    rife_checkout(tmp_path / "RIFE")
    flashvsr_checkout(tmp_path / "FlashVSR")
    made, clip = model(tmp_path), a_clip(tmp_path / "in.mp4", 2)
    with pytest.raises(EngineFailed, match=words):
        made.run(asked, {"clip": clip}, work, run)
    with pytest.raises(EngineFailed, match="clip is missing"):
        made.run({"task": "superres"}, {}, work, run)
    (tmp_path / "text.mp4").write_text("no clip")
    for task in ("superres", "interpolate"):
        with pytest.raises(EngineFailed, match="cannot be decoded"):
            made.run({"task": task}, {"clip": tmp_path / "text.mp4"}, work, run)


def test_too_long_a_side_is_refused_before_the_work(tmp_path: Path, run: Run, work: Path) -> None:
    root = flashvsr_checkout(tmp_path / "FlashVSR")
    with pytest.raises(EngineFailed, match=r"768x432.*500"):
        clip = a_clip(tmp_path / "in.mp4", 2)
        model(tmp_path, max_side=500).run({"task": "superres", "scale": 4}, {"clip": clip}, work, run)
    assert flashvsr_calls(root) == []


def test_padding_is_what_the_network_wants(tmp_path: Path) -> None:
    rife_checkout(tmp_path / "RIFE")
    network = rife.Rife(tmp_path / "RIFE", fp16=True)
    picture = np.zeros((720, 1280, 3), np.uint8)
    assert tuple(network.tensor(picture, 1.0).shape) == (1, 3, 768, 1280)
    assert tuple(network.tensor(picture, 0.5).shape) == (1, 3, 768, 1280)
    assert tuple(network.tensor(picture, 0.25).shape) == (1, 3, 1024, 1536)
