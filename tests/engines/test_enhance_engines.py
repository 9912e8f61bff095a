"""What the enhancement engines send, what they believe, and the builtin ones in their child process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cases_enhance import a_small_clip
from contract import Bench, made
from fakes.enhance import enhancing, fake_enhance, sound_of
from fakes.sidecar import FakeSidecar

from app.core.errors import EngineFailed, EngineFault
from app.models.engine import InterpolateRequest, Plain, UpscaleRequest
from app.services.engines.base import Engine
from app.services.engines.registry import load

BOTH = pytest.mark.parametrize(("kind", "provider"), [("upscale", "flashvsr"), ("interpolate", "rife")])


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSidecar]:
    with fake_enhance() as server:
        monkeypatch.setenv("VIDEO_ENHANCE_URL", f"{server.url}/")
        yield server


def ask(kind: str, clip: Path, factor: int = 2) -> Plain:
    return (UpscaleRequest if kind == "upscale" else InterpolateRequest)(clip=clip, factor=factor)


def engine(kind: str, provider: str, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv(f"ENGINE_{kind}_{provider}_POLL_S".upper(), "0.01")
    return load(kind, provider)


@BOTH
async def test_every_field_that_is_sent(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, provider: str
) -> None:
    fake.token = "sesame"
    monkeypatch.setenv("VIDEO_ENHANCE_TOKEN", "sesame")
    clip = a_small_clip(tmp_path)
    result = await made(engine(kind, provider, monkeypatch), ask(kind, clip), bench)
    (run,) = fake.order
    wanted = {"task": "superres", "scale": 2} if kind == "upscale" else {"task": "interpolate", "multi": 2}
    assert run.request == wanted
    assert run.files == {"clip": clip.read_bytes()}
    assert run.names == {"clip": "small.mp4"}
    assert {sent.headers.get("authorization") for sent in fake.sent} == {"Bearer sesame"}
    assert result.facts["factor"] == 2
    assert result.facts["rife_version"] == 4.25
    assert sound_of(result.clip) == sound_of(clip)
    assert fake.runs == {}, "it is forgotten there"


@BOTH
async def test_both_share_one_lane_of_one_host(
    fake: FakeSidecar, monkeypatch: pytest.MonkeyPatch, kind: str, provider: str
) -> None:
    assert load(kind, provider).lanes() == {f"host {fake.url}": 1}
    assert load(kind, provider).configured()
    monkeypatch.delenv("VIDEO_ENHANCE_URL")
    assert load(kind, provider).lanes() == {"host http://127.0.0.1:6006": 1}
    assert load(kind, provider).missing() == []


@BOTH
async def test_a_model_without_weights_is_told_by_the_list_of_engines(
    fake: FakeSidecar, kind: str, provider: str
) -> None:
    assert await load(kind, provider).unreachable() == []
    fake.health |= {"models": [], "missing": {provider: f"no weights: ./deploy.sh fetch {provider}"}}
    (sentence,) = await load(kind, provider).unreachable()
    assert f"./deploy.sh fetch {provider}" in sentence


@BOTH
async def test_another_factor_is_refused_before_anything_is_sent(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, kind: str, provider: str
) -> None:
    with pytest.raises(EngineFailed, match="2 and 4, not 3"):
        await made(load(kind, provider), ask(kind, a_small_clip(tmp_path), 3), bench)
    assert fake.sent == []


@pytest.mark.parametrize("wrong", ["size", "frames", "sound", "nothing", "garbage"])
@BOTH
async def test_what_is_not_as_asked_is_not_believed(
    fake: FakeSidecar,
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    provider: str,
    wrong: str,
) -> None:
    clip = a_small_clip(tmp_path)
    other = enhancing({"task": "superres", "scale": 4}, {"clip": clip.read_bytes()})[1]["clip.mp4"]
    frames = enhancing({"task": "interpolate", "multi": 4}, {"clip": clip.read_bytes()})[1]["clip.mp4"]
    silent = _silent(enhancing({"task": "superres", "scale": 2}, {"clip": clip.read_bytes()})[1]["clip.mp4"], tmp_path)
    bodies: dict[str, dict[str, bytes]] = {
        "size": {"clip.mp4": other},
        "frames": {"clip.mp4": frames},
        "sound": {"clip.mp4": silent},
        "nothing": {"other.mp4": other},
        "garbage": {"clip.mp4": b"<html>"},
    }

    def make(*_: Any) -> Any:
        return {}, bodies[wrong]

    fake.make = make
    with pytest.raises(EngineFault):
        await made(engine(kind, provider, monkeypatch), ask(kind, clip), bench)


def _silent(clip: bytes, folder: Path) -> bytes:
    import av

    (folder / "loud.mp4").write_bytes(clip)
    with av.open(str(folder / "loud.mp4")) as source, av.open(str(folder / "silent.mp4"), "w") as out:
        track = out.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = track
                out.mux(packet)
    return (folder / "silent.mp4").read_bytes()


@BOTH
async def test_a_remembered_run_is_asked_after_and_not_sent_again(
    fake: FakeSidecar, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, provider: str
) -> None:
    fake.never_ends = True
    one, clip = engine(kind, provider, monkeypatch), a_small_clip(tmp_path)
    work = asyncio.ensure_future(made(one, ask(kind, clip), bench))
    while not fake.order:
        await asyncio.sleep(0.01)
    work.cancel()
    await asyncio.wait({work})
    assert bench.task is not None
    fake.never_ends = False
    result = await made(engine(kind, provider, monkeypatch), ask(kind, clip), bench)
    assert result.clip.is_file()
    assert len(fake.calls("PUT .*")) == 1


async def test_the_builtin_ones_work_in_the_child_and_say_what_they_made(bench: Bench, tmp_path: Path) -> None:
    clip = a_small_clip(tmp_path)
    larger = await made(load("upscale", "builtin"), ask("upscale", clip, 4), bench)
    assert larger.clip == bench.folder / "upscaled.mp4"
    assert (larger.facts["width"], larger.facts["frames"], larger.facts["sound"]) == (384, 5, True)
    smoother = await made(load("interpolate", "builtin"), ask("interpolate", larger.clip), bench)
    assert (smoother.facts["width"], smoother.facts["frames"], smoother.facts["fps"]) == (384, 10, 24.0)
    assert sound_of(smoother.clip) == sound_of(clip)
    with pytest.raises(EngineFailed, match="not 3 times"):
        await made(load("upscale", "builtin"), ask("upscale", clip, 3), bench)
    (tmp_path / "broken.mp4").write_bytes(b"none")
    with pytest.raises(EngineFailed, match=r"broken\.mp4"):
        await made(load("interpolate", "builtin"), ask("interpolate", tmp_path / "broken.mp4"), bench)


async def test_a_cancel_stops_the_builtin_one_at_once(bench: Bench, tmp_path: Path) -> None:
    from fakes.enhance import scene, write_clip

    at = scene(0, 640, 360)
    clip = write_clip(tmp_path / "long.mp4", [at(number) for number in range(8)] * 12)
    work = asyncio.ensure_future(made(load("interpolate", "builtin"), ask("interpolate", clip, 4), bench))
    while not (bench.folder / "interpolated.mp4").exists():
        await asyncio.sleep(0.02)
    work.cancel()
    done, _ = await asyncio.wait({work}, timeout=3)
    assert done and work.cancelled()
    assert not (bench.folder / "interpolated.mp4").exists()
