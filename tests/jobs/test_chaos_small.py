from __future__ import annotations

from pathlib import Path

from place import Place
from storm import receiver, storm


async def test_three_films_survive_three_kills_of_workers_and_one_of_all(tmp_path: Path) -> None:
    async with receiver() as taken:
        hook = f"http://127.0.0.1:{taken.port}/hook"
        place = Place(tmp_path, worker_jobs=1, worker_threads=1, callback_url=hook, callback_secret="secret")
        try:
            await storm(place, taken, renders=3, shots=3, kills=3, pause_s=(0.5, 1.5))
        finally:
            place.close()
