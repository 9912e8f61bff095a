"""One data folder with its services and, where asked for, real worker processes with tiny engines."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.config import Settings, load_settings
from app.models.job import Job
from app.services import wiring
from app.services.jobs import Order

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE_S = 60.0


class Place:
    """One data folder with its services and workers."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.values = {"data_dir": folder / "data", "output_fps": 8, "worker_threads": 2, **settings}
        self.settings: Settings = load_settings(**self.values)
        self.services = wiring.build(self.settings)
        self.jobs = self.services.jobs
        self.workers: list[subprocess.Popen[bytes]] = []
        self.log = folder / "workers.log"

    def worker(self, *, builtin: bool = False) -> subprocess.Popen[bytes]:
        """Start a worker; it takes jobs as soon as it is up. Its engines are tiny ones unless ``builtin``."""
        names = {name.upper(): str(value) for name, value in self.values.items()}
        env = {**os.environ, **names, "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}"}
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *(["-m", "app.worker"] if builtin else [str(HERE / "tiny_worker.py")])],
                env=env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        self.workers.append(process)
        return process

    def close(self) -> None:
        for process in self.workers:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()

    def order(self, kind: str, operation: str, story: str = "s1", **more: Any) -> Order:
        values = {"tenant": "default", "user_id": "u1", "operation_id": operation, "story_id": story, **more}
        return Order(kind=kind, **values)

    def script(self, operation: str, *lines: str, story: str = "s1", **more: Any) -> Order:
        """An order for a storyboard with one shot per line."""
        request = {"text": "\n".join(lines), "resolution": "480p"}
        return self.order("storyboard", operation, story, request=request, **more)

    async def submit(self, order: Order) -> Job:
        return (await self.jobs.submit(order))[0]

    async def done(self, order: Order) -> Job:
        """Submit and wait for the end."""
        job = await self.submit(order)
        return await self.ended(job)

    async def ended(self, job: Job) -> Job:
        job = await self.jobs.wait("default", job.job_id, PATIENCE_S)
        assert job.terminal, f"{job.kind} is {job.status}: {job.message}\n{self.log_tail()}"
        return job

    async def until(self, true: Callable[[], Any], what: str = "") -> Any:
        """The first true value."""
        for _ in range(int(PATIENCE_S / 0.05)):
            value = await asyncio.to_thread(true)
            if value:
                return value
            await asyncio.sleep(0.05)
        raise AssertionError(f"never came true: {what}\n{self.log_tail()}")

    def made(self) -> Counter[tuple[str, str]]:
        """How often every artifact was made, by the workers' own words: (kind, key)."""
        text = self.log.read_text("utf-8", "replace") if self.log.exists() else ""
        return Counter(re.findall(r" made (\w+) ([0-9a-f]+) in ", text))

    def log_tail(self) -> str:
        return (
            "".join(self.log.read_text("utf-8", "replace").splitlines(keepends=True)[-40:]) if self.log.exists() else ""
        )

    def document(self, key: str) -> dict[str, Any]:
        return json.loads(self.services.documents.path(key).read_text("utf-8"))
