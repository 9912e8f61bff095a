"""What every engine must do, tried on every engine that there is."""

from __future__ import annotations

import asyncio
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract import Bench, Case, made, within
from fakes.base import Fake, Fault

from app.core.errors import AppError, EngineFailed, EngineFault, EngineTimeout, EngineUnavailable
from app.services.engines.base import Engine
from app.services.engines.registry import ENGINES, load

ROOT = Path(__file__).resolve().parents[2]
CASES: dict[str, Case] = {
    case.name: case
    for path in sorted(Path(__file__).parent.glob("cases_*.py"))
    for case in importlib.import_module(path.stem).CASES
}
HOUSE = {f"{kind}/{provider}" for kind, providers in ENGINES.items() for provider in providers}
OFFLINE = {name for name in HOUSE if name.endswith("/builtin")} | {"speech/openjtalk"}
"""Engines that ask nobody: their own rooms try them."""
PATIENCE_S = 20.0
SECRET_STATUSES = {"401": Fault(401, '{"message": "Incorrect API key provided", "code": "InvalidApiKey"}')}


def named(name: str) -> Engine:
    return load(*name.split("/", 1))


@pytest.fixture
def fake(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    """The fake of the case's provider, which the settings point at."""
    case = CASES[request.getfixturevalue("name")]
    with case.fake() as server:
        for setting, value in case.settings(server.url).items():
            monkeypatch.setenv(setting, value)
        yield server


def test_every_engine_that_asks_somebody_has_its_case() -> None:
    assert set(CASES) == HOUSE - OFFLINE


@pytest.mark.parametrize("name", sorted(HOUSE))
def test_an_engine_is_what_the_registry_calls_it(name: str) -> None:
    engine = named(name)
    assert engine.name == name
    assert engine.kind == name.split("/")[0]
    assert engine.version
    assert (engine.place == "builtin") == name.endswith("/builtin")


@pytest.mark.parametrize("name", sorted(CASES))
def test_what_is_missing_is_named(name: str) -> None:
    missing = " ".join(named(name).missing())
    for setting in CASES[name].needed:
        assert setting in missing


@pytest.mark.parametrize("name", sorted(CASES))
def test_nobody_is_asked_whom_the_owner_did_not_set_up(name: str) -> None:
    assert not named(name).configured()


@pytest.mark.parametrize("name", sorted(CASES))
async def test_it_makes_what_it_is_asked_for(name: str, fake: Fake, bench: Bench, tmp_path: Path) -> None:
    case, engine = CASES[name], named(name)
    assert engine.missing() == []
    result = await within(PATIENCE_S, made(engine, case.request(tmp_path), bench))
    for field in ("image", "clip", "audio"):
        path = getattr(result, field, None)
        assert path is None or (path.is_file() and path.is_relative_to(bench.folder))
    case.check(result)


FAULTS: dict[str, tuple[Fault, type[AppError], bool]] = {
    "drop": (Fault(kind="drop"), EngineFault, True),
    "hang": (Fault(kind="hang"), EngineTimeout, True),
    "401": (SECRET_STATUSES["401"], EngineFailed, False),
    "429": (Fault(429, '{"message": "Requests rate limit exceeded"}', {"Retry-After": "7"}), EngineFault, True),
    "500": (Fault(500, '{"message": "internal error"}'), EngineFault, True),
    "truncated": (Fault(kind="truncated"), EngineFault, True),
    "garbage": (Fault(kind="garbage"), EngineFault, True),
}


@pytest.mark.parametrize(
    ("name", "fault"),
    [(name, fault) for name, case in sorted(CASES.items()) for fault in case.faults if fault in FAULTS],
)
async def test_a_fault_becomes_the_right_error(name: str, fault: str, fake: Fake, bench: Bench, tmp_path: Path) -> None:
    wrong, kind, retryable = FAULTS[fault]
    case, engine = CASES[name], named(name)
    fake.fail(case.first, wrong)
    with pytest.raises(AppError) as caught:
        await within(PATIENCE_S, made(engine, case.request(tmp_path), bench))
    error = caught.value
    assert error.retryable is retryable, f"{type(error).__name__}: {error.detail}"
    assert error.status in (502, 503, 504)
    # A dropped connection cannot be told from an unreachable host by every vendor's client.
    assert isinstance(error, kind) or (fault == "drop" and isinstance(error, EngineUnavailable)), error.detail
    if fault == "429":
        assert error.retry_after_s == 7


@pytest.mark.parametrize("name", sorted(name for name, case in CASES.items() if "refused" in case.faults))
async def test_a_host_that_is_not_there_is_named(name: str, fake: Fake, bench: Bench, tmp_path: Path) -> None:
    case, engine = CASES[name], named(name)
    host = f"127.0.0.1:{fake.port}"
    request = case.request(tmp_path)
    fake.stop_listening()
    with pytest.raises(EngineUnavailable) as caught:
        await within(PATIENCE_S, made(engine, request, bench))
    assert caught.value.retryable
    assert host in caught.value.detail
    if case.fake is not None and engine.place == "local":
        assert any(host in sentence for sentence in await within(PATIENCE_S, engine.unreachable()))


@pytest.mark.parametrize("name", sorted(CASES))
async def test_a_cancel_stops_it_and_tells_its_provider(name: str, fake: Fake, bench: Bench, tmp_path: Path) -> None:
    case, engine = CASES[name], named(name)
    if case.slow is not None:
        case.slow(fake)
    else:
        fake.fail(case.first, Fault(kind="hang"))
    work = asyncio.ensure_future(made(engine, case.request(tmp_path), bench))
    for _ in range(400):
        begun = bench.task is not None if case.slow is not None else bool(fake.calls(case.first))
        if begun:
            break
        await asyncio.sleep(0.02)
    assert begun, "it never began"
    bench.canceled = True
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=4)
    assert done and work.cancelled()
    if case.stopped:
        assert fake.calls(case.stopped)


@pytest.mark.parametrize("name", sorted(name for name, case in CASES.items() if case.slow is not None))
async def test_a_worker_that_ends_leaves_the_task_to_the_next(
    name: str, fake: Fake, bench: Bench, tmp_path: Path
) -> None:
    case, engine = CASES[name], named(name)
    assert case.slow is not None
    case.slow(fake)
    work = asyncio.ensure_future(made(engine, case.request(tmp_path), bench))
    for _ in range(400):
        if bench.task is not None:
            break
        await asyncio.sleep(0.02)
    work.cancel()
    await asyncio.wait({work}, timeout=4)
    assert bench.task is not None
    if case.stopped:
        assert not fake.calls(case.stopped)


def test_importing_engines_loads_no_sdk_and_no_model() -> None:
    modules = sorted({target.partition(":")[0] for kind in ENGINES.values() for target in kind.values()})
    heavy = ["numpy", "cv2", "av", "PIL", "torch", "diffusers", "transformers"]
    heavy += ["ollama", "openai", "dashscope", "edge_tts", "oss2", "boto3"]
    code = (
        f"import importlib, sys\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert seen.stdout.strip() == "[]", seen.stderr[-1500:]
