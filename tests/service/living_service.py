"""The whole service as a business meets it: ``python -m app.main`` on a free port, and a callback receiver."""

from __future__ import annotations

import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import psutil

ROOT = Path(__file__).resolve().parents[2]
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Business:
    """Keeps every callback with its headers."""

    def __init__(self) -> None:
        self.got: queue.Queue[tuple[dict[str, str], str]] = queue.Queue()
        got = self.got

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                got.put(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


class Service:
    def __init__(self, folder: Path, callback_url: str, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self._environment = os.environ | {
            "DATA_DIR": str(folder / "data"),
            "SERVICE_PORT": str(port),
            "PUBLIC_BASE_URL": self.url,
            "CALLBACK_URL": callback_url,
            "CALLBACK_SECRET": SECRET,
            "PYTHONPATH": str(ROOT),
            "OUTPUT_FPS": "12",
            **settings,
        }
        self.http = httpx2.Client(base_url=self.url, timeout=310)
        self.start()

    def start(self) -> None:
        with (self.folder / "service.log").open("ab") as log:
            command = [sys.executable, "-m", "app.main"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=self._environment, stderr=log)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if self.http.get("/ready").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError((self.folder / "service.log").read_text())

    def tree(self) -> list[psutil.Process]:
        """The service's processes, the gateway first."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def kill_everything(self) -> None:
        for process in self.tree():
            process.kill()
        self.process.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def post(self, path: str, body: dict[str, Any], wait_s: int = 240) -> dict[str, Any]:
        headers = {"Prefer": f"wait={wait_s}"} if wait_s else {}
        answer = self.http.post(path, json=body, headers=headers)
        assert answer.status_code == (200 if wait_s else 202), answer.text
        return dict(answer.json())

    def job(self, body: dict[str, Any]) -> dict[str, Any]:
        return dict(self.http.get(f"/api/v1/jobs/{body['operation']['job_id']}").json())

    def fetch(self, url: str, target: Path) -> Path:
        answer = self.http.get(url)
        assert answer.status_code == 200, url
        target.write_bytes(answer.content)
        return target
