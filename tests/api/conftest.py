"""The real gateway over loopback, in a thread: real documents and job client, and no worker, so jobs stay queued.

Where a test needs a job that has got further, it writes the job's document, as a worker would.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

from app.core.config import Settings
from app.core.ids import new_id
from app.main import create_app
from app.models.job import JobEvent
from app.models.story import Shot, Story, Storyboard, Take, now


class House:
    """A running gateway and what stands behind it."""

    def __init__(self, app: FastAPI, url: str) -> None:
        self.app = app
        self.url = url
        self.settings: Settings = app.state.settings
        self.wiring = app.state.wiring

    def client(self, key: str = "") -> httpx2.Client:
        return httpx2.Client(base_url=self.url, headers={"X-API-Key": key} if key else {}, timeout=30)

    def change_job(self, job_id: str, tenant: str = "default", said: Any = None, **fields: Any) -> None:
        """Write into a job's document and log the event, as the worker does."""
        key = f"{tenant}/jobs/{job_id}"

        def changed(document: dict[str, Any]) -> dict[str, Any]:
            return {**document, **fields, "revision": document.get("revision", 0) + 1}

        stored = self.wiring.documents.update(key, changed)
        data = {name: stored[name] for name in ("status", "progress", "message")} | (said or {})
        event = JobEvent(id=stored["revision"], event="status", at=now(), data=data)
        self.wiring.documents.append(key, event.model_dump())
        if stored["status"] in ("succeeded", "failed", "canceled"):
            self.wiring.documents.delete(f"open/{job_id}")

    def end_job(self, job_id: str, status: str, tenant: str = "default", **fields: Any) -> None:
        self.change_job(job_id, tenant, status=status, finished_at=now(), **fields)

    def put_story(self, story_id: str, user_id: str, tenant: str = "default", shots: int = 2) -> Story:
        board = Storyboard(
            version=1,
            job_id=new_id(),
            created_at=now(),
            shots=[
                Shot(
                    id=f"shot_{number:02}",
                    sequence=number,
                    subject="小狗",
                    detail=f"第{number}件事",
                    image_detail=f"画面{number}",
                    camera="push_in",
                    narration=f"旁白{number}",
                )
                for number in range(1, shots + 1)
            ],
        )
        story = Story(story_id=story_id, user_id=user_id, display_name="片名", text="故事", storyboard=board)
        return self.wiring.stories.put_storyboard(tenant, story)

    def put_take(self, story: Story, shot_id: str, content: bytes, tmp_path: Path, tenant: str = "default") -> str:
        """Publish ``content`` as a new key frame of the shot; its object key."""
        name = f"image-{new_id()[-8:]}.jpg"
        source = tmp_path / name
        source.write_bytes(content)
        key = f"{tenant}/story/{story.user_id}/{story.story_id}/shots/{shot_id}/{name}"
        self.wiring.objects.put(key, source)
        take = Take(
            number=0,
            artifact=new_id(),
            object_key=key,
            made_from="",
            engine="image/builtin",
            job_id="",
            created_at=now(),
        )
        self.wiring.stories.add_take(tenant, story.story_id, story.user_id, shot_id, "image", take)
        return key


def _served(settings: Settings) -> Iterator[House]:
    app = create_app(settings)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the gateway did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield House(app, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def serve() -> Callable[[Settings], Iterator[House]]:
    return _served


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Without keys."""
    yield from _served(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("open"), max_body_bytes=6_000_000))


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """With two tenants and a plain key."""
    keys = ["alpha:key-a", "beta:key-b", "plain-key"]
    yield from _served(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("keyed"), api_keys=keys))


@pytest.fixture
def client(house: House) -> Iterator[httpx2.Client]:
    with house.client() as client:
        yield client


@pytest.fixture
def ids() -> dict[str, str]:
    """Ids that no other test uses."""
    end = new_id().lower()
    return {"operation_id": f"op-{end}", "story_id": f"story-{end}", "user_id": f"u-{end}"}
