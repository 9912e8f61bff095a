"""The whole main job over HTTP, as a business back end would do it: storyboard, one shot again, film, callback.

Run by ``./deploy.sh demo``. It starts the service with its own data folder on a free port, plays the business
(a callback receiver that verifies the signature), saves everything that the URLs open, and stops the service.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_ZGVtby1zZWNyZXQtb25seS1mb3ItdGhlLWV4YW1wbGU="  # a made-up one: set your own CALLBACK_SECRET


class Business:
    """Receives callbacks and keeps those whose signature is right."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        events = self.events

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                Webhook(SECRET).verify(body.decode(), headers)  # raises, and so answers nothing, if it is forged
                events.put(json.loads(body) | {"webhook-id": headers["webhook-id"]})
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/callback"

    def wait_for(self, kind: str, operation_id: str) -> dict[str, Any]:
        while True:
            event = self.events.get(timeout=300)
            if event["type"].startswith(kind) and event["data"]["operation"]["operation_id"] == operation_id:
                return event


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(method: str, url: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=310) as answer:
        return dict(json.load(answer))


def start_service(base: str, data_dir: Path, callback_url: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "SERVICE_PORT": base.rsplit(":", 1)[1],
        "PUBLIC_BASE_URL": base,
        "DATA_DIR": str(data_dir),
        "CALLBACK_URL": callback_url,
        "CALLBACK_SECRET": SECRET,
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    process = subprocess.Popen([sys.executable, "-m", "app.main"], cwd=ROOT, env=environment)
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"{base}/ready", timeout=2):
                return process
        except OSError:
            if process.poll() is not None:
                raise SystemExit("the service did not start") from None
            time.sleep(0.2)
    raise SystemExit("the service did not become ready within 30 s")


def save(url: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with urllib.request.urlopen(url, timeout=60) as answer, target.open("wb") as file:
        shutil.copyfileobj(answer, file)


def succeeded(event: dict[str, Any]) -> dict[str, Any]:
    if not event["type"].endswith(".succeeded"):
        raise SystemExit(f"{event['type']}: {event['data']['operation']['detail']}")
    print(f"   callback {event['type']} signed and received, webhook-id {event['webhook-id']}")
    return dict(event["data"])


def make_film(base: str, business: Business, story: dict[str, Any], out: Path) -> None:
    run, began = f"demo-{time.time_ns()}", time.monotonic()
    ids = {"story_id": story["story_id"], "user_id": story["user_id"]}

    print(f"1. storyboard of “{story['script_content'][:40]}”")
    call("POST", f"{base}/api/v1/storyboard/create", story | {"operation_id": f"{run}-board"})
    shots = succeeded(business.wait_for("storyboard", f"{run}-board"))["shots"]
    for shot in shots:
        print(f"   {shot['id']}  {shot['camera']}  {shot['narration']}")

    print("2. the second shot once more, with another seed")
    again = ids | {"operation_id": f"{run}-shot", "shot_id": shots[1]["id"], "seed": 11}
    call("POST", f"{base}/api/v1/shot/regenerate", again)
    succeeded(business.wait_for("shot", f"{run}-shot"))

    print("3. the film")
    call("POST", f"{base}/api/v1/video/render", ids | {"operation_id": f"{run}-film"})
    film = succeeded(business.wait_for("video", f"{run}-film"))
    seconds = time.monotonic() - began

    board = call("GET", f"{base}/api/v1/stories/{story['story_id']}/shots?user_id={story['user_id']}")
    for shot in board["shots"]:
        save(shot["image_url"], out / "key_frames" / f"{shot['id']}.jpg")
        save(shot["video_url"], out / "clips" / f"{shot['id']}.mp4")
    relative = json.dumps(board["shots"], ensure_ascii=False, indent=2).replace(base, "")
    (out / "storyboard.json").write_text(relative + "\n", "utf-8")
    save(film["video_url"], out / "film.mp4")
    print(f"Done in {seconds:.1f} s. The film: {out / 'film.mp4'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--story", type=Path, default=ROOT / "example" / "story.json")
    parser.add_argument("--out", type=Path, default=ROOT / "data" / "demo" / "out")
    parser.add_argument("--data-dir", type=Path, default=ROOT / "data" / "demo")
    options = parser.parse_args()
    base, business = f"http://127.0.0.1:{free_port()}", Business()
    process = start_service(base, options.data_dir, business.url)
    try:
        make_film(base, business, json.loads(options.story.read_text("utf-8")), options.out)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


if __name__ == "__main__":
    main()
