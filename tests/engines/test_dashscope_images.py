"""Pictures by DashScope: every field of its ways of asking, sizes, faces that stay, and its own failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import pytest
from cases_dashscope import a_drawing, settings
from contract import Bench, a_picture, within
from fakes.base import Fault
from fakes.dashscope import KEY, MULTIMODAL, DashScope
from PIL import Image

from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout
from app.models.engine import DrawRequest, DrawResult, Reference
from app.models.story import Character, frame_size
from app.services.engines.dashscope_sizes import editor_of, picture_model, picture_size
from app.services.engines.image_dashscope import DashScopeImage
from app.services.engines.prompt_words import cut, portions

TEXT2IMAGE = "/api/v1/services/aigc/text2image/image-synthesis"
Made = Callable[..., DashScopeImage]


@pytest.fixture
def fake() -> Iterator[DashScope]:
    with DashScope() as server:
        yield server


@pytest.fixture
def engine(fake: DashScope, monkeypatch: pytest.MonkeyPatch) -> Made:
    def make(**more: str) -> DashScopeImage:
        for name, value in settings(fake.url, "image").items():
            monkeypatch.setenv(name, value)
        for name, value in more.items():
            monkeypatch.setenv(f"ENGINE_IMAGE_DASHSCOPE_{name.upper()}", value)
        return DashScopeImage()

    return make


async def drawn(engine: DashScopeImage, bench: Bench, request: DrawRequest) -> DrawResult:
    return await within(20, engine.draw(request, bench))


async def refusal(engine: DashScopeImage, bench: Bench, request: DrawRequest) -> AppError:
    with pytest.raises(AppError) as caught:
        await drawn(engine, bench, request)
    return caught.value


async def test_qwen_image_is_asked_at_once_and_with_every_field(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    result = await drawn(engine(negative_prompt="文字"), bench, a_drawing(tmp_path, width=1600, height=900))
    (sent,) = fake.calls(f"POST {MULTIMODAL}")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert "x-dashscope-async" not in sent.headers
    assert "x-dashscope-ossresourceresolve" not in sent.headers
    assert sent.json == {
        "model": "qwen-image-plus",
        "input": {
            "messages": [
                {"role": "user", "content": [{"text": "灯塔看守人站在窗前，窗外是夜里的大海。水彩。氛围：温柔"}]}
            ]
        },
        "parameters": {
            "n": 1,
            "seed": 7,
            "watermark": False,
            "size": "1664*928",
            "prompt_extend": False,
            "negative_prompt": "文字",
        },
    }
    with Image.open(result.image) as image:
        assert (image.size, image.format, image.mode) == ((1600, 900), "PNG", "RGB")
    assert result.seed == 7
    assert result.facts["model"] == "qwen-image-plus"
    (download,) = fake.calls("GET /results/.*")
    assert "authorization" not in download.headers


async def test_wan_is_a_task_that_is_waited_for(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    made = engine(model="wan2.2-t2i-flash", negative_prompt="文字", watermark="true", prompt_extend="true")
    result = await drawn(made, bench, a_drawing(tmp_path, width=1600, height=900))
    (sent,) = fake.calls(f"POST {TEXT2IMAGE}")
    assert sent.headers["x-dashscope-async"] == "enable"
    assert sent.json == {
        "model": "wan2.2-t2i-flash",
        "input": {"prompt": "灯塔看守人站在窗前，窗外是夜里的大海。水彩。氛围：温柔", "negative_prompt": "文字"},
        "parameters": {"n": 1, "seed": 7, "watermark": True, "size": "1440*816", "prompt_extend": True},
    }
    looks = fake.calls("GET /api/v1/tasks/.*")
    assert len(looks) == 3
    assert all("x-dashscope-async" not in look.headers for look in looks)
    assert bench.waits[0] is True
    assert result.facts["task"] in fake.tasks


async def test_wan_26_is_asked_by_messages_and_waited_for(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    await drawn(engine(model="wan2.6-t2i"), bench, a_drawing(tmp_path))
    (sent,) = fake.calls("POST /api/v1/services/aigc/image-generation/generation")
    assert sent.headers["x-dashscope-async"] == "enable"
    assert sent.json["input"]["messages"][0]["content"][0]["text"].startswith("灯塔看守人")
    width, height = map(int, sent.json["parameters"]["size"].split("*"))
    assert 1280**2 <= width * height <= 1440**2
    assert "is_async" not in sent.json["parameters"]


def references(tmp_path: Path, count: int) -> tuple[Reference, ...]:
    names = ("小明", "奶奶", "船长", "小狗")
    return tuple(
        Reference(name=name, image=a_picture(tmp_path / f"{number}.png", 200 + number, 300))
        for number, name in enumerate(names[:count])
    )


async def test_faces_are_uploaded_and_drawn_by_the_companion_for_editing(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    request = a_drawing(tmp_path, references=references(tmp_path, 4), width=1600, height=900)
    result = await drawn(engine(), bench, request)
    policies = fake.calls("GET /api/v1/uploads")
    assert [one.query for one in policies] == [{"action": "getPolicy", "model": "qwen-image-edit-plus"}] * 3
    assert all("authorization" not in one.headers for one in fake.calls("POST /store"))
    (sent,) = fake.calls(f"POST {MULTIMODAL}")
    assert sent.headers["x-dashscope-ossresourceresolve"] == "enable"
    content = sent.json["input"]["messages"][0]["content"]
    assert [one["image"] for one in content[:3]] == [f"oss://{key}" for key in fake.uploads]
    assert content[3]["text"].startswith("图1中的是小明")
    assert "图3中的是船长" in content[3]["text"] and "小狗" not in content[3]["text"]
    assert sent.json["model"] == "qwen-image-edit-plus"
    assert result.facts["references"] == ["小明", "奶奶", "船长"]
    assert result.facts["references_left_out"] == ["小狗"]
    for kept in fake.uploads.values():
        assert kept[:2] == b"\xff\xd8"
        (tmp_path / "kept.jpg").write_bytes(kept)
        with Image.open(tmp_path / "kept.jpg") as picture:
            assert min(picture.size) >= 384


async def test_wan_25_has_a_companion_of_its_own(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    request = a_drawing(tmp_path, references=references(tmp_path, 2))
    await drawn(engine(model="wan2.5-t2i-preview"), bench, request)
    (sent,) = fake.calls("POST /api/v1/services/aigc/image2image/image-synthesis")
    assert sent.json["model"] == "wan2.5-i2i-preview"
    assert sent.json["input"]["images"] == [f"oss://{key}" for key in fake.uploads]
    assert sent.headers["x-dashscope-async"] == "enable"


async def test_faces_may_be_left_out(fake: DashScope, engine: Made, bench: Bench, tmp_path: Path) -> None:
    made = engine(edit_model="none")
    assert not made.can().reference_images
    result = await drawn(made, bench, a_drawing(tmp_path, references=references(tmp_path, 1)))
    assert not fake.calls("GET /api/v1/uploads")
    assert result.facts["references_left_out"] == ["小明"]


async def test_a_task_that_was_remembered_is_not_ordered_again(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="wan2.5-t2i-preview")
    fake.fail("GET /results/.*", Fault(500, "sorry"), times=1)
    assert isinstance(await refusal(made, bench, a_drawing(tmp_path)), EngineFault)
    await drawn(made, bench, a_drawing(tmp_path))
    assert len(fake.calls(f"POST {TEXT2IMAGE}")) == 1


async def test_an_answer_that_was_paid_for_is_fetched_again_and_not_ordered_again(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.fail("GET /results/.*", Fault(kind="truncated"), times=1)
    assert isinstance(await refusal(engine(), bench, a_drawing(tmp_path)), EngineFault)
    await drawn(engine(), bench, a_drawing(tmp_path))
    assert len(fake.calls(f"POST {MULTIMODAL}")) == 1


async def test_a_link_that_expired_orders_the_picture_anew(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.expired = True
    assert (await refusal(engine(), bench, a_drawing(tmp_path))).retryable
    assert bench.task is None
    fake.expired = False
    await drawn(engine(), bench, a_drawing(tmp_path))
    assert len(fake.calls(f"POST {MULTIMODAL}")) == 2


async def test_a_file_that_is_no_picture_is_a_fault(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.spoiled = True
    assert isinstance(await refusal(engine(), bench, a_drawing(tmp_path)), EngineFault)
    assert bench.task is None


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("DataInspectionFailed", EngineFailed),
        ("InternalError.Algo", EngineFault),
        ("Throttling.RateQuota", EngineFault),
    ],
)
async def test_a_task_that_failed_inside_a_200_is_told_by_its_code(
    code: str, kind: type[AppError], fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.task_failure = (code, f"not with {KEY}")
    error = await refusal(engine(model="wan2.2-t2i-flash"), bench, a_drawing(tmp_path))
    assert type(error) is kind
    assert code in error.detail and KEY not in error.detail
    assert bench.task is None and bench.forgotten == 1


async def test_moderation_of_what_is_answered_at_once_is_final(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.task_failure = ("DataInspectionFailed", f"Output data may contain inappropriate content. {KEY}")
    error = await refusal(engine(), bench, a_drawing(tmp_path))
    assert type(error) is EngineFailed
    assert "DataInspectionFailed" in error.detail and KEY not in error.detail


async def test_a_batch_of_failed_items_is_a_failure(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    made = engine(model="wan2.2-t2i-flash")
    fake.failed_items = [("DataInspectionFailed", "inappropriate")]
    result = await drawn(made, bench, a_drawing(tmp_path))
    assert result.facts["failed_items"] == ["DataInspectionFailed"]
    await bench.forget()
    fake.no_good_item = True
    assert type(await refusal(made, bench, a_drawing(tmp_path))) is EngineFailed


async def test_a_task_that_is_unknown_is_ordered_once_more(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.forgets_tasks = 1
    await drawn(engine(model="wan2.2-t2i-flash"), bench, a_drawing(tmp_path))
    assert len(fake.orders) == 2


async def test_a_task_that_never_comes_to_an_end_is_given_up_and_canceled(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.stays_pending = True
    error = await refusal(engine(model="wan2.2-t2i-flash", task_timeout_s="0.1"), bench, a_drawing(tmp_path))
    assert isinstance(error, EngineTimeout)
    assert fake.orders[0].state == "CANCELED"


@pytest.mark.parametrize("where", ["GET /api/v1/tasks/.*", f"POST {TEXT2IMAGE}", "GET /results/.*"])
async def test_throttling_says_when_to_come_again(
    where: str, fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fault = Fault(
        429, '{"code": "Throttling.RateQuota", "message": "Requests rate limit exceeded"}', {"Retry-After": "0"}
    )
    fake.fail(where, fault)
    error = await refusal(engine(model="wan2.2-t2i-flash"), bench, a_drawing(tmp_path))
    assert isinstance(error, EngineFault) and error.retry_after_s == 0


async def test_a_key_that_is_wrong_is_told_without_the_key(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    fake.fail(f"POST {MULTIMODAL}", Fault(401, f'{{"code": "InvalidApiKey", "message": "wrong: {KEY}"}}'))
    error = await refusal(engine(), bench, a_drawing(tmp_path))
    assert isinstance(error, EngineFailed) and not error.retryable
    assert "InvalidApiKey" in error.detail and KEY not in error.detail


SHAPES = [(shape, height) for shape in ("16:9", "9:16", "1:1") for height in ("480p", "720p", "1080p")]
MODELS = ("qwen-image-plus", "qwen-image-2.0", "qwen-image-edit-plus", "wan2.2-t2i-flash", "wan2.5-t2i-preview",
          "wan2.6-t2i", "wan2.5-i2i-preview", "wan2.6-image", "z-image-turbo")  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("shape", "height"), SHAPES)
def test_every_size_asked_for_is_one_that_the_model_takes(model: str, shape: Any, height: Any) -> None:
    width, tall = (round(side * 1.25) for side in frame_size(shape, height))
    known = picture_model(model)
    asked = picture_size(known, width, tall)
    if known.sizes:
        assert asked in known.sizes
    else:
        assert known.pixels[0] <= asked[0] * asked[1] <= known.pixels[1]
        assert known.sides[0] <= min(asked) and max(asked) <= known.sides[1]
        assert all(side % 16 == 0 for side in asked)
    assert asked[0] / asked[1] == pytest.approx(width / tall, rel=0.05)


def test_each_model_has_its_companion_for_faces() -> None:
    assert editor_of("qwen-image-plus") == "qwen-image-edit-plus"
    assert editor_of("qwen-image-2.0-pro") == "qwen-image-2.0-pro"
    assert editor_of("wan2.2-t2i-flash") == "qwen-image-edit-plus"
    assert editor_of("wan2.6-t2i") == "wan2.6-image"


async def test_a_prompt_that_is_too_long_loses_its_last_sentences_and_says_so(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    prompt = "".join(f"第{number}只鸟飞过灯塔的窗前。" for number in range(100))
    result = await drawn(engine(model="wan2.2-t2i-flash"), bench, a_drawing(tmp_path, prompt=prompt))
    words = fake.orders[0].body["input"]["prompt"]
    assert len(words) <= 500
    assert words.endswith("窗前。水彩。氛围：温柔")
    kept = words.removesuffix("水彩。氛围：温柔")
    assert prompt.rstrip("。") == kept + result.facts["prompt_dropped"]


def test_text_is_cut_at_a_sentence_a_word_and_never_inside_a_character() -> None:
    assert cut("One two. Three four five.", 16) == ("One two.", "Three four five.")
    assert cut("alpha beta gamma", 12) == ("alpha beta", "gamma")
    family = "👨\u200d👩\u200d👧"
    assert cut("a" * 6 + family, 9) == ("a" * 6, family)
    accented = "e\u0301"
    assert cut("b" * 7 + accented, 8) == ("b" * 7, accented)
    text = "夜里，灯亮了。" * 50 + "海" * 90
    assert "".join(portions(text, 40)) == text
    assert max(map(len, portions(text, 40))) <= 40
    assert portions("海" * 10 + "……”", 10) == ["海" * 10 + "……”"]


async def test_the_looks_of_the_cast_are_told_where_no_picture_shows_them(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    cast = (
        Character(name="小明", description="红衣男孩"),
        Character(name="奶奶", description="白发"),
        Character(name="船长", description="独眼"),
    )
    request = a_drawing(tmp_path, prompt="小明和奶奶在窗前", characters=cast, references=references(tmp_path, 1))
    await drawn(engine(), bench, request)
    text = fake.calls(f"POST {MULTIMODAL}")[0].json["input"]["messages"][0]["content"][1]["text"]
    assert "奶奶：白发" in text and "红衣" not in text and "独眼" not in text


async def test_a_picture_of_any_shape_becomes_the_one_wanted(
    fake: DashScope, engine: Made, bench: Bench, tmp_path: Path
) -> None:
    result = await drawn(engine(size="1024*1024"), bench, a_drawing(tmp_path))
    assert cv2.imread(str(result.image)).shape == (180, 320, 3)


def test_the_key_of_one_kind_comes_before_the_shared_one(engine: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    (usual,) = engine().lanes()
    made = engine(api_key="sk-of-pictures")
    (lane,) = made.lanes()
    assert lane != usual and lane.startswith("dashscope key ") and lane.endswith(" image")
    assert made.lanes() == {lane: 4} and "sk-of" not in lane
    monkeypatch.delenv("DASHSCOPE_BASE_URL")
    monkeypatch.setenv("DASHSCOPE_REGION", "intl")
    assert DashScopeImage().settings.http_base() == "https://dashscope-intl.aliyuncs.com/api/v1"
    assert DashScopeImage().settings.websocket_base() == "wss://dashscope-intl.aliyuncs.com/api-ws/v1/inference"
    own = "https://ws1.cn-beijing.maas.aliyuncs.com"
    for written in (own, f"{own}/", f"{own}/api/v1", f"{own}/compatible-mode/v1"):
        monkeypatch.setenv("DASHSCOPE_BASE_URL", written)
        assert DashScopeImage().settings.http_base() == f"{own}/api/v1"
    assert made.basis()["model"] == "qwen-image-plus" and "sk-of" not in str(made.basis())
