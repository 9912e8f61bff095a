"""Qianfan: every field that is sent, its own ways of failing, and that nothing is ordered twice."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases_cloud import CASES, a_shot
from contract import Bench, a_picture
from fakes.base import Fault
from fakes.qianfan import Qianfan as FakeQianfan

from app.core.errors import EngineFailed, EngineFault
from app.services.engines.video_qianfan import Qianfan

CASE = next(case for case in CASES if case.name == "video/qianfan")
CREATE, QUERY = "POST /video/generations", "GET /video/generations"
KEY = "bce-v3/ALTAK-qianfan/secret"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeQianfan]:
    with FakeQianfan() as fake:
        for name, value in CASE.settings(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


async def test_a_clip_comes_of_the_key_frame_and_every_field_sent_is_as_documented(
    fake: FakeQianfan, bench: Bench, tmp_path: Path
) -> None:
    fake.delay_s = 0.2
    made = await Qianfan().animate(a_shot(tmp_path), bench)
    (create,), queries = fake.calls(CREATE), fake.calls(QUERY)
    sent = create.json
    url = sent["content"][1]["image_url"].pop("url")
    assert sent == {
        "model": "musesteamer-air-i2v",
        "content": [
            {"type": "text", "text": "灯塔看守人先点亮灯,然后望着大海。镜头缓缓向前推进。氛围：温柔"},
            {"type": "image_url", "image_url": {}},
        ],
        "duration": 5,
    }
    head, _, data = url.partition(",")
    assert head == "data:image/jpeg;base64" and base64.b64decode(data)[:2] == b"\xff\xd8"
    # The picture of 320x180 was too small for it.
    assert fake.images == [(533, 300)]
    assert len(queries) >= 3 and all(query.query == {"task_id": "tdsx0001k9"} for query in queries)
    assert all(one.headers["authorization"] == f"Bearer {KEY}" for one in (create, *queries))
    assert True in bench.waits and bench.waits[-1] is False
    assert bench.task == {"task_id": "tdsx0001k9"}
    assert made.clip.parent == bench.folder and made.facts["frames"] == 120


@pytest.mark.parametrize(("model", "frames", "expected"), [
    ("musesteamer-2.0-turbo-i2v-audio", 72, 5), ("musesteamer-2.0-turbo-i2v-audio", 150, 10),
    ("musesteamer-2.0-turbo-i2v-audio", 500, 10), ("musesteamer-2.1-turbo-i2v", 150, 5),
])  # fmt: skip
async def test_the_length_is_one_that_the_model_makes(
    model: str, frames: int, expected: int, fake: FakeQianfan, bench: Bench, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("QIANFAN_MODEL", model)
    fake.outcome = "failed"
    with pytest.raises(EngineFailed):
        await Qianfan().animate(a_shot(tmp_path, frames=frames), bench)
    assert fake.calls(CREATE)[0].json["duration"] == expected


async def test_a_failed_task_is_final_and_says_why(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    fake.outcome = "failed"
    with pytest.raises(EngineFailed, match="the model gave up") as caught:
        await Qianfan().animate(a_shot(tmp_path), bench)
    assert not caught.value.retryable and bench.task is None


async def test_words_that_are_refused_are_final(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    fake.unsafe = "灯塔"
    with pytest.raises(EngineFailed, match="prompt field is unsafe") as caught:
        await Qianfan().animate(a_shot(tmp_path), bench)
    assert not caught.value.retryable


async def test_a_wrong_key_is_final_and_not_shown(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    fake.key = "another"
    with pytest.raises(EngineFailed, match=r"is its key right") as caught:
        await Qianfan().animate(a_shot(tmp_path), bench)
    assert not caught.value.retryable and KEY not in caught.value.detail


async def test_the_limit_on_tasks_at_a_time_may_pass(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    fake.fail(CREATE, Fault(429, '{"error": {"message": "Rate limit"}}', {"Retry-After": "7"}), times=1)
    with pytest.raises(EngineFault) as caught:
        await Qianfan().animate(a_shot(tmp_path), bench)
    assert caught.value.retryable and caught.value.retry_after_s == 7


async def test_a_remembered_task_is_asked_after_and_not_ordered_again(
    fake: FakeQianfan, bench: Bench, tmp_path: Path
) -> None:
    fake.delay_s = 3600
    work = asyncio.ensure_future(Qianfan().animate(a_shot(tmp_path), bench))
    while not fake.calls(QUERY):
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait({work})
    fake.delay_s = 0
    assert (await Qianfan().animate(a_shot(tmp_path), bench)).facts["task"] == "tdsx0001k9"
    assert len(fake.calls(CREATE)) == 1


async def test_a_task_that_is_not_known_any_more_is_ordered_anew(
    fake: FakeQianfan, bench: Bench, tmp_path: Path
) -> None:
    bench.task = {"task_id": "gone"}
    assert (await Qianfan().animate(a_shot(tmp_path), bench)).facts["task"] == "tdsx0001k9"
    assert len(fake.calls(CREATE)) == 1 and bench.forgotten == 1


async def test_a_link_that_expired_makes_a_new_order(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    fake.fail("GET /media/.*", Fault(403), times=1)
    with pytest.raises(EngineFault, match="does not open"):
        await Qianfan().animate(a_shot(tmp_path), bench)
    assert bench.task is None
    await Qianfan().animate(a_shot(tmp_path), bench)
    assert len(fake.calls(CREATE)) == 2


async def test_a_large_key_frame_is_packed_until_it_fits(fake: FakeQianfan, bench: Bench, tmp_path: Path) -> None:
    huge = a_picture(tmp_path / "huge.png", 4800, 400)
    fake.outcome = "failed"
    with pytest.raises(EngineFailed):
        await Qianfan().animate(a_shot(tmp_path, key_frame=huge), bench)
    assert fake.images == [(4096, 341)]


def test_a_missing_key_is_named_and_a_lane_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Qianfan().missing() == ["QIANFAN_API_KEY"] and not Qianfan().configured()
    monkeypatch.setenv("QIANFAN_API_KEY", KEY)
    engine = Qianfan()
    assert engine.configured() and engine.basis() == {"model": "musesteamer-air-i2v"}
    assert all(KEY not in lane for lane in engine.lanes())
