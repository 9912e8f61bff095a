"""What the soak tests watch a running service with: its answers, its artifacts, its callbacks, its processes."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import psutil
from living_service import Business, Service

Body = dict[str, Any]


class Pulse:
    """Asks ``/health`` ten times a second in a thread of its own, and notes how long every answer took."""

    def __init__(self, url: str) -> None:
        self.seconds: list[float] = []
        self.unanswered = 0
        self._url = url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Pulse:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with httpx2.Client(base_url=self._url, timeout=10) as http:
            while not self._stop.wait(0.1):
                began = time.perf_counter()
                try:
                    http.get("/health").raise_for_status()
                except httpx2.HTTPError:
                    self.unanswered += 1
                else:
                    self.seconds.append(time.perf_counter() - began)

    def __str__(self) -> str:
        return f"{quantiles(self.seconds)}, {self.unanswered} unanswered of {len(self.seconds) + self.unanswered}"


def quantiles(seconds: list[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {1000 * cuts[49]:.0f} ms, p99 {1000 * cuts[98]:.0f} ms, most {1000 * max(seconds):.0f} ms"


class Shelf:
    """Remembers every artifact that it has seen: made once means the same folder for good."""

    def __init__(self, data: Path) -> None:
        self._root = data / "artifacts"
        self.seen: dict[str, tuple[int, int, str]] = {}

    def look(self) -> None:
        """Raises AssertionError when an artifact is not the one that it was."""
        for manifest in self._root.glob("??/*/manifest.json"):
            facts = (
                manifest.parent.stat().st_ino,
                manifest.stat().st_ino,
                json.loads(manifest.read_text())["created_at"],
            )
            assert self.seen.setdefault(manifest.parent.name, facts) == facts, f"{manifest} was made again"

    def lost(self) -> list[str]:
        return [key for key in self.seen if not (self._root / key[:2] / key).exists()]


def made_twice(folder: Path) -> dict[tuple[str, str], int]:
    """Artifacts that workers say they made more than once."""
    words = "".join(path.read_text("utf-8", "replace") for path in folder.glob("*.log"))
    return {name: n for name, n in Counter(re.findall(r" made (\w+) ([0-9a-f]+) in ", words)).items() if n > 1}


class Workers:
    """Further workers beside the one that the service supervises."""

    def __init__(self, service: Service, count: int) -> None:
        self._service = service
        self._count = count
        self._mine: list[subprocess.Popen[bytes]] = []

    def fill(self) -> None:
        """Start what is missing."""
        self._mine = [process for process in self._mine if process.poll() is None]
        while len(self._mine) < self._count:
            number = time.monotonic_ns()
            with (self._service.folder / f"worker-{number}.log").open("ab") as log:
                command = [sys.executable, "-m", "app.worker"]
                environment = self._service._environment
                self._mine.append(
                    subprocess.Popen(
                        command, cwd=self._service.folder, env=environment, stderr=log, stdin=subprocess.DEVNULL
                    )
                )

    def at_work(self) -> list[int]:
        """Pids of the workers, the supervised one among them, that draw or encode; waits until there is one."""
        while True:
            mine = [psutil.Process(process.pid) for process in self._mine if process.poll() is None]
            try:
                all_of_them = mine + psutil.Process(self._service.process.pid).children()
                if found := [process.pid for process in all_of_them if process.children()]:
                    return found
            except psutil.NoSuchProcess:
                continue
            time.sleep(0.1)

    def kill_all(self) -> None:
        for process in self._mine:
            process.kill()
            process.wait()


def kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return


def post_all(service: Service, bodies: list[Body]) -> tuple[list[Body], list[float]]:
    """Post all renders at once; the answers, and how long each took in seconds."""
    together = threading.Barrier(len(bodies))

    def post(body: Body) -> tuple[Body, float]:
        with httpx2.Client(base_url=service.url, timeout=60) as http:
            together.wait()
            began = time.perf_counter()
            answer = http.post("/api/v1/video/render", json=body)
            took = time.perf_counter() - began
        assert answer.status_code == 202, answer.text
        return answer.json(), took

    with ThreadPoolExecutor(len(bodies)) as pool:
        answers, seconds = zip(*pool.map(post, bodies), strict=True)
    return list(answers), list(seconds)


def ended(service: Service, job_ids: list[str], patience_s: float) -> list[Body]:
    """The jobs when all are over."""
    until = time.monotonic() + patience_s
    jobs: list[Body] = []
    while time.monotonic() < until:
        jobs = [service.http.get(f"/api/v1/jobs/{job_id}").json() for job_id in job_ids]
        if all(job["status"] in ("succeeded", "failed", "canceled") for job in jobs):
            return jobs
        time.sleep(0.5)
    raise AssertionError([(job["job_id"], job["status"], job["message"]) for job in jobs])


def webhook_ids(business: Business, jobs: list[Body], patience_s: float = 60) -> dict[str, set[str]]:
    """The ``webhook-id`` of every callback by job, as soon as each of ``jobs`` has called."""
    by_job: defaultdict[str, set[str]] = defaultdict(set)
    until = time.monotonic() + patience_s
    while not {job["job_id"] for job in jobs} <= by_job.keys():
        headers, body = business.got.get(timeout=max(0.1, until - time.monotonic()))
        by_job[json.loads(body)["data"]["operation"]["job_id"]].add(headers["webhook-id"])
    time.sleep(2)  # one more of a job would come about now
    while not business.got.empty():
        headers, body = business.got.get()
        by_job[json.loads(body)["data"]["operation"]["job_id"]].add(headers["webhook-id"])
    return by_job
