"""What each provider of language models is sent, and what its own failures become."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cases_script import CASES, STORY, dashscope_settings, ollama_settings, openai_settings
from contract import Bench
from fakes import dashscope_text, ollama, openai_chat
from fakes.base import Fake, Fault
from fakes.dashscope_text import DashScopeText
from fakes.language_model import Said, storyboard
from fakes.ollama import Ollama
from fakes.openai_chat import OpenAIChat

from app.core.errors import AppError, EngineFailed, EngineFault, EngineUnavailable
from app.models.engine import TranslateRequest, WriteRequest
from app.services.engines.registry import load
from app.services.engines.script_dashscope import DashScopeScript
from app.services.engines.script_ollama import OllamaScript, host_url
from app.services.engines.script_openai import OpenAIScript

ASKED = WriteRequest(text=STORY, display_name="小白回家", style="水彩绘本", shots_min=6, shots_max=8, seed=7)
KEY = "sk-0123456789abcdef-secret"


@contextmanager
def speaking(server: Fake, settings: Callable[[str], dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with server:
        for name, value in settings(server.url).items():
            monkeypatch.setenv(name, value)
        for provider in ("OLLAMA", "OPENAI", "DASHSCOPE"):
            monkeypatch.setenv(f"ENGINE_SCRIPT_{provider}_TIMEOUT_S", "20")
        yield server


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ollama]:
    with speaking(Ollama(), ollama_settings, monkeypatch) as server:
        yield server


@pytest.fixture
def openai(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIChat]:
    with speaking(OpenAIChat(), openai_settings, monkeypatch) as server:
        yield server


@pytest.fixture
def qwen(monkeypatch: pytest.MonkeyPatch) -> Iterator[DashScopeText]:
    with speaking(DashScopeText(), dashscope_settings, monkeypatch) as server:
        yield server


def well_asked(messages: list[dict[str, str]]) -> dict[str, Any]:
    """Check the question of a storyboard; its schema."""
    system, user = messages
    assert (system["role"], user["role"]) == ("system", "user")
    for word in ("beginning", "rising action", "close-ups", "No writing in any picture", "safe for them", "full_orbit"):
        assert word in system["content"]
    assert "先……，然后……，最后……" in system["content"]
    assert "{" not in system["content"]
    for words in ("6 to 8 shots", "小白回家", "水彩绘本", "Chinese (zh)", "JSON", f"<story>\n{STORY}\n</story>"):
        assert words in user["content"]
    schema: dict[str, Any] = json.loads(user["content"].split("schema of the answer:\n")[1].splitlines()[0])
    shots = schema["properties"]["shots"]
    assert (shots["minItems"], shots["maxItems"]) == (6, 8)
    assert set(shots["items"]["required"]) == {
        "subject", "detail", "image_detail", "camera", "narration", "duration", "tone", "sound",
    }  # fmt: skip
    assert len(shots["items"]["properties"]["camera"]["enum"]) == 11
    assert schema["required"] == ["style", "characters", "shots"]
    assert schema["additionalProperties"] is shots["items"]["additionalProperties"] is False
    return schema


# -- recorded exchanges -----------------------------------------------------------------------------------


async def test_ollama_is_sent_schema_seed_context_and_no_thinking(
    local: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", KEY)
    result = await OllamaScript().write(ASKED, bench)
    (sent,) = local.sent
    body = sent.json
    assert (sent.method, sent.path) == ("POST", "/api/chat")
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    schema = well_asked(body.pop("messages"))
    assert body.pop("format") == schema
    options = body.pop("options")
    window = options.pop("num_ctx")
    assert window % 4096 == 0 and 900 + 650 * 8 < window <= 12288
    assert options == {"temperature": 0.0, "seed": 7, "num_predict": 900 + 650 * 8}
    assert body == {"model": "qwen3:8b", "stream": False, "think": False, "keep_alive": "5m", "tools": []}
    expected = storyboard(8)
    for shot, one in zip(result.shots, expected["shots"], strict=True):
        assert shot.model_dump() == {**one, "style": "水彩绘本"}
    assert [one.model_dump(include={"name", "description"}) for one in result.characters] == expected["characters"]


async def test_ollama_is_sent_the_settings(local: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    local.models = ("gemma4:12b",)
    for name, value in {"MODEL": "gemma4:12b", "TEMPERATURE": "0.7", "KEEP_ALIVE": "0", "MAX_TOKENS": "4000"}.items():
        monkeypatch.setenv(f"ENGINE_SCRIPT_OLLAMA_{name}", value)
    await OllamaScript().write(ASKED, bench)
    body = local.sent[0].json
    assert (body["model"], body["keep_alive"]) == ("gemma4:12b", 0)
    assert (body["options"]["temperature"], body["options"]["num_predict"]) == (0.7, 4000)


async def test_openai_is_sent_a_strict_schema(openai: OpenAIChat, bench: Bench) -> None:
    await OpenAIScript().write(ASKED, bench)
    (sent,) = openai.sent
    body = sent.json
    assert (sent.method, sent.path) == ("POST", "/v1/chat/completions")
    assert sent.headers["authorization"] == "Bearer sk-openai-secret-key"
    schema = well_asked(body.pop("messages"))
    described = {"name": "answer", "strict": True, "schema": schema}
    assert body.pop("response_format") == {"type": "json_schema", "json_schema": described}
    assert body == {"model": "gpt-4o-mini", "temperature": 0.0, "seed": 7, "max_tokens": 900 + 650 * 8}


async def test_qwen_is_sent_json_mode_without_thinking(qwen: DashScopeText, bench: Bench) -> None:
    await DashScopeScript().write(ASKED, bench)
    (sent,) = qwen.sent
    body = sent.json
    assert (sent.method, sent.path) == ("POST", dashscope_text.PATH)
    assert sent.headers["authorization"] == "Bearer sk-dashscope-secret-key"
    well_asked(body["input"].pop("messages"))
    assert body == {
        "model": "qwen-plus",
        "input": {},
        "parameters": {
            "result_format": "message",
            "response_format": {"type": "json_object"},
            "temperature": 0.0,
            "seed": 7,
            "max_tokens": 900 + 650 * 8,
            "enable_thinking": False,
        },
    }


# -- what a provider does differently ---------------------------------------------------------------------


async def test_a_server_without_schemas_is_asked_in_json_mode_from_then_on(openai: OpenAIChat, bench: Bench) -> None:
    openai.unknown = ("json_schema",)
    engine = OpenAIScript()
    await engine.write(ASKED, bench)
    await engine.write(ASKED, bench)
    forms = [sent.json["response_format"]["type"] for sent in openai.sent]
    assert forms == ["json_schema", "json_object", "json_object"]


async def test_a_server_that_does_not_say_what_it_refuses_is_asked_in_json_mode(
    openai: OpenAIChat, bench: Bench
) -> None:
    openai.unknown, openai.names_parameter = ("json_schema",), False
    assert len((await OpenAIScript().write(ASKED, bench)).shots) == 8


async def test_another_refusal_does_not_end_schemas_for_good(openai: OpenAIChat, bench: Bench) -> None:
    engine = OpenAIScript()
    openai.fail("POST .*", openai_chat.refusal(400, "Something else is wrong."), times=2)
    with pytest.raises(EngineFailed, match="Something else"):
        await engine.write(ASKED, bench)
    await engine.write(ASKED, bench)
    assert openai.sent[-1].json["response_format"]["type"] == "json_schema"


async def test_what_only_one_server_knows_is_added_to_the_request(
    openai: OpenAIChat, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    extra = {"chat_template_kwargs": {"enable_thinking": False}}
    monkeypatch.setenv("ENGINE_SCRIPT_OPENAI_EXTRA_BODY", json.dumps(extra))
    await OpenAIScript().write(ASKED, bench)
    assert openai.sent[0].json["chat_template_kwargs"] == {"enable_thinking": False}


async def test_what_a_model_refuses_by_name_is_left_out(openai: OpenAIChat, bench: Bench) -> None:
    openai.unknown = ("temperature", "max_tokens", "seed", "json_schema", "json_object")
    await OpenAIScript().write(ASKED, bench)
    assert set(openai.sent[-1].json) == {"model", "messages", "max_completion_tokens"}


async def test_an_openai_answer_that_is_cut_or_a_story_that_is_too_long_is_parted(
    openai: OpenAIChat, bench: Bench
) -> None:
    openai.model.say(Said("{", cut=True), Said("{", cut=True))
    assert len((await OpenAIScript().write(ASKED, bench)).shots) == 8
    too_long = openai_chat.refusal(400, "maximum context length is 8192 tokens", code="context_length_exceeded")
    openai.fail("POST .*", too_long, times=2)
    openai.model.talks.clear()
    assert len((await OpenAIScript().write(ASKED, bench)).shots) == 8
    assert "part 1 of 2 only" in openai.model.talks[0][1]["content"]


async def test_a_qwen_answer_that_is_cut_is_parted(qwen: DashScopeText, bench: Bench) -> None:
    qwen.model.say(Said("{", cut=True), Said("{", cut=True))
    assert len((await DashScopeScript().write(ASKED, bench)).shots) == 8
    assert [sent.json["parameters"]["max_tokens"] for sent in qwen.sent[:2]] == [6100, 8192]


# -- failures ---------------------------------------------------------------------------------------------


async def failure(engine: str, bench: Bench) -> AppError:
    with pytest.raises(AppError) as caught:
        await load("script", engine).write(ASKED, bench)  # type: ignore[attr-defined]
    return caught.value


async def test_a_model_that_was_not_pulled_is_named_with_how_to_get_it(
    local: Ollama, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_MODEL", "qwen3:32b")
    error = await failure("ollama", bench)
    assert isinstance(error, EngineFailed) and not error.retryable
    assert "ollama pull qwen3:32b" in error.detail


async def test_a_host_that_is_no_ollama_is_not_told_to_pull_a_model(local: Ollama, bench: Bench) -> None:
    local.fail("POST .*", Fault(404, "<html>Not found</html>"))
    error = await failure("ollama", bench)
    assert "404" in error.detail and "pull" not in error.detail and not error.retryable


async def test_a_busy_ollama_may_be_asked_again(local: Ollama, bench: Bench) -> None:
    local.fail("POST .*", ollama.BUSY)
    error = await failure("ollama", bench)
    assert isinstance(error, EngineFault) and error.retryable
    assert "server busy" in error.detail


DASHSCOPE = {
    "moderation": (400, "DataInspectionFailed", False, "DataInspectionFailed"),
    "throttled": (429, "Throttling.RateQuota", True, "Throttling.RateQuota"),
    "key": (401, "InvalidApiKey", False, "is its key right"),
    "model": (404, "ModelNotFound", False, "ModelNotFound"),
    "unpaid": (400, "Arrearage", False, "Arrearage"),
    "internal": (500, "InternalError.Algo", True, "InternalError"),
}


@pytest.mark.parametrize("case", DASHSCOPE)
async def test_dashscope_errors_are_told_by_status_and_code(case: str, qwen: DashScopeText, bench: Bench) -> None:
    status, code, retryable, said = DASHSCOPE[case]
    qwen.fail("POST .*", dashscope_text.refusal(status, code, "Words of the provider."))
    error = await failure("dashscope", bench)
    assert error.retryable is retryable and error.status == 502
    assert said in error.detail and "Words of the provider." in error.detail
    assert len(qwen.sent) == 1


async def test_a_dashscope_failure_inside_a_200_is_a_failure(qwen: DashScopeText, bench: Bench) -> None:
    qwen.fail("POST .*", dashscope_text.refusal(200, "DataInspectionFailed", "Output data may be inappropriate."))
    error = await failure("dashscope", bench)
    assert not error.retryable and "inappropriate" in error.detail


OPENAI = {
    "key": (openai_chat.refusal(401, "Incorrect API key", code="invalid_api_key"), False, "is its key right"),
    "rate": (openai_chat.refusal(429, "Rate limit reached", code="rate_limit_exceeded"), True, "Rate limit"),
    "quota": (openai_chat.refusal(429, "You exceeded your quota", code="insufficient_quota"), False, "quota"),
    "model": (openai_chat.refusal(404, "no such model", code="model_not_found"), False, "no such model"),
    "policy": (openai_chat.refusal(400, "Rejected by safety", code="content_policy_violation"), False, "safety"),
    "bad": (openai_chat.refusal(400, "messages are wrong", param="messages"), False, "messages are wrong"),
    "page": (Fault(502, "<html><body>Bad gateway</body></html>"), True, "502"),
}


@pytest.mark.parametrize("case", OPENAI)
async def test_openai_errors_are_told_by_status_and_code(case: str, openai: OpenAIChat, bench: Bench) -> None:
    fault, retryable, said = OPENAI[case]
    openai.fail("POST .*", fault)
    error = await failure("openai", bench)
    assert error.retryable is retryable and error.status == 502
    assert said in error.detail
    assert len(openai.sent) == 1


async def test_a_model_that_declines_fails_with_its_reason(openai: OpenAIChat, bench: Bench) -> None:
    openai.refusal = "I cannot help with that."
    assert "I cannot help with that." in (await failure("openai", bench)).detail
    openai.refusal, openai.finish = None, "content_filter"
    error = await failure("openai", bench)
    assert "content filter" in error.detail and not error.retryable


NO_ANSWERS = [
    '{"choices": []}',
    '{"choices": [{"index": 0}]}',
    '{"output": null}',
    "[]",
    '"text"',
    "null",
    "plain words",
]


@pytest.mark.parametrize("body", NO_ANSWERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_an_answer_of_another_form_may_be_asked_for_again(
    case: Any, body: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with speaking(case.fake(), case.settings, monkeypatch) as server:
        server.fail(case.first, Fault(200, body))
        error = await failure(case.name.split("/")[1], bench)
    assert error.status == 502


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 503])
async def test_no_key_is_in_any_message(
    case: Any, status: int, bench: Bench, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    provider = case.name.split("/")[1]
    with speaking(case.fake(), case.settings, monkeypatch) as server:
        monkeypatch.setenv(f"ENGINE_SCRIPT_{provider.upper()}_API_KEY", KEY)
        echo = {"message": f"key {KEY} is wrong", "code": "Oops"}
        server.fail(case.first, Fault(status, json.dumps({**echo, "error": f"key {KEY} is wrong"})))
        error = await failure(provider, bench)
        assert any(KEY in sent.headers.get("authorization", "") for sent in server.sent)
    assert KEY not in error.detail and KEY not in repr(error.as_record())
    assert KEY not in str(load("script", provider).lanes()) + str(load("script", provider).basis())
    seen = capfd.readouterr()
    assert KEY not in seen.out + seen.err


@pytest.mark.parametrize("provider", ["openai", "dashscope"])
async def test_a_wrong_key_is_refused_without_being_told(
    provider: str, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = next(case for case in CASES if case.name == f"script/{provider}")
    fake = OpenAIChat(key="another") if provider == "openai" else DashScopeText(key="another")
    with speaking(fake, case.settings, monkeypatch):
        error = await failure(provider, bench)
    assert isinstance(error, EngineFailed) and not error.retryable
    assert "API" in error.detail and "***" in error.detail and "secret-key" not in error.detail


async def test_a_cancel_ends_the_request_at_ollama(local: Ollama, bench: Bench) -> None:
    local.fail("POST .*", Fault(kind="hang"))
    work = asyncio.ensure_future(OllamaScript().write(ASKED, bench))
    until = time.monotonic() + 10
    while not local.sent and time.monotonic() < until:
        await asyncio.sleep(0.02)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


# -- set-up -----------------------------------------------------------------------------------------------


def test_each_is_set_up_by_its_own_names_and_the_older_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OllamaScript().missing() == [] and not OllamaScript().configured()
    assert OpenAIScript().missing() == ["OPENAI_API_KEY"] and not OpenAIScript().configured()
    assert DashScopeScript().missing() == ["DASHSCOPE_API_KEY"] and not DashScopeScript().configured()
    monkeypatch.setenv("OLLAMA_MODEL", "gemma4:12b")
    assert OllamaScript().configured() and OllamaScript().basis()["model"] == "gemma4:12b"
    monkeypatch.setenv("ENGINE_SCRIPT_OPENAI_BASE_URL", "http://127.0.0.1:8000")
    assert OpenAIScript().configured() and OpenAIScript().missing() == []
    assert OpenAIScript().lanes() == {"host http://127.0.0.1:8000": 4}
    monkeypatch.setenv("DASHSCOPE_API_KEY", KEY)
    engine = DashScopeScript()
    assert engine.configured()
    assert [(name[:14], places) for name, places in engine.lanes().items()] == [("dashscope key ", 2)]


async def test_a_server_of_ones_own_needs_no_key(
    openai: OpenAIChat, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
    assert len((await OpenAIScript().write(ASKED, bench)).shots) == 8
    assert openai.sent[0].path == "/v1/chat/completions"


@pytest.mark.parametrize(("region", "host"), [("cn", ""), ("intl", "-intl"), ("us", "-us")])
def test_a_region_has_its_own_address(region: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHSCOPE_REGION", region)
    assert DashScopeScript().settings.http_base() == f"https://dashscope{host}.aliyuncs.com/api/v1"


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        (":9000", "http://127.0.0.1:9000"),
        ("gpu.lan", "http://gpu.lan:11434"),
        ("http://gpu:11434/", "http://gpu:11434"),
        ("https://ollama.example.com", "https://ollama.example.com"),
        ("https://me:word@ollama.example.com/path", "https://me:word@ollama.example.com/path"),
        ("[::1]:11434", "http://[::1]:11434"),
        ("::", "http://127.0.0.1:11434"),
    ],
)
def test_a_host_may_be_written_as_ollama_itself_reads_it(written: str, url: str) -> None:
    assert host_url(written) == url


@pytest.mark.parametrize(
    ("name", "value", "provider"),
    [
        ("OLLAMA_HOST", "ftp://gpu", "ollama"),
        ("OLLAMA_HOST", "gpu:port", "ollama"),
        ("OPENAI_BASE_URL", "localhost:8000", "openai"),
        ("ENGINE_SCRIPT_DASHSCOPE_BASE_URL", "aliyuncs", "dashscope"),
        ("DASHSCOPE_REGION", "mars", "dashscope"),
        ("ENGINE_SCRIPT_OLLAMA_NUM_CTX", "100", "ollama"),
    ],
)
def test_a_setting_that_cannot_be_is_named(
    name: str, value: str, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EngineUnavailable) as caught:
        load("script", provider)
    assert name.removeprefix("ENGINE_SCRIPT_").split("_")[-1] in caught.value.detail.upper()


def test_the_word_to_get_in_is_not_in_the_name_of_a_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "https://me:word@ollama.example.com")
    assert OllamaScript().lanes() == {"host https://ollama.example.com": 1}


async def test_whether_ollama_has_its_model_is_told(local: Ollama, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await OllamaScript().unreachable() == []
    monkeypatch.setenv("OLLAMA_MODEL", "qwen3:32b")
    (sentence,) = await OllamaScript().unreachable()
    assert "ollama pull qwen3:32b" in sentence
    local.models = ("mistral:latest",)
    monkeypatch.setenv("OLLAMA_MODEL", "mistral")
    assert await OllamaScript().unreachable() == []


async def test_whether_a_server_knows_the_model_is_told(openai: OpenAIChat) -> None:
    assert await OpenAIScript().unreachable() == []
    openai.models = ["other"]
    (sentence,) = await OpenAIScript().unreachable()
    assert "has no model gpt-4o-mini" in sentence
    openai.fail("GET /v1/models", Fault(404, '{"error": "no such route"}'))
    assert await OpenAIScript().unreachable() == []
    openai.mend()
    openai.fail("GET /v1/models", Fault(500, "{}"))
    assert len(await OpenAIScript().unreachable()) == 1


async def test_whether_dashscope_answers_is_told(qwen: DashScopeText, monkeypatch: pytest.MonkeyPatch) -> None:
    assert await DashScopeScript().unreachable() == []
    monkeypatch.setenv("ENGINE_SCRIPT_DASHSCOPE_BASE_URL", "http://127.0.0.1:1/api/v1")
    (sentence,) = await DashScopeScript().unreachable()
    assert "127.0.0.1:1" in sentence


async def test_each_translates(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for case in CASES:
        with speaking(case.fake(), case.settings, monkeypatch):
            engine: Any = load(*case.name.split("/"))
            assert engine.can().translates
            made = await engine.translate(TranslateRequest(texts=("小白", "", "森林")), bench)
            assert made.texts == ("English words of text 1", "", "English words of text 2")
