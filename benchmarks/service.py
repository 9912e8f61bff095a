"""How quick the service is over HTTP, everything included: start, posting, job start, a whole film, /health meanwhile.

    python benchmarks/service.py [--posts 400] [--renders 0]

Starts the service on a free port with a fresh data folder and prints one line per figure with its bar.
``--renders 100`` also posts that many renders at once and waits until every one has ended.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parents[1]
STORY = (
    "An old lighthouse keeper watches the storm roll in from the sea. A girl and her dog walk through a snowy wood. "
    "A sailing ship leaves the harbour under a golden sunset. The dragon circles the castle in the mountains. "
    "A lonely man walks the neon street in the rain. In the morning the whole village celebrates."
)


def say(name: str, value: str, bar: str = "") -> None:
    print(f"{name:58s} {value:>16s}   {bar}", flush=True)


class Service:
    def __init__(self, data_dir: Path, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.base = f"http://127.0.0.1:{self.port}"
        environment = os.environ | {"DATA_DIR": str(data_dir), "SERVICE_PORT": str(self.port), "LOG_LEVEL": "WARNING"}
        self.began = time.monotonic()
        command = [sys.executable, "-m", "app.main"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment | settings)

    async def answers(self, path: str, http: aiohttp.ClientSession) -> float:
        """Seconds from the process's start until ``path`` answers 200."""
        while True:
            try:
                async with http.get(self.base + path) as answer:
                    if answer.status == 200:
                        return time.monotonic() - self.began
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.02)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


async def post(http: aiohttp.ClientSession, url: str, body: dict[str, Any], wait_s: int = 0) -> dict[str, Any]:
    headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
    async with http.post(url, json=body, headers=headers) as answer:
        return dict(await answer.json())


@asynccontextmanager
async def health_watch(base: str, http: aiohttp.ClientSession) -> AsyncIterator[list[float]]:
    """Ask /health twenty times a second and collect how long each answer took, in ms."""
    took: list[float] = []

    async def watch() -> None:
        while True:
            began = time.monotonic()
            async with http.get(f"{base}/health") as answer:
                await answer.read()
            took.append((time.monotonic() - began) * 1000)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(watch())
    try:
        yield took
    finally:
        task.cancel()


def worst(took: list[float]) -> str:
    ranked = sorted(took)
    return f"{ranked[int(len(ranked) * 0.99)]:.0f} / {ranked[-1]:.0f} ms"


async def measure_film(base: str, http: aiohttp.ClientSession) -> None:
    ids = {"story_id": "bench", "user_id": "bench"}
    board = {"script_content": STORY, "display_name": "Bench", "shot_count": 6, "resolution": "720p"}
    async with health_watch(base, http) as took:
        began = time.monotonic()
        made = await post(http, f"{base}/api/v1/storyboard/create", ids | board | {"operation_id": "b1"}, 120)
        storyboard_s = time.monotonic() - began
        film = await post(http, f"{base}/api/v1/video/render", ids | {"operation_id": "r1"}, 290)
        total_s = time.monotonic() - began
    job = await (await http.get(f"{base}/api/v1/jobs/{film['operation']['job_id']}")).json()
    duration = float(job["result"]["duration"])
    say("storyboard of 6 shots", f"{storyboard_s:.1f} s")
    say(f"storyboard to finished film of {duration:.1f} s, 720p", f"{total_s:.1f} s", "<= 20 s for 30 s")
    for stage in job["stages"]:
        say(f"   stage {stage['name']} ({stage['done']}/{stage['total']})", f"{stage['seconds']:.2f} s")
    say("GET /health meanwhile, p99 / max", worst(took), "<= 100 ms")
    began = time.monotonic()
    again = await post(http, f"{base}/api/v1/video/render", ids | {"operation_id": "r2"}, 290)
    same = again["video_url"] == film["video_url"] and film["video_url"]
    say("the same film again", f"{time.monotonic() - began:.2f} s", "same URL" if same else "URL DIFFERS")
    assert len(made["shots"]) == 6, made


async def measure_posting(base: str, http: aiohttp.ClientSession, posts: int) -> None:
    """Four writers post jobs that fail fast at the worker or wait in its queue; only the posting is timed."""
    took: list[float] = []

    async def writer(index: int) -> None:
        for number in range(posts // 4):
            body = {"story_id": "bench", "user_id": "bench", "shot_id": "shot_01", "assets": ["audio"]}
            began = time.monotonic()
            await post(http, f"{base}/api/v1/shot/regenerate", body | {"operation_id": f"p{index}-{number}"})
            took.append((time.monotonic() - began) * 1000)

    await asyncio.gather(*(writer(index) for index in range(4)))
    ranked = sorted(took)
    p50, p99 = statistics.median(ranked), ranked[int(len(ranked) * 0.99)]
    say(f"{len(took)} posts by 4 writers, p50 / p99", f"{p50:.0f} / {p99:.0f} ms", "p99 <= 100 ms")
    await until_idle(base, http)


async def until_idle(base: str, http: aiohttp.ClientSession) -> None:
    while True:
        left = 0
        for status in ("queued", "running"):
            listing = await (await http.get(f"{base}/api/v1/jobs?status={status}&limit=5")).json()
            left += len(listing["jobs"])
        if not left:
            return
        await asyncio.sleep(0.5)


async def measure_job_start(base: str, http: aiohttp.ClientSession) -> None:
    waits = []
    for number in range(10):
        body = {"story_id": "bench", "user_id": "bench", "shot_id": "shot_01", "assets": ["audio"]}
        answer = await post(http, f"{base}/api/v1/shot/regenerate", body | {"operation_id": f"s{number}"}, 60)
        job = await (await http.get(f"{base}/api/v1/jobs/{answer['operation']['job_id']}")).json()
        waits.append(seconds(job["started_at"]) - seconds(job["created_at"]))
    say("posted to started, median / max", f"{statistics.median(waits):.2f} / {max(waits):.2f} s", "<= 0.3 s")


def seconds(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()


async def measure_many_renders(base: str, http: aiohttp.ClientSession, renders: int) -> None:
    async with health_watch(base, http) as took:
        began = time.monotonic()
        kinds = ["cut", "fade", "dissolve"]
        bodies = [
            {
                "story_id": "bench",
                "user_id": "bench",
                "operation_id": f"m{n}",
                "transition": kinds[n % 3],
                "bgm": "none",
            }
            for n in range(renders)
        ]
        answers = await asyncio.gather(*(post(http, f"{base}/api/v1/video/render", body) for body in bodies))
        await until_idle(base, http)
    ends: dict[str, int] = {}
    for answer in answers:
        job = await (await http.get(f"{base}/api/v1/jobs/{answer['operation']['job_id']}")).json()
        ends[job["status"]] = ends.get(job["status"], 0) + 1
    say(f"{renders} renders posted at once, all ended after", f"{time.monotonic() - began:.1f} s", str(ends))
    say("GET /health meanwhile, p99 / max", worst(took), "<= 100 ms")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=400)
    parser.add_argument("--renders", type=int, default=0)
    options = parser.parse_args()
    timeout = aiohttp.ClientTimeout(total=None)
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        async with aiohttp.ClientSession(timeout=timeout) as http:
            try:
                say("start until /health answers", f"{await service.answers('/health', http):.2f} s", "< 2 s")
                say("start until /ready answers", f"{await service.answers('/ready', http):.2f} s")
                parts: list[Callable[[], Awaitable[None]]] = [
                    lambda: measure_film(service.base, http),
                    lambda: measure_job_start(service.base, http),
                    lambda: measure_posting(service.base, http, options.posts),
                ]
                for part in parts:
                    await part()
                if options.renders:
                    await measure_many_renders(service.base, http, options.renders)
            finally:
                service.stop()


if __name__ == "__main__":
    asyncio.run(main())
