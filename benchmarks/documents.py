"""How fast documents are with 100,000 jobs on the disk: ``python benchmarks/documents.py [jobs]``.

Figures are milliseconds, median and 99th percentile. Beside each write stands what the disk itself takes for
the bare recipe (write, fsync, rename, fsync of the folder), measured in the same run and folder.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.models.job import Job, Stage
from app.models.story import Shot, Story, Storyboard, now
from app.services.stories import Stories
from app.storage.documents_json import JsonDocuments

WRITERS, POSTS = 4, 250
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(moment_ms: int, dice: random.Random) -> str:
    number = moment_ms << 80 | dice.getrandbits(80)
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def job(job_id: str) -> dict[str, Any]:
    stages = [Stage(name=name, status="done", done=6, total=6) for name in ("write", "draw", "speak", "cut", "join")]
    return Job(
        job_id=job_id, tenant="default", kind="video", user_id="u-001", operation_id=job_id, status="succeeded",
        request={"text": "小狗找妈妈的故事。" * 20}, stages=stages, result={"film": {"artifact": "ab" * 32}},
    ).model_dump(mode="json")  # fmt: skip


def timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def told(name: str, times: list[float]) -> None:
    times = sorted(times)
    print(f"{name:58} p50 {statistics.median(times):8.3f}   p99 {times[int(len(times) * 0.99)]:8.3f}   n {len(times)}")


def fill(documents: JsonDocuments, count: int) -> list[str]:
    """``count`` finished jobs of the last 60 days, written without fsync; their keys, oldest first."""
    dice, end = random.Random(1), time.time_ns() // 1_000_000
    ids = sorted(ulid(end - dice.randrange(60 * 86_400_000), dice) for _ in range(count))
    text = json.dumps(job(ids[0]), ensure_ascii=False, indent=2)
    for job_id in ids:
        path = documents.path(f"default/jobs/{job_id}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [f"default/jobs/{job_id}" for job_id in ids]


def bare_write(folder: Path) -> None:
    temporary = folder / f".bare-{os.getpid()}"
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    os.write(descriptor, b"x" * 1500)
    os.fsync(descriptor)
    os.close(descriptor)
    temporary.replace(folder / f"bare-{os.getpid()}")
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def post(root: Path, name: int, times: Any) -> None:
    """What posting a job costs in documents: operation, marker, job, first event; then a worker's first change."""
    documents, dice, posted, changed = JsonDocuments(root), random.Random(name), [], []
    for _ in range(POSTS):
        job_id = ulid(time.time_ns() // 1_000_000, dice)
        document = job(job_id)

        def create(job_id: str = job_id, document: dict[str, Any] = document) -> None:
            documents.create(f"default/operations/{dice.getrandbits(256):064x}", {"job_id": job_id, "fingerprint": "x"})
            documents.create(f"open/{job_id}", {"tenant": "default"})
            documents.create(f"default/jobs/{job_id}", document)
            documents.append(f"default/jobs/{job_id}", {"id": 1, "event": "status"})

        posted.append(timed(create))
        changed.append(
            timed(lambda key=f"default/jobs/{job_id}": documents.update(key, lambda d: {**d, "revision": 1}))
        )
    times.put((posted, changed))


def posting(root: Path, writers: int) -> None:
    processes = multiprocessing.get_context("spawn")
    times = processes.Queue()
    workers = [processes.Process(target=post, args=(root, number, times)) for number in range(writers)]
    for worker in workers:
        worker.start()
    results = [times.get() for _ in workers]
    for worker in workers:
        worker.join()
    told(f"post (3 creates, 1 log line), {writers} writers", [one for posted, _ in results for one in posted])
    told(f"update of a job, {writers} writers", [one for _, changed in results for one in changed])


def stories(documents: JsonDocuments, count: int = 2000) -> None:
    room = Stories(documents)
    shots = [
        Shot(id=f"shot_{n:02d}", sequence=n, detail="先走后停最后看" * 8, narration="小狗" * 30) for n in range(1, 9)
    ]
    for number in range(count):
        board = Storyboard(version=1, job_id="j", created_at=now(), shots=shots, last_number=8)
        story = Story(story_id=f"s{number}", user_id=f"u{number % 50}", text="故事" * 500, storyboard=board)
        path = documents.path(f"default/stories/{story.story_id}/{story.user_id}")
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(story.model_dump(mode="json"), ensure_ascii=False, indent=2))
    told(f"newest 50 of {count} stories", [timed(lambda: room.list("default")) for _ in range(20)])
    patch = {"narration": "新"}
    told("patch a shot", [
        timed(lambda n=n: room.patch_shot("default", f"s{n}", f"u{n % 50}", "shot_03", patch)) for n in range(200)
    ])  # fmt: skip


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    root = Path(tempfile.mkdtemp(prefix="documents-"))
    try:
        documents = JsonDocuments(root)
        began = time.perf_counter()
        keys = fill(documents, count)
        print(f"{count} jobs on disk, made in {time.perf_counter() - began:.0f} s")
        dice = random.Random(2)

        def newest() -> None:
            page = islice(documents.keys("default/jobs", newest_first=True), 50)
            assert [documents.read(key) for key in page][0] is not None  # noqa: RUF015

        def page_from(key: str) -> None:
            for one in islice(documents.keys("default/jobs", newest_first=True, before=key), 50):
                documents.read(one)

        told("read one job", [timed(lambda: documents.read(dice.choice(keys))) for _ in range(2000)])
        told("newest 50 jobs, read", [timed(newest) for _ in range(100)])
        told("50 jobs before any other, read", [timed(lambda: page_from(dice.choice(keys))) for _ in range(100)])
        told("the disk: one bare durable write", [timed(lambda: bare_write(root)) for _ in range(500)])
        posting(root, 1)
        posting(root, WRITERS)
        key = keys[0]
        told("append a log line", [timed(lambda: documents.append(key, {"id": 1})) for _ in range(1000)])
        stories(documents)
        print(f"every key, in order: {timed(lambda: sum(1 for _ in documents.keys('default/jobs'))):.0f} ms")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
