"""A sidecar with a real server, as its clients see it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx2
import uvicorn

from app.sidecars.harness import Model, SidecarSettings, create_app

PATIENCE_S = 20.0


class Serving:
    """A sidecar with a real server in a thread, and what a client says to it."""

    def __init__(self, model: Model, settings: SidecarSettings) -> None:
        self.model, self.settings = model, settings
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(create_app(model, settings), log_config=None, timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=lambda: self._server.run(sockets=[self._socket]), daemon=True)
        token = settings.token.get_secret_value()
        self.client = httpx2.Client(
            base_url=self.url, timeout=PATIENCE_S, headers={"Authorization": f"Bearer {token}"} if token else {}
        )

    def start(self) -> Serving:
        self._thread.start()
        until(lambda: self._server.started)
        return self

    def stop(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)

    def put(
        self, run_id: str, request: dict[str, Any] | None = None, files: dict[str, tuple[str, bytes]] | None = None
    ) -> httpx2.Response:
        fields: dict[str, Any] = {"request": (None, json.dumps(request or {}))}
        return self.client.put(f"/runs/{run_id}", files={**fields, **(files or {})})

    def look(self, run_id: str, wait_s: float = 0, revision: int = -1) -> dict[str, Any]:
        answer = self.client.get(f"/runs/{run_id}", params={"wait_s": wait_s, "revision": revision})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ended(self, run_id: str) -> dict[str, Any]:
        state = self.look(run_id)
        while state["state"] in ("queued", "running"):
            state = self.look(run_id, wait_s=PATIENCE_S, revision=state["revision"])
        return state

    def health(self) -> dict[str, Any]:
        return dict(self.client.get("/health").json())

    def until_health(self, state: str) -> dict[str, Any]:
        until(lambda: self.health()["state"] == state)
        return self.health()

    def until_running(self, run_id: str) -> None:
        until(lambda: self.look(run_id)["state"] == "running")


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
