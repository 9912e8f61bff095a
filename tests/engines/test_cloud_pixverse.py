"""PixVerse: every field that is sent, its own ways of failing, and that nothing is ordered twice."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from cases_cloud import CASES, a_shot
from contract import Bench, a_picture, within
from fakes.base import Fault
from fakes.pixverse import Pixverse as FakePixverse

from app.core.errors import EngineFailed, EngineFault, EngineTimeout
from app.services.engines.prompt_words import motion_prompt
from app.services.engines.video_pixverse import Pixverse, PixverseSettings, order

CASE = next(case for case in CASES if case.name == "video/pixverse")
GENERATE = "POST /openapi/v2/video/img/generate"
KEY = "pixverse-secret-key"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePixverse]:
    with FakePixverse() as fake:
        for name, value in CASE.settings(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


async def test_a_clip_comes_of_the_key_frame_and_every_field_sent_is_as_documented(
    fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    made = await Pixverse().animate(a_shot(tmp_path), bench)
    upload, generate, *polls, media = fake.sent
    assert upload.path == "/openapi/v2/image/upload"
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b'name="image"; filename="photo.jpg"' in upload.body and b"image/jpeg" in upload.body
    assert generate.path == "/openapi/v2/video/img/generate"
    assert generate.json == {
        "img_id": 7_000_001,
        "model": "v5",
        "prompt": "灯塔看守人先点亮灯,然后望着大海。镜头缓缓向前推进。氛围：温柔",
        "duration": 5,
        "quality": "360p",
        "motion_mode": "normal",
        "seed": 7,
        "water_mark": False,
    }
    assert {poll.path for poll in polls} == {"/openapi/v2/video/result/300000001"}
    assert all(one.headers["api-key"] == KEY for one in (upload, generate, *polls))
    traces = [one.headers["ai-trace-id"] for one in (upload, generate, *polls)]
    assert len(set(traces)) == len(traces)
    assert media.path == "/media/300000001.mp4"
    assert bench.task == {"video_id": 300000001}
    assert made.drawn is None and made.clip.parent == bench.folder
    assert made.facts["frames"] == 120 and made.facts["seed"] == 7 and made.facts["task"] == "300000001"
    with av.open(str(made.clip)) as clip:
        assert (clip.streams.video[0].width, clip.streams.video[0].height) == (320, 180)


async def test_the_same_shot_gets_another_clip_of_another_order(
    fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    first = (await Pixverse().animate(a_shot(tmp_path), bench)).clip.read_bytes()
    bench.task = None
    assert (await Pixverse().animate(a_shot(tmp_path), bench)).clip.read_bytes() != first


async def test_a_key_frame_that_is_too_large_is_scaled_and_names_in_capitals_are_understood(
    fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    fake.old_names = True
    huge = a_picture(tmp_path / "huge.png", 4400, 600)
    await Pixverse().animate(a_shot(tmp_path, key_frame=huge), bench)
    assert fake.images == {7_000_001: (4000, 545)}


@pytest.mark.parametrize(
    ("changes", "shot", "expected"),
    [
        ({}, {"height": 480, "width": 854}, {"quality": "540p", "duration": 5}),
        ({}, {"height": 1280, "width": 720, "frames": 150}, {"quality": "720p", "duration": 8}),
        ({}, {"height": 1080, "width": 1920}, {"quality": "1080p", "duration": 5}),
        ({}, {"height": 1080, "width": 1920, "frames": 240}, {"quality": "720p", "duration": 8}),
        ({"quality": "1080p"}, {"frames": 240}, {"quality": "1080p", "duration": 5}),
        ({"model": "v6"}, {"height": 1080, "width": 1920, "frames": 241}, {"quality": "1080p", "duration": 11}),
        ({"model": "v6"}, {"frames": 1000}, {"quality": "360p", "duration": 15}),
        ({"motion_mode": "fast"}, {}, {"motion_mode": "fast"}),
        ({"motion_mode": "fast"}, {"frames": 150}, {"motion_mode": "normal"}),
        ({"negative_prompt": "blurry"}, {}, {"negative_prompt": "blurry"}),
        ({"camera_movement": True}, {}, {"camera_movement": "smooth_zoom_in"}),
        ({}, {"prompt": "A keeper lights the lamp.", "tone": "", "camera": "orbit"},
         {"prompt": "A keeper lights the lamp. the camera orbits around the subject"}),
    ],
)  # fmt: skip
def test_the_order_follows_the_shot_and_the_settings(
    changes: dict[str, Any], shot: dict[str, Any], expected: dict[str, Any], tmp_path: Path
) -> None:
    asked = a_shot(tmp_path, **shot)
    ordered = order(asked, motion_prompt(asked, 2048), PixverseSettings(**changes))
    assert {name: ordered[name] for name in expected} == expected
    assert ("negative_prompt" in ordered) == ("negative_prompt" in expected)
    assert ("camera_movement" in ordered) == ("camera_movement" in expected)


async def test_a_prompt_of_any_length_is_cut_to_what_pixverse_takes(
    fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    made = await Pixverse().animate(a_shot(tmp_path, prompt="海浪拍岸。" * 1000), bench)
    sent = fake.calls(GENERATE)[0].json["prompt"]
    assert len(sent) <= 2048 and sent.endswith("镜头缓缓向前推进。氛围：温柔")
    assert made.facts["prompt"] == sent and made.facts["prompt_dropped"]


@pytest.mark.parametrize(
    ("outcome", "said"),
    [(7, "did not pass moderation"), (8, "could not make"), (6, "deleted the video")],
)
async def test_a_task_that_ends_badly_is_final_and_forgotten(
    outcome: int, said: str, fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    fake.outcome = outcome
    with pytest.raises(EngineFailed, match=said) as caught:
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert not caught.value.retryable and bench.task is None


@pytest.mark.parametrize("code", [10001, 10005, 400017, 500054, 500999])
@pytest.mark.parametrize("at", ["upload", "generate", "result"])
async def test_an_error_code_inside_a_200_is_final_and_shows_no_key(
    code: int, at: str, fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    fake.refuse(code, f"no way with {KEY}", at=at)
    with pytest.raises(EngineFailed, match=rf"error {code}: no way with \*\*\*") as caught:
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert not caught.value.retryable and KEY not in caught.value.detail
    assert ("is its key right" in caught.value.detail) == (code < 20000)


async def test_the_limit_on_videos_at_a_time_is_waited_out(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.refuse(500044, "Reached the limit for concurrent generations", times=1)
    with pytest.raises(EngineFault) as caught:
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert caught.value.retryable and caught.value.retry_after_s == 15 and bench.task is None
    assert (await Pixverse().animate(a_shot(tmp_path), bench)).clip is not None


async def test_states_nobody_knows_mean_that_it_goes_on(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.outcome = 42
    work = asyncio.ensure_future(Pixverse().animate(a_shot(tmp_path), bench))
    while len(fake.calls("GET /openapi/v2/video/result/.*")) < 3:
        await asyncio.sleep(0.01)
    fake.videos[300_000_001].ends = 1
    assert (await within(20, work)).clip is not None


async def test_a_remembered_task_is_asked_after_and_not_ordered_again(
    fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    fake.delay_s = 3600
    work = asyncio.ensure_future(Pixverse().animate(a_shot(tmp_path), bench))
    while not fake.calls("GET /openapi/v2/video/result/.*"):
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait({work})
    assert bench.task == {"video_id": 300000001}
    fake.delay_s = 0
    assert (await Pixverse().animate(a_shot(tmp_path), bench)).facts["task"] == "300000001"
    assert len(fake.calls(GENERATE)) == 1 and fake.submits == 1


@pytest.mark.parametrize("kind", ["drop", "truncated", "garbage"])
async def test_a_look_that_fails_is_repeated(kind: str, fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.fail("GET /openapi/v2/video/result/.*", Fault(kind=kind), times=1)
    assert (await Pixverse().animate(a_shot(tmp_path), bench)).clip is not None
    assert fake.submits == 1


async def test_a_link_that_expired_makes_a_new_order(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.expire_links()
    with pytest.raises(EngineFault, match="does not open"):
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert bench.task is None and not list(bench.folder.glob("*.mp4"))
    await Pixverse().animate(a_shot(tmp_path), bench)
    assert fake.submits == 2


@pytest.mark.parametrize("kind", ["drop", "truncated"])
async def test_a_download_that_breaks_off_is_tried_again_for_nothing(
    kind: str, fake: FakePixverse, bench: Bench, tmp_path: Path
) -> None:
    # The client itself repeats a GET that was dropped before its answer began.
    fake.fail("GET /media/.*", Fault(kind=kind), times=2 if kind == "drop" else 1)
    with pytest.raises(EngineFault):
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert (await Pixverse().animate(a_shot(tmp_path), bench)).clip is not None
    assert fake.submits == 1


async def test_a_file_that_is_no_video_is_ordered_anew(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.fail("GET /media/.*", Fault(200, "<html>sorry</html>"), times=1)
    with pytest.raises(EngineFault, match="cannot be decoded"):
        await Pixverse().animate(a_shot(tmp_path), bench)
    assert bench.task is None


async def test_a_key_goes_only_to_its_own_host(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.link_host = fake.url.replace("127.0.0.1", "localhost")
    await Pixverse().animate(a_shot(tmp_path), bench)
    assert "api-key" not in fake.calls("GET /media/.*")[0].headers


async def test_a_download_that_hangs_is_a_timeout(
    fake: FakePixverse, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGINE_VIDEO_PIXVERSE_DOWNLOAD_TIMEOUT_S", "0.3")
    fake.fail("GET /media/.*", Fault(kind="hang"))
    with pytest.raises(EngineTimeout):
        await Pixverse().animate(a_shot(tmp_path), bench)


def test_engines_with_one_key_share_a_lane_that_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Pixverse().missing() == ["PIXVERSE_API_KEY"] and not Pixverse().configured()
    monkeypatch.setenv("PIXVERSE_API_KEY", KEY)
    monkeypatch.setenv("PIXVERSE_MAX_CONCURRENCY", "25")
    engine = Pixverse()
    assert engine.missing() == [] and engine.configured()
    ((lane, places),) = engine.lanes().items()
    assert places == 25 and KEY not in lane and KEY not in repr(engine.settings)
    assert "api_key" not in engine.basis() and "base_url" not in engine.basis()


async def test_it_says_when_its_host_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakePixverse() as fake:
        monkeypatch.setenv("PIXVERSE_BASE_URL", fake.url)
        engine = Pixverse()
        assert await engine.unreachable() == []
    assert "cannot be reached" in (await engine.unreachable())[0]


def test_the_fake_can_live_in_a_process_of_its_own() -> None:
    here = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        [sys.executable, "-m", "fakes.pixverse", "--die-after", "3"], cwd=here, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            url = json.loads(process.stdout.readline())["url"]
            log = json.loads(urllib.request.urlopen(f"{url}/_log", timeout=10).read())
            assert log == {"uploads": 0, "orders": 0, "submits": 0, "polls": 0, "delivered": [], "videos": {}}
        finally:
            process.terminate()


async def test_the_fake_dies_after_its_third_video(fake: FakePixverse, bench: Bench, tmp_path: Path) -> None:
    fake.die_after(3)
    for number in range(4):
        bench.task = None
        if number < 3:
            await Pixverse().animate(a_shot(tmp_path), bench)
            continue
        with pytest.raises(EngineFault):
            await Pixverse().animate(a_shot(tmp_path), bench)
    assert len(fake.delivered) == 3 and await Pixverse().unreachable()
