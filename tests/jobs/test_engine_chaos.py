"""Workers killed, jobs canceled and documents damaged at the worst moments around a provider's task.

The provider is a folder: every order is a file in it, so that what would be paid for can be counted after any crash.
Run as a script this is a worker with the engines below.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from place import HERE, ROOT, Place

from app.core.config import load_settings
from app.core.errors import EngineFailed, EngineFault
from app.models.api import shots_body
from app.models.engine import (
    AnimateRequest,
    AnimateResult,
    ClipResult,
    DrawRequest,
    DrawResult,
    TranslateRequest,
    TranslateResult,
    UpscaleRequest,
)
from app.models.freshness import basis
from app.models.job import Job
from app.models.story import Shot, Story, Storyboard, Take
from app.services.engines.base import Capabilities, Context, ImageEngine, ScriptEngine, UpscaleEngine, VideoEngine
from app.services.engines.provider_task import Seen, Task, TaskGone, followed
from app.services.workflows.steps.plan import look_of
from app.services.workflows.steps.publish import dated

SOON_S = 15.0
"""Much less than any pause or time-out that a cancel must not wait for."""


class Kiln(ImageEngine):
    """Orders pictures from the provider in the folder KILN, which tells the task's number."""

    name, version, place = "image/kiln", "1", "cloud"
    chooses = False

    def __init__(self) -> None:
        self.provider = Path(os.environ["KILN"])

    def lanes(self) -> dict[str, int]:
        return {"kiln": 2}

    async def draw(self, request: DrawRequest, context: Context) -> DrawResult:
        words = request.prompt.split()
        if "busy" in words:
            (self.provider / "asked").touch()
            raise EngineFault("the kiln is full", retry_after_s=60)
        if "surprise" in words:
            raise KeyError("no such field")
        if "refused" in words:
            raise EngineFailed("the kiln refused these words")
        chosen = {"id": uuid.uuid4().hex, "host": "a"} if self.chooses else None
        await followed(context, submit=self._submit, look=self._look, stop=self._stop, chosen=chosen, poll_s=0.05)
        self._dies("result")
        made = await context.compute("tiny_tasks:paint", request.model_dump(mode="json"))
        return DrawResult(image=context.folder / made["image"], seed=request.seed)

    async def _submit(self, task: Task) -> Task:
        self._dies("unsubmitted")
        task = {"host": "a", "id": uuid.uuid4().hex, **task}
        (self.provider / f"{task['id']}.order").touch()
        self._dies("submitted")
        return task

    async def _look(self, task: Task) -> Seen[bool]:
        order = self.provider / f"{task['id']}.order"
        if not order.exists() or task["host"] != "a":
            raise TaskGone
        order.with_suffix(".looked").touch()
        self._dies("polling")
        if order.with_suffix(".stopped").exists():
            return Seen(failed=EngineFault("somebody stopped the task"))
        return Seen(result=True) if (self.provider / "open").exists() else Seen(progress=0.5)

    async def _stop(self, task: Task) -> None:
        (self.provider / f"{task['id']}.stopped").touch()

    def _dies(self, where: str) -> None:
        """Once, if a test asked for it."""
        mark = self.provider / f"die-{where}"
        if mark.exists():
            mark.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class ChoosingKiln(Kiln):
    """The same at a provider that lets us choose the task's number."""

    name = "image/choosing"
    chooses = True


class Anglophone(Kiln):
    name = "image/anglophone"
    capabilities = Capabilities(english_prompts=True, reference_images=True)


class Mute(ScriptEngine):
    """Never ends a translation, unless of a portrait's words."""

    name, version, place = "script/mute", "1", "cloud"
    capabilities = Capabilities(translates=True)

    async def write(self, request: Any, context: Context) -> Any:
        raise EngineFailed("it only translates")

    async def translate(self, request: TranslateRequest, context: Context) -> TranslateResult:
        (Path(os.environ["KILN"]) / "asked").touch()
        await asyncio.Event().wait()
        raise AssertionError


class Reel(VideoEngine):
    """Sends a clip of one colour, as a file, and counts what it was asked for."""

    name, version, place = "video/reel", "1", "cloud"

    async def animate(self, request: AnimateRequest, context: Context) -> AnimateResult:
        (Path(os.environ["KILN"]) / f"{uuid.uuid4().hex}.clip").touch()
        context.progress(0.5)
        await asyncio.to_thread(self._film, context.folder / "clip.mp4", request)
        return AnimateResult(clip=context.folder / "clip.mp4")

    def _film(self, path: Path, request: AnimateRequest) -> None:
        import av
        import numpy as np

        with av.open(str(path), "w") as media:
            track = media.add_stream("libx264", rate=request.fps, options={"preset": "ultrafast"})
            track.width, track.height, track.pix_fmt = 160, 160, "yuv420p"
            picture = np.full((160, 160, 3), 90, np.uint8)
            for _ in range(request.frames):
                media.mux(track.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            media.mux(track.encode(None))


class BrokenUpscale(UpscaleEngine):
    name, version, place = "upscale/broken", "1", "cloud"

    async def upscale(self, request: UpscaleRequest, context: Context) -> ClipResult:
        context.progress(0.9)
        raise EngineFailed("the enlarger is out of order")


ENGINES = {
    "script": {"builtin": "tiny_engines:TinyScript", "mute": "test_engine_chaos:Mute"},
    "image": {
        "kiln": "test_engine_chaos:Kiln",
        "choosing": "test_engine_chaos:ChoosingKiln",
        "anglophone": "test_engine_chaos:Anglophone",
        "builtin": "tiny_engines:TinyImage",
    },
    "video": {"reel": "test_engine_chaos:Reel", "builtin": "app.services.engines.builtin.video:BuiltinVideo"},
    "upscale": {"broken": "test_engine_chaos:BrokenUpscale"},
    "interpolate": {"builtin": "app.services.engines.builtin.interpolate:BuiltinInterpolate"},
    "speech": {"builtin": "tiny_engines:TinySpeech"},
    "music": {"builtin": "tiny_engines:TinyMusic"},
}


class Studio(Place):
    """A place whose workers have the engines above."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **{"engines_script": "builtin", "engines_image": "kiln,builtin", **settings})
        self.provider = folder / "provider"
        self.provider.mkdir()
        self.new = self.settings.data_dir / "artifacts" / ".new"

    def worker(self, *, builtin: bool = False) -> subprocess.Popen[bytes]:
        names = {name.upper(): str(value) for name, value in self.values.items()}
        path = {"PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}", "KILN": str(self.provider)}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, __file__], env={**os.environ, **names, **path}, cwd=self.folder, stderr=log
            )
        self.workers.append(process)
        return process

    def count(self, ending: str) -> int:
        return len(list(self.provider.glob(f"*.{ending}")))

    def tasks(self) -> list[Path]:
        return [self.services.documents.path(key) for key in self.services.documents.keys("tasks")]

    def open(self) -> None:
        (self.provider / "open").touch()

    async def died(self) -> None:
        worker = self.workers[-1]
        await asyncio.wait_for(asyncio.to_thread(worker.wait), 60)
        assert worker.returncode == -signal.SIGKILL, self.log_tail()

    async def polled(self) -> None:
        await self.until(lambda: self.count("looked"), "a look at the task")

    async def stopped(self, job: Job, *, alone: bool = True) -> None:
        """Cancel, and wait until the worker has let go of the job; not ``alone``: another one goes on at once."""
        assert (await self.jobs.cancel("default", job.job_id)).status == "canceled"
        async with asyncio.timeout(SOON_S):
            await self.until(lambda: "is stopped" in self.log.read_text("utf-8", "replace"), "told")
            if alone:
                await self.until(lambda: not list(self.new.glob("*")), "let go")


@pytest.fixture
def settings() -> dict[str, Any]:
    return {}


@pytest.fixture
def studio(tmp_path: Path, settings: dict[str, Any]) -> Iterator[Studio]:
    studio = Studio(tmp_path, **settings)
    yield studio
    studio.close()


def pictures(job: Job) -> list[str]:
    shots = [Shot.model_validate(shot) for shot in (job.result or {})["shots"]]
    return [take.engine for shot in shots if (take := shot.take("image")) is not None]


# -- a worker dies -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("engine", "where", "orders"),
    [
        ("kiln", "submitted", 2),  # nobody else knows the number of the first: the one case that costs twice
        ("kiln", "polling", 1),
        ("kiln", "result", 1),
        ("choosing", "unsubmitted", 1),
        ("choosing", "submitted", 1),
    ],
)
async def test_a_worker_killed_at_any_moment_orders_no_more_than_it_must(
    studio: Studio, engine: str, where: str, orders: int
) -> None:
    studio.values["engines_image"] = f"{engine},builtin"
    studio.open()
    (studio.provider / f"die-{where}").touch()
    studio.worker()
    job = await studio.submit(studio.script("op", "a vase"))
    await studio.died()
    studio.worker()
    ended = await studio.ended(job)
    assert (ended.status, ended.attempts, pictures(ended)) == ("succeeded", 2, [f"image/{engine}"])
    assert studio.count("order") == orders and studio.count("stopped") == 0
    assert studio.tasks() == []


@pytest.mark.parametrize(
    "damage", ["no json at all", "[1, 2]", '{"strange": 1}', '{"id": "gone", "host": "a"}', '{"id": "x", "host": "b"}']
)
async def test_a_damaged_memory_of_a_task_costs_another_one_and_not_the_job(studio: Studio, damage: str) -> None:
    studio.worker()
    job = await studio.submit(studio.script("op", "a vase"))
    await studio.polled()
    studio.workers[-1].kill()
    await studio.died()
    (task,) = studio.tasks()
    task.write_text(damage)
    studio.open()
    studio.worker()
    ended = await studio.ended(job)
    assert (ended.status, pictures(ended)) == ("succeeded", ["image/kiln"]), ended.error
    assert studio.count("order") == 2 and studio.tasks() == []


async def test_a_shot_that_had_fallen_back_stays_so_when_its_job_is_taken_over(studio: Studio) -> None:
    studio.worker()
    job = await studio.submit(studio.script("op", "refused", "a vase"))
    await studio.polled()
    key = f"default/jobs/{job.job_id}"
    await studio.until(lambda: any(one["name"] == "draw" and one["done"] for one in studio.document(key)["stages"]))
    studio.workers[-1].kill()
    await studio.died()
    studio.open()
    studio.worker()
    ended = await studio.ended(job)
    assert (ended.status, pictures(ended)) == ("succeeded", ["image/builtin", "image/kiln"])
    assert [note for note in ended.notes if note.startswith("shot_01: image/kiln failed")]
    assert studio.count("order") == 1


# -- a job is canceled ---------------------------------------------------------------------------------------


async def test_who_waits_for_the_same_picture_gets_it_although_the_other_job_is_canceled(studio: Studio) -> None:
    studio.worker()
    first = await studio.submit(studio.script("one", "a vase", story="s1"))
    await studio.polled()
    second = await studio.submit(studio.script("two", "a vase", story="s2"))
    key = f"default/jobs/{second.job_id}"
    await studio.until(lambda: {one["name"]: one["total"] for one in studio.document(key)["stages"]}.get("draw"))
    await asyncio.sleep(0.3)
    await studio.stopped(first, alone=False)
    studio.open()
    ended = await studio.ended(second)
    assert (ended.status, pictures(ended), ended.notes) == ("succeeded", ["image/kiln"], [])
    assert (studio.count("order"), studio.count("stopped")) == (1, 0)
    assert studio.tasks() == []


async def test_a_canceled_picture_is_stopped_at_its_provider_and_can_be_had_later(studio: Studio) -> None:
    studio.worker()
    job = await studio.submit(studio.script("one", "a vase"))
    await studio.polled()
    await studio.stopped(job)
    assert studio.count("stopped") == 1
    studio.open()
    ended = await studio.done(studio.script("two", "a vase"))
    assert (ended.status, pictures(ended), ended.notes) == ("succeeded", ["image/kiln"], [])
    assert studio.tasks() == []


CAST = [{"name": "小狗", "description": "一只棕色的小狗"}]


@pytest.mark.parametrize(
    ("settings", "request_"),
    [
        pytest.param({"engines_image": "kiln"}, {"text": "busy"}, id="back-off"),
        pytest.param(
            {"engines_image": "anglophone", "engines_script": "builtin,mute", "cast_references": "false"},
            {"text": "小狗", "language": "zh"},
            id="translation",
        ),
        pytest.param(
            {"engines_image": "anglophone", "image_character": "kiln"},
            {"text": "a dog", "characters": [{"name": "busy", "description": "busy as a bee"}]},
            id="portrait",
        ),
    ],
)
async def test_a_cancel_is_heard_in_every_wait(studio: Studio, request_: dict[str, Any]) -> None:
    studio.worker()
    order = studio.order("storyboard", "op", "s1", request={"resolution": "480p", **request_})
    job = await studio.submit(order)
    await studio.until(lambda: (studio.provider / "asked").exists(), "the wait")
    await studio.stopped(job)
    studio.open()


# -- an engine surprises -------------------------------------------------------------------------------------


async def test_what_nobody_foresaw_in_an_engine_is_its_failure_and_not_the_film_s(studio: Studio) -> None:
    studio.open()
    studio.worker()
    ended = await studio.done(studio.script("op", "surprise", "a vase"))
    assert ended.status == "succeeded", ended.error
    assert pictures(ended) == ["image/builtin", "image/kiln"]
    assert any("image/kiln" in note and "KeyError" in note for note in ended.notes), ended.notes


# -- shots that go on ----------------------------------------------------------------------------------------


async def test_a_clip_that_goes_on_is_fresh_when_the_shot_before_got_a_new_picture(studio: Studio) -> None:
    studio.open()
    studio.worker()
    await studio.done(studio.script("board", "a vase", "a cup", "a jug"))
    stories = studio.services.stories
    for shot_id in ("shot_02", "shot_03"):
        stories.patch_shot("default", "s1", "u1", shot_id, {"continues": True})
    stories.patch_shot("default", "s1", "u1", "shot_01", {"image_detail": "another vase"})
    film = await studio.done(studio.order("video", "film", request={"cards": False}))
    assert film.status == "succeeded", film.error
    assert (film.result or {})["stale"] == {}


def chain(count: int) -> Story:
    """A story of shots that all have a clip and go on from one another."""
    story = Story(story_id="s", user_id="u", storyboard=Storyboard(version=1, job_id="j", created_at="t"))
    clip = Take(number=0, artifact="a", object_key="", made_from="", engine="e", job_id="j", created_at="t")
    shots = [Shot(id=f"shot_{n}", sequence=n, continues=True) for n in range(count)]
    for shot in shots:
        shot.add_take("video", clip)
    assert story.storyboard is not None
    story.storyboard.shots = shots
    return story


def test_a_chain_of_any_length_is_looked_through() -> None:
    story = chain(1500)
    assert len(dated(story)) == 1500
    shown = shots_body(story, str)["shots"]
    assert {tuple(one["stale"]) for one in shown} == {("video",)}


def test_the_shots_of_a_former_storyboard_go_on_from_their_own_neighbours() -> None:
    story = chain(3)
    former = story.storyboard
    assert former is not None
    for shot in former.shots:
        shot.takes["video"][0].made_from = basis(story, shot, "video")
    assert {tuple(one["stale"]) for one in shots_body(story, str)["shots"]} == {()}
    newer = [shot.model_copy(update={"detail": "other words"}, deep=True) for shot in former.shots]
    story = story.model_copy(update={"storyboard": former.model_copy(update={"version": 2, "shots": newer})})
    assert {tuple(one["stale"]) for one in shots_body(story, str)["shots"]} == {("video",)}
    assert {tuple(one["stale"]) for one in shots_body(story, str, former)["shots"]} == {()}


@pytest.mark.parametrize(("fps", "multi", "most"), [(24, 4, 60), (25, 2, 50), (40, 2, 60), (24, 1, 24)])
def test_a_smoother_film_keeps_the_frames_of_the_plain_one(fps: int, multi: int, most: int) -> None:
    look, _ = look_of(chain(1), {"fps": fps, "multi": multi}, load_settings())
    assert look.fps == most and look.plain(3 * most) == (fps, 3 * fps)


@pytest.mark.parametrize("settings", [{"engines_video": "reel", "engines_upscale": "broken", "output_fps": 24}])
async def test_a_larger_and_smoother_film_pays_for_no_clip_again_and_tells_what_it_lacks(studio: Studio) -> None:
    studio.open()
    studio.worker()
    request = {"text": "a vase\na cup", "resolution": "480p", "aspect_ratio": "1:1"}
    await studio.done(studio.order("storyboard", "board", "s1", request=request))
    studio.services.stories.patch_shot("default", "s1", "u1", "shot_02", {"continues": True})
    plain = {"cards": False, "subtitles": "none", "bgm": "none", "transition": "cut"}
    first = await studio.done(studio.order("video", "plain", "s1", request=plain))
    assert first.status == "succeeded", first.error
    assert studio.count("clip") == 2
    large = await studio.done(studio.order("video", "large", "s1", request={**plain, "scale": 2, "multi": 4}))
    assert large.status == "succeeded", large.error
    assert studio.count("clip") == 2
    assert [note for note in large.notes if "shot_01: the clip was not enlarged" in note and "out of order" in note]
    assert any("60 frames per second" in note for note in large.notes)
    engines = [Shot.model_validate(one).take("video").engine for one in large.result["shots"]]  # type: ignore[index, union-attr]
    assert engines == ["video/reel + interpolate/builtin"] * 2
    events = studio.services.jobs._records.events("default", large.job_id, 0)
    percent = [event.data["progress"] for event in events]
    assert percent == sorted(percent) and percent[-1] == 100.0
    assert {stage.name: (stage.done, stage.total) for stage in large.stages}["enhance"] == (2, 2)
    again = {"changes": {}, "assets": ["video"], "seed": 9}
    shot = await studio.done(studio.order("shot", "again", "s1", shot_id="shot_02", request=again))
    assert shot.status == "succeeded" and studio.count("clip") == 3, shot.error
    # The film goes on from the very picture that the shot's own clip went on from.
    await studio.done(studio.order("video", "third", "s1", request=plain))
    assert studio.count("clip") == 3


if __name__ == "__main__":
    import test_engine_chaos

    from app.core.logging import setup_logging
    from app.services.job_runtime import KINDS
    from app.services.workflows.runner import TASK_PREFIXES
    from app.worker import serve

    read = load_settings()
    setup_logging(read.log_level, read.log_format)
    asyncio.run(serve(read, KINDS, engines=test_engine_chaos.ENGINES, tasks=(*TASK_PREFIXES, "tiny_tasks")))
