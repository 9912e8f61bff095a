"""A running service with settings of its own, spoken to by whatever a socket can carry."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
from living_service import Service

SMALL = {"resolution": "480p", "aspect_ratio": "1:1", "shot_count": 1, "user_id": "u"}
TEXT = "小狗找妈妈。"


class Attacked(Service):
    """``settings`` go into the environment. Its client sends ``key`` and it may start where the disk is small."""

    def __init__(self, folder: Path, callback_url: str = "", key: str = "", **settings: str) -> None:
        self._settings = settings
        self._key = key
        super().__init__(folder, callback_url)

    def start(self) -> None:
        self._environment |= self._settings
        self.http.headers.update({"X-API-Key": self._key} if self._key else {})
        with (self.folder / "service.log").open("ab") as log:
            command = [sys.executable, "-m", "app.main"]
            self.process = subprocess.Popen(command, cwd=self.folder, env=self._environment, stderr=log)
        until(self._answers, 60)

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log
        try:
            return self.is_up(self.http.get("/ready"))
        except httpx2.TransportError:
            return False

    def is_up(self, answer: httpx2.Response) -> bool:
        """Whether what ``/ready`` says is good enough to begin."""
        return answer.status_code == 200

    @property
    def data(self) -> Path:
        return Path(self._environment["DATA_DIR"])

    @property
    def log(self) -> str:
        return (self.folder / "service.log").read_text()

    def documents(self, pattern: str) -> list[Path]:
        """Sound documents by their path under the documents' folder."""
        return sorted(path for path in (self.data / "documents").glob(pattern) if ".corrupt-" not in path.name)

    def story(self, name: str, **more: Any) -> dict[str, Any]:
        """A small storyboard, waited for."""
        body = SMALL | {"operation_id": f"board-{name}", "story_id": name, "script_content": TEXT} | more
        return self.post("/api/v1/storyboard/create", body)

    def try_post(self, path: str, body: dict[str, Any], wait_s: int = 120) -> Any:
        """The answer, whatever it is. Lone surrogates are sent as JSON escapes."""
        headers = {"content-type": "application/json"} | ({"Prefer": f"wait={wait_s}"} if wait_s else {})
        return self.http.post(path, content=json.dumps(body).encode(), headers=headers)

    def raw(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """A request whose target goes out as it is written, neither quoted nor tidied."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=30)
        try:
            connection.putrequest(method, target, skip_host="host" in (headers or {}), skip_accept_encoding=True)
            for name, value in {"content-length": str(len(body)), **(headers or {})}.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


def until(condition: Callable[[], Any], patience_s: float = 30) -> Any:
    """What ``condition`` gives as soon as it is true."""
    end = time.monotonic() + patience_s
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.05)
    return value


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The body of an error, in its one shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = dict(answer.json())
    assert body["code"] == code and body["detail"] == body["message"] != "" and body["request_id"]
    return body
