"""A canceled job lets go of the processor, with the engines that people use."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest
from place import Place

BUSY_SHARE = 0.2
"""Of one core, measured over half a second: less than this is rest."""


def media_child(place: Place) -> psutil.Process | None:
    for child in psutil.Process(place.workers[-1].pid).children():
        if "app.services.workflows.child" in child.cmdline() and "media" in child.cmdline():
            return child
    return None


def at_rest(place: Place) -> bool:
    """Whether the child that draws and encodes uses no processor, or is gone."""
    child = media_child(place)
    if child is None:
        return True
    try:
        before, began = child.cpu_times(), time.monotonic()
        time.sleep(0.5)
        after = child.cpu_times()
    except psutil.NoSuchProcess:
        return True
    used = after.user + after.system - before.user - before.system
    return used < BUSY_SHARE * (time.monotonic() - began)


@pytest.mark.parametrize("stage", ["draw", "cut"])
async def test_a_canceled_render_leaves_no_work_behind(tmp_path: Path, stage: str) -> None:
    place = Place(tmp_path, output_fps=24)
    try:
        place.worker(builtin=True)
        shots = [
            {"id": f"shot_{n}", "detail": f"a dog in a forest, {n}", "duration": 8, "camera": "push_in"}
            for n in range(12)
        ]
        job = await place.submit(place.order("video", "film", request={"shots": shots}))
        key = f"default/jobs/{job.job_id}"
        await place.until(
            lambda: any(one["name"] == stage and one["done"] for one in place.document(key)["stages"]), stage
        )
        assert not at_rest(place)
        assert (await place.jobs.cancel("default", job.job_id)).status == "canceled"
        await place.until(lambda: at_rest(place), "rest")
        assert list((place.settings.data_dir / "artifacts" / ".new").glob("*")) == []
        stopped = await place.jobs.get("default", job.job_id)
        done = {one.name: (one.done, one.total) for one in stopped.stages}
        assert stopped.status == "canceled" and done[stage][0] < done[stage][1]
    finally:
        place.close()
