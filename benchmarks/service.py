"""How quick the service is over HTTP, everything included: start, posting, job start, a whole film, /health meanwhile.

    python benchmarks/service.py [--runs 3] [--posts 400] [--renders 0]

Starts the service on a free port with a fresh data folder and prints one line per figure with its bar. Start and
film are measured ``--runs`` times, each time from nothing, and the medians are printed: wall time says what a user
waits on this machine as it was just then, CPU time (all processes of the service) says what it cost.
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
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psutil

ROOT = Path(__file__).resolve().parents[1]
STORY = (
    "An old lighthouse keeper watches the storm roll in from the sea, and thinks of the ships. "
    "A girl and her dog walk through a snowy wood, on the tracks of a fox. "
    "A sailing ship leaves the harbour under a golden sunset, and gulls fly with it. "
    "The dragon circles the castle in the mountains, and nobody opens a window. "
    "A lonely man walks the neon street in the rain, and stops before a door. "
    "In the morning the whole village celebrates, and all the bells ring."
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

    def cpu_s(self) -> float:
        """User and system seconds of the gateway, the worker and their children so far."""
        gateway = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (gateway, *gateway.children(recursive=True))]
        return sum(one.user + one.system for one in times)

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


async def measure_film(service: Service, http: aiohttp.ClientSession) -> dict[str, float]:
    """Storyboard and film from nothing: seconds by name. Raises AssertionError if the same film costs twice."""
    base, ids = service.base, {"story_id": "bench", "user_id": "bench"}
    board = {"script_content": STORY, "display_name": "Bench", "shot_count": 6, "resolution": "720p"}
    async with health_watch(base, http) as took:
        cpu, began = service.cpu_s(), time.monotonic()
        made = await post(http, f"{base}/api/v1/storyboard/create", ids | board | {"operation_id": "b1"}, 120)
        found = {"storyboard": time.monotonic() - began, "storyboard CPU": service.cpu_s() - cpu}
        film = await post(http, f"{base}/api/v1/video/render", ids | {"operation_id": "r1"}, 290)
        found |= {"film": time.monotonic() - began, "film CPU": service.cpu_s() - cpu}
    assert len(made["shots"]) == 6, made
    job = await (await http.get(f"{base}/api/v1/jobs/{film['operation']['job_id']}")).json()
    found["duration"] = float(job["result"]["duration"])
    found |= {f"   stage {stage['name']} ({stage['total']})": stage["seconds"] for stage in job["stages"]}
    ranked = sorted(took)
    found |= {"health p99": ranked[int(len(ranked) * 0.99)] / 1000, "health max": ranked[-1] / 1000}
    began = time.monotonic()
    again = await post(http, f"{base}/api/v1/video/render", ids | {"operation_id": "r2"}, 290)
    assert film["video_url"] and again["video_url"] == film["video_url"], (film, again)
    return found | {"again": time.monotonic() - began}


def print_films(runs: list[dict[str, float]]) -> None:
    middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    for_30_s = 30 / middle["duration"]
    say("start until /health answers", f"{middle['health']:.2f} s", "< 2 s")
    say("start until /ready answers", f"{middle['ready']:.2f} s")
    say("storyboard of 6 shots, wall / CPU", f"{middle['storyboard']:.1f} / {middle['storyboard CPU']:.1f} s")
    spread = f"{min(run['film'] for run in runs):.1f} to {max(run['film'] for run in runs):.1f} s in {len(runs)} runs"
    say(f"... to finished film of {middle['duration']:.1f} s, 720p, wall", f"{middle['film']:.1f} s", spread)
    say("... CPU of all processes", f"{middle['film CPU']:.1f} s")
    say("... wall for 30 s, in proportion", f"{middle['film'] * for_30_s:.1f} s", "<= 20 s")
    for name, value in middle.items():
        if name.startswith("   stage"):
            say(name, f"{value:.2f} s")
    answered = f"{middle['health p99'] * 1000:.0f} / {middle['health max'] * 1000:.0f} ms"
    say("GET /health meanwhile, p99 / max", answered, "<= 100 ms")
    say("the same film again", f"{middle['again']:.2f} s", "same URL")


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
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--posts", type=int, default=400)
    parser.add_argument("--renders", type=int, default=0)
    options = parser.parse_args()
    films: list[dict[str, float]] = []
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=None)) as http:
        while len(films) < options.runs:
            with tempfile.TemporaryDirectory() as folder:
                service = Service(Path(folder))
                try:
                    started = {name: await service.answers(f"/{name}", http) for name in ("health", "ready")}
                    films.append(started | await measure_film(service, http))
                    if len(films) == options.runs:
                        print_films(films)
                        await measure_the_rest(service.base, http, options.posts, options.renders)
                finally:
                    service.stop()


async def measure_the_rest(base: str, http: aiohttp.ClientSession, posts: int, renders: int) -> None:
    await measure_job_start(base, http)
    await measure_posting(base, http, posts)
    if renders:
        await measure_many_renders(base, http, renders)


if __name__ == "__main__":
    asyncio.run(main())
