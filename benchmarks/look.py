"""Films to look at: eight stories unlike each other, made over HTTP, as frames every half second beside their words.

    python benchmarks/look.py out/ [--only puppy,poem] [--every 0.5]

Starts the service on a free port with a fresh data folder, makes the storyboard and the film of every story in
``benchmarks/look/stories.json`` and saves for each: ``film.mp4``, ``film.srt``, ``storyboard.json``, the key frames,
``frames_NN.png`` (pages of frames with their time and the subtitle that is due then) and ``sheet.jpg`` (one frame
per shot, small enough to keep). What was seen in them is written down in ``benchmarks/LOOK.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import aiohttp
import av
import cv2
import numpy as np
from contact_sheet import frames_at, sheet
from numpy.typing import NDArray
from service import Service, post

HERE = Path(__file__).resolve().parent / "look"
PER_PAGE = 40
Pixels = NDArray[np.uint8]
Words = list[tuple[float, float, str]]


def stories(only: str) -> list[dict[str, Any]]:
    """The requests, with long texts read from their files."""
    wanted = only.split(",") if only else []
    found = []
    for story in json.loads((HERE / "stories.json").read_text("utf-8")):
        if wanted and story["name"] not in wanted:
            continue
        if "script_file" in story:
            story["script_content"] = (HERE / story.pop("script_file")).read_text("utf-8")
        found.append(story)
    return found


async def make(service: Service, http: aiohttp.ClientSession, story: dict[str, Any]) -> dict[str, bytes]:
    """Storyboard and film of one story, as files by name. Raises SystemExit when one of them fails."""
    name = story.pop("name")
    ids = {"story_id": name, "user_id": "look"}
    board = await post(
        http, f"{service.base}/api/v1/storyboard/create", story | ids | {"operation_id": f"{name}-board"}, 300
    )
    film = await post(http, f"{service.base}/api/v1/video/render", ids | {"operation_id": f"{name}-film"}, 300)
    for answer in (board, film):
        if answer.get("operation", {}).get("status") != "Success":
            raise SystemExit(f"{name}: {json.dumps(answer, ensure_ascii=False)[:800]}")
    urls = {"film.mp4": film["video_url"], "film.srt": film["subtitle_urls"]["srt"]}
    async with http.get(f"{service.base}/api/v1/stories/{name}", params={"user_id": "look"}) as answer:
        shots = (await answer.json())["shots"]
    urls |= {f"{shot['id']}.jpg": shot["image_url"] for shot in shots}
    found: dict[str, bytes] = {"storyboard.json": json.dumps(board["shots"], ensure_ascii=False, indent=1).encode()}
    for file, url in urls.items():
        async with http.get(url) as answer:
            found[file] = await answer.read()
    return found


def seconds(time: str) -> float:
    hours, minutes, rest = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def subtitles(path: Path) -> Words:
    """(start, end, text) of every cue, in seconds."""
    found = []
    for block in re.split(r"\n\n+", path.read_text("utf-8").strip()):
        lines = block.splitlines()
        if len(lines) > 2:
            start, end = lines[1].split(" --> ")
            found.append((seconds(start), seconds(end), " / ".join(lines[2:])))
    return found


def captioned(frame: Pixels, time: float, words: Words, width: int) -> Pixels:
    """A frame with its time and the subtitle that is due then in a strip below it."""
    picture = cv2.resize(frame, (width, frame.shape[0] * width // frame.shape[1]), interpolation=cv2.INTER_AREA)
    strip = np.full((26, width, 3), 30, np.uint8)
    due = next((text for start, end, text in words if start <= time < end), "")
    cv2.putText(strip, f"{time:.1f} {due}", (4, 18), (240, 240, 240), cv2.FontFace("uni"), 13, 400)
    return np.vstack([picture, strip])


def pages(film: Path, words: Words, every_s: float, out: Path) -> int:
    """Write ``frames_NN.png`` and return how many."""
    with av.open(str(film)) as media:
        shown = media.streams.video[0]
        tall = shown.codec_context.height > shown.codec_context.width
        width, columns = (230, 8) if tall else (380, 5)
        tiles = [captioned(frame, n * every_s, words, width) for n, frame in enumerate(frames_at(film, every_s, 0))]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    count = 0
    for start in range(0, len(tiles), PER_PAGE):
        page = tiles[start : start + PER_PAGE]
        rows = [np.hstack(page[row : row + columns]) for row in range(0, len(page), columns)]
        cv2.imwrite(str(out / f"frames_{count:02}.png"), np.vstack(rows))
        count += 1
    return count


def save(files: dict[str, bytes], out: Path, every_s: float) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    count = pages(out / "film.mp4", subtitles(out / "film.srt"), every_s, out)
    small = sheet(frames_at(out / "film.mp4", 0, 12), 4, 320)
    cv2.imwrite(str(out / "sheet.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 80])
    print(f"{out.name}: {count} pages of frames in {out}", flush=True)


async def run(out: Path, only: str, every_s: float) -> None:
    with tempfile.TemporaryDirectory() as data:
        service = Service(Path(data))
        try:
            patient = aiohttp.ClientTimeout(total=620)
            async with aiohttp.ClientSession(timeout=patient, connector=aiohttp.TCPConnector(force_close=True)) as http:
                await service.answers("/ready", http)
                for story in stories(only):
                    name = str(story["name"])
                    save(await make(service, http, story), out / name, every_s)
        finally:
            service.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--every", type=float, default=0.5)
    options = parser.parse_args()
    asyncio.run(run(options.out, options.only, options.every))


if __name__ == "__main__":
    main()
