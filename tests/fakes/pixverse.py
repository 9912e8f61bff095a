"""PixVerse's open platform, as far as image-to-video goes, with its failures on request.

``python -m fakes.pixverse --port 9001 --delay-s 2 --die-after 3`` serves it to another process, which reads its
counters from ``GET /_log`` and sets its switches by ``POST /_set`` (``{"delay_s": 5, "die_after": 3}``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from aiohttp import web

from fakes.base import Fake, Fault

MODELS = ("v3.5", "v4", "v4.5", "v5", "v5.5", "v6")


@dataclass
class Video:
    number: int
    order: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    ends: int = 1


class Pixverse(Fake):
    """Videos are ready at once unless ``delay_s`` says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ""
        """The one key that is right; empty: any."""
        self.delay_s = 0.0
        """How long a video stays at 5 (generating)."""
        self.outcome = 1
        """How the videos ordered from now on end: 1, 6 (deleted), 7 (moderation), 8 (failed)."""
        self.limit = 0
        """Videos under way at a time beyond which an order gets 500044; 0: none."""
        self.old_names = False
        """Answer an upload with ImgID and ImgUrl."""
        self.link_host = ""
        """Where links to videos lead; empty: here."""
        self.images: dict[int, tuple[int, int]] = {}
        """Number of every picture taken, to its width and height."""
        self.videos: dict[int, Video] = {}
        self.delivered: set[int] = set()
        self._dies_after: int | None = None
        self._refusals: list[tuple[str, int, str, int]] = []
        self._traces: set[str] = set()

    # -- switches --------------------------------------------------------------------------------------

    def die_after(self, count: int) -> None:
        """Once ``count`` videos were fetched, every request meets a dropped connection."""
        self._dies_after = count

    def refuse(self, code: int, message: str = "refused", *, at: str = "generate", times: int = 1_000_000) -> None:
        """ErrCode inside a 200, at ``upload``, ``generate`` or ``result``."""
        self._refusals.append((at, code, message, times))

    def expire_links(self, times: int = 1) -> None:
        self.fail("GET /media/.*", Fault(403, "<Error><Code>AccessDenied</Code></Error>"), times=times)

    @property
    def submits(self) -> int:
        """Orders that were accepted: what a user pays for."""
        return len(self.videos)

    # -- the protocol ----------------------------------------------------------------------------------

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/openapi/v2/image/upload", self._upload),
            web.post("/openapi/v2/video/img/generate", self._generate),
            web.get("/openapi/v2/video/result/{number}", self._result),
            web.get("/media/{number}.mp4", self._media),
            web.get("/_log", self._log),
            web.post("/_set", self._set),
        ]

    def _fault(self, request: web.Request) -> Fault | None:
        if request.path.startswith("/_"):
            return None
        if self._dies_after is not None:
            if len(self.delivered) >= self._dies_after:
                return Fault(kind="drop")
            if request.path.startswith("/media/"):
                self.delivered.add(int(Path(request.path).stem))
        return super()._fault(request)

    def _refusal(self, request: web.Request, at: str) -> web.Response | None:
        key = request.headers.get("API-KEY", "")
        trace = request.headers.get("Ai-trace-id", "")
        if not key:
            return _answer(10001, "api-key is empty")
        if self.key and key != self.key:
            return _answer(10005, f"invalid api-key {key}")
        if not trace or trace in self._traces:
            return _answer(400017, "Invalid parameter: Ai-trace-id")
        self._traces.add(trace)
        for index, (place, code, message, times) in enumerate(self._refusals):
            if place == at and times > 0:
                self._refusals[index] = (place, code, message, times - 1)
                return _answer(code, message)
        return None

    async def _upload(self, request: web.Request) -> web.Response:
        if refused := self._refusal(request, "upload"):
            return refused
        data = uploaded(request.headers["Content-Type"], await request.read()).get("image", b"")
        if not data:
            return _answer(400011, "Empty parameter: image")
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if picture is None or len(data) >= 20_000_000 or max(picture.shape[:2]) > 4000:
            return _answer(400017, "Invalid parameter: image")
        number = 7_000_001 + len(self.images)
        self.images[number] = (picture.shape[1], picture.shape[0])
        link = f"{self.url}/images/{number}.jpg"
        named = {"ImgID": number, "ImgUrl": link} if self.old_names else {"img_id": number, "img_url": link}
        return _answer(0, "success", named)

    async def _generate(self, request: web.Request) -> web.Response:
        if refused := self._refusal(request, "generate"):
            return refused
        order = await request.json()
        if wrong := self._wrong_order(order):
            return _answer(400017, f"Invalid parameter: {wrong}")
        if self.limit and sum(self._state(video) == 5 for video in self.videos.values()) >= self.limit:
            return _answer(500044, "Reached the limit for concurrent generations")
        video = Video(300_000_001 + len(self.videos), order, ends=self.outcome)
        self.videos[video.number] = video
        return _answer(0, "success", {"video_id": video.number})

    def _wrong_order(self, order: dict[str, Any]) -> str:
        v6 = str(order.get("model", "")).startswith("v6")
        lengths = range(1, 16) if v6 else (5, 8)
        checks = {
            "model": order.get("model") in MODELS,
            "img_id": order.get("img_id") in self.images,
            "prompt": 0 < len(order.get("prompt", "")) <= 2048,
            "duration": order.get("duration") in lengths,
            "quality": order.get("quality") in ("360p", "540p", "720p", "1080p")
            and (v6 or order.get("duration") != 8 or order.get("quality") != "1080p"),
            "motion_mode": order.get("motion_mode", "normal") in ("normal", "fast"),
            "seed": 0 <= order.get("seed", 0) < 2**31,
        }
        return next((name for name, right in checks.items() if not right), "")

    def _state(self, video: Video) -> int:
        return video.ends if time.monotonic() - video.began >= self.delay_s else 5

    async def _result(self, request: web.Request) -> web.Response:
        if refused := self._refusal(request, "result"):
            return refused
        video = self.videos.get(int(request.match_info["number"]))
        if video is None:
            return _answer(400017, "Invalid parameter: video_id")
        state = self._state(video)
        size = {"360p": 360, "540p": 540, "720p": 720, "1080p": 1080}[video.order["quality"]]
        link = f"{self.link_host or self.url}/media/{video.number}.mp4" if state == 1 else ""
        shown = {
            "id": video.number, "status": state, "url": link, "outputWidth": size * 16 // 9, "outputHeight": size,
            "size": 0, "seed": video.order.get("seed", 0), "prompt": video.order["prompt"], "style": "",
            "resolution_ratio": 0, "create_time": "2026-01-01T00:00:00Z", "modify_time": "2026-01-01T00:00:00Z",
            "has_audio": False, "customer_paths": {},
        }  # fmt: skip
        return _answer(0, "success", shown)

    async def _media(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        if number not in self.videos:
            raise web.HTTPNotFound
        self.delivered.add(number)
        body = await asyncio.to_thread(a_clip, number, self.videos[number].order["duration"])
        return web.Response(body=body, content_type="video/mp4")

    # -- for other processes ---------------------------------------------------------------------------

    async def _log(self, request: web.Request) -> web.Response:
        counted = {
            "uploads": len(self.calls("POST /openapi/v2/image/upload")),
            "orders": len(self.calls("POST /openapi/v2/video/img/generate")),
            "submits": self.submits,
            "polls": len(self.calls("GET /openapi/v2/video/result/.*")),
            "delivered": sorted(self.delivered),
            "videos": {str(video.number): video.order for video in self.videos.values()},
        }
        return web.json_response(counted)

    async def _set(self, request: web.Request) -> web.Response:
        for name, value in (await request.json()).items():
            if name == "die_after":
                self._dies_after = value
            elif name in ("delay_s", "outcome", "limit", "key"):
                setattr(self, name, value)
            else:
                raise web.HTTPBadRequest(text=f"no switch {name}")
        return web.json_response({})


def uploaded(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a multipart form by name. (aiohttp's own reader finds nothing once the body was read.)"""
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = {part.get_param("name", header="content-disposition"): part for part in form.iter_parts()}
    return {str(name): part.get_payload(decode=True) or b"" for name, part in parts.items()}


def _answer(code: int, message: str, resp: Any = None) -> web.Response:
    return web.json_response({"ErrCode": code, "ErrMsg": message, "Resp": resp})


def a_clip(number: int, duration_s: float, width: int = 320, height: int = 180, fps: int = 24) -> bytes:
    """A small mp4 with a disc that wanders; ground and path differ with ``number``."""
    random = np.random.default_rng(number)
    ground, disc = random.integers(30, 200, 3), random.integers(0, 256, 3)
    count = max(1, round(duration_s * fps))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w") as file:
            track = file.add_stream("libx264", fps, options={"preset": "ultrafast", "crf": "30"})
            track.width, track.height, track.pix_fmt = width, height, "yuv420p"
            for index in range(count):
                frame = np.empty((height, width, 3), np.uint8)
                frame[:] = ground
                place = (int(width * (0.1 + 0.8 * index / count)), int(height * (0.2 + 0.6 * (number % 7) / 6)))
                cv2.circle(frame, place, height // 6, tuple(map(int, disc)), -1)
                file.mux(track.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
            file.mux(track.encode(None))
        return path.read_bytes()


def main() -> None:
    words = argparse.ArgumentParser(description="A fake PixVerse on loopback.")
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--delay-s", type=float, default=0.0)
    words.add_argument("--die-after", type=int)
    words.add_argument("--limit", type=int, default=0)
    given = words.parse_args()
    fake = Pixverse()
    fake.delay_s, fake.limit = given.delay_s, given.limit
    if given.die_after is not None:
        fake.die_after(given.die_after)
    fake.start(given.port)
    sys.stdout.write(json.dumps({"url": fake.url}) + "\n")
    sys.stdout.flush()
    try:
        fake._thread.join()
    except KeyboardInterrupt:
        fake.stop()


if __name__ == "__main__":
    main()
