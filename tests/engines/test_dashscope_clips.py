"""Clips by DashScope: every field of both protocols, the narration for lips, resuming, and its own failures."""

from __future__ import annotations

import asyncio
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases_dashscope import a_shot, settings
from contract import Bench, a_picture, within
from fakes.base import Fault
from fakes.dashscope import KEY, DashScope, tone, wav
from PIL import Image

from app.core.errors import AppError, EngineFailed, EngineFault
from app.models.engine import AnimateRequest, AnimateResult
from app.models.story import frame_size
from app.services.engines.dashscope_sizes import clip_model, clip_resolution, clip_seconds
from app.services.engines.video_dashscope import DashScopeVideo

SUBMIT = "POST /api/v1/services/aigc/video-generation/video-synthesis"
Made = Callable[..., DashScopeVideo]


@pytest.fixture
def fake() -> Iterator[DashScope]:
    with DashScope() as server:
        yield server


@pytest.fixture
def engine(fake: DashScope, monkeypatch: pytest.MonkeyPatch) -> Made:
    def make(**more: str) -> DashScopeVideo:
        for name, value in settings(fake.url, "video").items():
            monkeypatch.setenv(name, value)
        for name, value in more.items():
            monkeypatch.setenv(f"ENGINE_VIDEO_DASHSCOPE_{name.upper()}", value)
        return DashScopeVideo()

    return make


async def animated(engine: DashScopeVideo, bench: Bench, request: AnimateRequest) -> AnimateResult:
    return await within(20, engine.animate(request, bench))


async def refusal(engine: DashScopeVideo, bench: Bench, request: AnimateRequest) -> AppError:
    with pytest.raises(AppError) as caught:
        await animated(engine, bench, request)
    return caught.value


def narration(folder: Path, seconds: float) -> Path:
    path = folder / "narration.wav"
    path.write_bytes(wav(tone(seconds)))
    return path


async def test_wan_25_is_asked_with_every_field(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    result = await animated(engine(negative_prompt="模糊"), bench, a_shot(tmp_path))
    (policy,) = fake.calls("GET /api/v1/uploads")
    assert policy.query == {"action": "getPolicy", "model": "wan2.5-i2v-preview"}
    assert policy.headers["authorization"] == f"Bearer {KEY}"
    assert all("authorization" not in one.headers for one in fake.calls("POST /store"))
    (key,) = fake.uploads
    (sent,) = fake.calls(SUBMIT)
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["x-dashscope-async"] == "enable"
    assert sent.headers["x-dashscope-ossresourceresolve"] == "enable"
    assert sent.json == {
        "model": "wan2.5-i2v-preview",
        "input": {
            "prompt": "灯塔看守人先点亮灯，然后望着大海。镜头缓缓向前推进。氛围：温柔",
            "negative_prompt": "模糊",
            "img_url": f"oss://{key}",
        },
        "parameters": {"resolution": "480P", "duration": 5, "seed": 7, "prompt_extend": False, "watermark": False},
    }
    looks = fake.calls("GET /api/v1/tasks/.*")
    assert len(looks) == 3 and all("x-dashscope-async" not in look.headers for look in looks)
    assert bench.waits == [True, False, False]
    assert result.clip is not None and result.clip.is_file()
    assert result.facts["frames"] == 24 and result.facts["seed"] == 7
    assert result.facts["task"] in fake.tasks
    assert all("authorization" not in one.headers for one in fake.calls("GET /results/.*"))


async def test_the_key_frame_is_brought_within_what_the_model_takes(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    for size in ((320, 180), (2400, 1350), (900, 100)):
        fake.uploads.clear()
        await bench.forget()
        await animated(engine(), bench, a_shot(tmp_path, key_frame=a_picture(tmp_path / "big.png", *size)))
        (tmp_path / "sent.jpg").write_bytes(next(iter(fake.uploads.values())))
        with Image.open(tmp_path / "sent.jpg") as sent:
            assert sent.format == "JPEG"
            assert min(sent.size) >= 360 and max(sent.size) <= 2000
            if size != (900, 100):
                assert sent.width / sent.height == pytest.approx(16 / 9, rel=0.01)


async def test_wan_27_is_given_a_list_of_media_with_the_narration(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="wan2.7-i2v", audio="true")
    assert made.can().audio
    request = a_shot(tmp_path, audio=narration(tmp_path, 6.5), frames=156, width=1280, height=720)
    await animated(made, bench, request)
    picture, sound = fake.uploads
    (sent,) = fake.calls(SUBMIT)
    assert sent.json["input"]["media"] == [
        {"type": "first_frame", "url": f"oss://{picture}"},
        {"type": "driving_audio", "url": f"oss://{sound}"},
    ]
    assert "img_url" not in sent.json["input"]
    assert sent.json["parameters"]["duration"] == 7 and sent.json["parameters"]["resolution"] == "720P"
    assert fake.uploads[sound] == (tmp_path / "narration.wav").read_bytes()


async def test_wan_26_is_given_the_narration_as_an_address(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    request = a_shot(tmp_path, audio=narration(tmp_path, 4))
    await animated(engine(model="wan2.6-i2v", audio="true"), bench, request)
    (sent,) = fake.calls(SUBMIT)
    assert sent.json["input"]["audio_url"].startswith("oss://")
    assert sent.json["parameters"]["shot_type"] == "single"
    assert sent.json["parameters"]["resolution"] == "720P"


async def test_a_narration_that_the_model_would_refuse_is_left_out_and_told(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    result = await animated(engine(audio="true"), bench, a_shot(tmp_path, audio=narration(tmp_path, 1.5)))
    assert "1.5 s" in result.facts["audio_left_out"]
    assert "audio_url" not in fake.orders[0].body["input"]
    assert not engine(model="wan2.2-i2v-flash").can().audio
    assert not engine(audio="false").can().audio


def test_clips_are_as_long_and_large_as_the_model_offers() -> None:
    chosen = {
        name: (clip_seconds(clip_model(name), seconds), clip_resolution(clip_model(name), *size))
        for name, seconds, size in (
            ("wan2.5-i2v-preview", 5.0, (1920, 1080)),
            ("wan2.5-i2v-preview", 5.1, (480, 480)),
            ("wan2.6-i2v", 12.0, (854, 480)),
            ("wan2.2-i2v-plus", 9.0, (1280, 720)),
            ("wanx2.1-i2v-turbo", 3.5, (480, 854)),
            ("wan2.7-i2v", 30.0, (1080, 1920)),
            ("wan3.0-video", 6.0, (1080, 1080)),
        )
    }
    assert chosen == {
        "wan2.5-i2v-preview": (10, "480P"),
        "wan2.6-i2v": (15, "720P"),
        "wan2.2-i2v-plus": (5, "1080P"),
        "wanx2.1-i2v-turbo": (4, "480P"),
        "wan2.7-i2v": (15, "1080P"),
        "wan3.0-video": (10, "1080P"),
    }


@pytest.mark.parametrize("shape", ["16:9", "9:16", "1:1"])
@pytest.mark.parametrize("height", ["480p", "720p", "1080p"])
def test_the_resolution_is_the_films(shape: Any, height: Any) -> None:
    size = frame_size(shape, height)
    assert clip_resolution(clip_model("wan2.5-i2v-preview"), *size) == height.upper()


async def test_a_worker_that_takes_over_waits_for_the_same_task(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.never_done = True
    work = asyncio.ensure_future(engine().animate(a_shot(tmp_path), bench))
    while bench.task is None:
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait({work})
    assert not fake.calls("POST /api/v1/tasks/.*/cancel")
    fake.never_done = False
    await animated(engine(), bench, a_shot(tmp_path))
    assert len(fake.calls(SUBMIT)) == 1
    assert len(fake.calls("GET /api/v1/uploads")) == 1


async def test_a_cancel_that_comes_too_late_for_the_provider_is_no_trouble(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.never_done = True
    work = asyncio.ensure_future(engine().animate(a_shot(tmp_path), bench))
    while not fake.orders or fake.orders[0].state != "RUNNING":
        await asyncio.sleep(0.01)
    bench.canceled = True
    work.cancel()
    await asyncio.wait({work}, timeout=4)
    assert work.cancelled()
    assert len(fake.calls("POST /api/v1/tasks/.*/cancel")) == 1
    assert fake.orders[0].state == "RUNNING"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DataInspectionFailed", EngineFailed),
        ("IPInfringementSuspect", EngineFailed),
        ("InternalError.Timeout", EngineFault),
        ("Throttling.AllocationQuota", EngineFault),
    ],
)
async def test_a_task_that_failed_inside_a_200_is_told_by_its_code(
    code: str, kind: type[AppError], fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.task_failure = (code, "The request failed")
    error = await refusal(engine(), bench, a_shot(tmp_path))
    assert type(error) is kind and code in error.detail
    assert bench.task is None


async def test_a_lost_task_is_ordered_once_more(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    fake.forgets_tasks = 1
    await animated(engine(), bench, a_shot(tmp_path))
    assert len(fake.calls(SUBMIT)) == 2


async def test_a_link_that_expired_orders_the_clip_anew(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.expired = True
    error = await refusal(engine(), bench, a_shot(tmp_path))
    assert isinstance(error, EngineFault) and bench.task is None


async def test_a_file_that_is_no_clip_is_a_fault(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    fake.spoiled = True
    assert isinstance(await refusal(engine(), bench, a_shot(tmp_path)), EngineFault)
    assert bench.task is None


@pytest.mark.parametrize("where", [SUBMIT, "POST /store", "GET /api/v1/tasks/.*"])
@pytest.mark.parametrize("kind", ["drop", "500"])
async def test_a_fault_anywhere_is_worth_another_try(
    where: str, kind: str, fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    wrong = Fault(500, '{"code": "InternalError", "message": "sorry"}') if kind == "500" else Fault(kind=kind)
    fake.fail(where, wrong, times=1)
    if where.startswith("GET"):  # one look that fails does not end the task
        await animated(engine(), bench, a_shot(tmp_path))
    else:
        assert isinstance(await refusal(engine(), bench, a_shot(tmp_path)), EngineFault)
    await animated(engine(), bench, a_shot(tmp_path))


async def test_an_account_without_money_is_told(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    fake.fail(SUBMIT, Fault(400, '{"code": "Arrearage", "message": "Access denied, overdue payment"}'))
    error = await refusal(engine(), bench, a_shot(tmp_path))
    assert type(error) is EngineFailed and "Arrearage" in error.detail


async def test_an_upload_place_without_its_parts_is_a_fault(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.fail("GET /api/v1/uploads", Fault(200, '{"request_id": "1", "data": {"policy": "x"}}'))
    assert isinstance(await refusal(engine(), bench, a_shot(tmp_path)), EngineFault)


def test_the_recording_in_these_tests_is_one(tmp_path: Path) -> None:
    with wave.open(str(narration(tmp_path, 1.0)), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert samples.size == 24000 and np.abs(samples).max() > 1000
