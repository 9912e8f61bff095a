"""The long kill test, in a command of its own: ``pytest -s tests/soak/test_chaos.py``.

Ten films at once, twenty random kill -9 of workers, then one of every worker: every job ends, nothing finished is
made twice, and the business hears of every job's end under one ``webhook-id``.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "jobs"))

from conftest import Place
from storm import receiver, storm


async def test_ten_films_survive_twenty_kills_of_workers_and_one_of_all(tmp_path: Path) -> None:
    async with receiver() as taken:
        hook = f"http://127.0.0.1:{taken.port}/hook"
        place = Place(tmp_path, worker_jobs=1, worker_threads=1, callback_url=hook, callback_secret="secret")
        try:
            await storm(place, taken, renders=10, shots=6, kills=20, pause_s=(0.5, 3.0))
        finally:
            place.close()
