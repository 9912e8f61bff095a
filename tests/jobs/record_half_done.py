"""Records jobs that are half done, for test_replay.py: ``PYTHONPATH=. python tests/jobs/record_half_done.py``.

The recording stands for a data folder of the version that made it, which the worker of every later version has
to finish (the job runtime matches recorded steps by order and name). Make a new one, beside the old ones, when a
release is cut; replace one only when its shape was never released.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import tarfile
import tempfile
from pathlib import Path

from place import Place

from app.core.config import load_settings

HERE = Path(__file__).parent
KEPT = ("documents", "artifacts", "objects", "jobs.sqlite")
NAME = "half_done_jobs-1.tar.xz"


async def record(place: Place) -> None:
    """A storyboard, a shot and a film, each killed when half of its steps are recorded."""
    place.worker()
    for story in ("s-shot", "s-film"):
        job = await place.done(place.script(f"board-{story}", f"{story} one", f"{story} two", story=story))
        assert job.status == "succeeded", job.error
    calm, slow = {"id": "shot_01"}, {"id": "shot_02", "detail": "slow:4 anew", "image_detail": "slow:4 anew"}
    request = {"changes": {"image_detail": "slow:4 again"}, "assets": ["image", "audio", "video"], "seed": 3}
    orders = [
        place.script("half-storyboard", "quick", "slow:4 late", story="s-board"),
        place.order("shot", "half-shot", "s-shot", shot_id="shot_02", request=request),
        place.order("video", "half-film", "s-film", request={"shots": [calm, slow]}),
    ]
    jobs = [await place.submit(order) for order in orders]

    def half_done() -> bool:
        documents = [place.document(f"default/jobs/{job.job_id}") for job in jobs]
        done = [{stage["name"]: stage["done"] for stage in document["stages"]} for document in documents]
        found = [(stages.get("speak", 0), stages.get("draw", 0)) for stages in done]
        assert all(drawn <= 1 for _, drawn in found), "this machine is too slow now: try again"
        return found == [(0, 1), (1, 0), (2, 1)]

    await place.until(half_done, "half done")
    place.workers[-1].send_signal(signal.SIGKILL)
    place.workers[-1].wait()


def pack(data: Path, target: Path) -> None:
    """The data folder without locks and half made files, the database in one file."""
    with sqlite3.connect(data / "jobs.sqlite") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.execute("VACUUM")
    with tarfile.open(target, "w:xz", preset=9) as tar:
        for name in KEPT:
            tar.add(data / name, name, filter=lambda one: None if "/." in one.name else one)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        try:
            asyncio.run(record(place))
        finally:
            place.close()
        (HERE / "data").mkdir(exist_ok=True)
        pack(load_settings(**place.values).data_dir, HERE / "data" / NAME)


if __name__ == "__main__":
    main()
