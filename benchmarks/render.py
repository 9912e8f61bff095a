"""What a film costs, as ratios measured in one run on this machine (absolute seconds say little).

    python benchmarks/render.py [--rounds 3] [--work DIR] [--skip-long] [--moviepy PYTHON]

Six shots of 5 s at 1280x720, 24 frames/s, from key frames on disk to the finished MP4: moves, cross-fades,
burned subtitles, narration, ducked music, loudness. The yardstick is a bare x264 veryfast crf 20 encode of the
very same frames with automatic threads, read from a raw file. Every part is a process of its own, measured by
wait4, its start included; parts take turns, medians are printed. ``--moviepy`` names a Python that has moviepy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import render_quality

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

PICTURE = "app.services.engines.builtin.picture.task"
WIDTH, HEIGHT, FPS, SHOT_S = 1280, 720, 24, 5.0
SHOTS = (
    ("An old lighthouse keeper watches a storm from the shore at night, waves crashing", "push_in", ("rain",)),
    ("A girl and her dog walk through a snowy forest at dawn, calm", "truck", ("snow", "mist")),
    ("A sailing ship leaves the harbor at sunset, warm light on the sea", "orbit", ("waves", "birds")),
    ("A dragon flies over the castle in the mountains at dusk", "crane", ("petals", "dust")),
    ("A lonely man walks along the city street in the rain at night", "follow", ("rain", "lanterns")),
    ("The village celebrates in the morning, happy people and houses, birds in the sky", "pull_back", ("leaves",)),
)
"""Prompt, camera, and what has to live in the air of the deep film."""


class Cost(NamedTuple):
    cpu_s: float
    wall_s: float
    rss_mb: float


def measured(part: str, *arguments: str) -> Cost:
    """Run one part of this file as a process and measure it with its children."""
    return run([sys.executable, __file__, "--part", part, *arguments])


def run(command: list[str]) -> Cost:
    begin = time.perf_counter()
    _, status, usage = os.wait4(os.posix_spawn(command[0], command, os.environ), 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, usage.ru_maxrss / 1024)


def nothing() -> None:
    """Nobody cancels a benchmark."""


# ---- parts, each run in its own process


def draw(work: Path, count: int) -> None:
    """Key frames with layers by the builtin image engine, 1.25 times the film's size."""
    from importlib import import_module

    for index in range(count):
        folder = work / "pictures" / f"{index}"
        if (folder / "facts.json").exists():
            continue
        folder.mkdir(parents=True, exist_ok=True)
        prompt, camera, _ = SHOTS[index % len(SHOTS)]
        wanted = {"prompt": prompt, "camera": camera, "width": 1600, "height": 900, "seed": index}
        facts = import_module(PICTURE).draw(wanted, folder, nothing)
        weather = json.loads((folder / "layers.json").read_text())
        found = {effect["kind"] for effect in weather["effects"]}
        weather["effects"] += [
            {"kind": kind, "amount": 0.6} for kind in SHOTS[index % len(SHOTS)][2] if kind not in found
        ]
        (folder / "weather.json").write_text(json.dumps(weather))
        (folder / "facts.json").write_text(json.dumps(facts))


def narrate(work: Path, count: int) -> list[dict[str, Any]]:
    from app.services.engines.builtin.speech import task

    spoken = []
    for index in range(count):
        folder = work / f"speech{index}"
        folder.mkdir(parents=True, exist_ok=True)
        request = {"text": SHOTS[index % len(SHOTS)][0], "language": "en"}
        facts = task.speak(request, folder, nothing)
        spoken.append({**facts, "audio": str(folder / facts["audio"]), "text": request["text"]})
    return spoken


def planned(work: Path, count: int, kind: str, shot_s: float) -> tuple[Any, list[Any], list[Any]]:
    """Timeline, cut requests and voices of a film; ``kind`` is plain or deep (parallax, life and weather)."""
    from app.models.engine import DrawnClip, WordTime
    from app.models.timeline import CutRequest, LabelStyle, Part, Source, Voice
    from app.services.media.subtitles import cues, segment_cues
    from app.services.media.timeline import ShotLength, plan

    spoken = narrate(work, count)
    lengths = [
        ShotLength(shot_id=str(index), narration_s=Fraction(one["duration_s"]).limit_denominator(48000), asked_s=shot_s)
        for index, one in enumerate(spoken)
    ]
    timeline = plan(
        lengths, fps=FPS, width=WIDTH, height=HEIGHT, transitions=["dissolve"] * (len(lengths) - 1), transition_s=0.5
    )
    words = [[WordTime(**word) for word in one["words"]] for one in spoken]
    texts = [cues(one["text"], word, "en", width=WIDTH, height=HEIGHT) for one, word in zip(spoken, words, strict=True)]
    sources = []
    for index, span in enumerate(timeline.spans):
        folder = work.parent / "pictures" / str(index)
        clip = DrawnClip(camera=SHOTS[index % 6][1], seed=index, parallax=kind == "deep", effects=kind == "deep")
        layers = folder / ("weather.json" if kind == "deep" else "layers.json")
        sources.append(Source(key_frame=folder / "key_frame.png", layers=layers, drawn=clip, frames=span.frames))
    requests = [
        CutRequest(
            width=WIDTH,
            height=HEIGHT,
            fps=FPS,
            frames=segment.frames,
            parts=tuple(Part(source=sources[shot], first=first) for shot, first in segment.parts),
            transition=segment.transition,
            cues=shown,
            label=LabelStyle() if segment.start == 0 else None,
            label_frames=2 * FPS if segment.start == 0 else 0,
        )
        for segment, shown in zip(timeline.segments, segment_cues(timeline, texts), strict=True)
    ]
    voices = [
        Voice(audio=Path(one["audio"]), at_sample=timeline.sample(span.start + span.speech_at))
        for one, span in zip(spoken, timeline.spans, strict=True)
    ]
    return timeline, requests, voices


def film(work: Path, count: int, kind: str, workers: int, shot_s: float) -> None:
    """The whole film as a service worker makes it: ``workers`` threads, in the order of the film."""
    from app.models.timeline import JoinRequest, MixRequest
    from app.services.engines.builtin.music import task as music
    from app.services.media import cut, join, mix

    work.mkdir(parents=True, exist_ok=True)
    timeline, requests, voices = planned(work, count, kind, shot_s)

    def sound() -> Path:
        made = music.compose({"duration_s": float(timeline.duration), "seed": 1}, work, nothing)
        mix.mix(
            MixRequest(samples=timeline.samples, voices=tuple(voices), music=work / made["audio"]),
            work / "sound.m4a",
            nothing,
        )
        return work / "sound.m4a"

    def segment(index: int) -> None:
        cut.cut(requests[index], work / f"segment{index}.mp4", nothing)

    with ThreadPoolExecutor(workers) as pool:
        track = pool.submit(sound)
        for done in [pool.submit(segment, index) for index in range(len(requests))]:
            done.result()
    segments = tuple((work / f"segment{index}.mp4", one.frames) for index, one in enumerate(requests))
    join.join(JoinRequest(segments=segments, fps=FPS, sound=track.result()), work / "film.mp4", nothing)


def changed(work: Path, count: int, kind: str) -> None:
    """Shot 3 has another picture: its body, its two windows and the joined film are made again."""
    from app.models.timeline import JoinRequest
    from app.services.media import cut, join

    timeline, requests, _ = planned(work, count, kind, SHOT_S)
    with ThreadPoolExecutor(2) as pool:
        again = [index for index, one in enumerate(timeline.segments) if any(shot == 3 for shot, _ in one.parts)]
        list(pool.map(lambda index: cut.cut(requests[index], work / f"segment{index}.mp4", nothing), again))
    segments = tuple((work / f"segment{index}.mp4", one.frames) for index, one in enumerate(requests))
    join.join(JoinRequest(segments=segments, fps=FPS, sound=work / "sound.m4a"), work / "again.mp4", nothing)


def dump(work: Path, count: int, kind: str) -> None:
    """The frames of the film, before any encoder, as raw I420."""
    import numpy as np

    from app.services.media import cut
    from app.services.media.planes import blank

    with (work / "frames.yuv").open("wb") as raw:

        class Writer:
            def __init__(self, out: Path, width: int, height: int, fps: int, **_: object) -> None:
                self.frame = blank(width, height)

            def write(self) -> None:
                for plane in self.frame:
                    raw.write(np.ascontiguousarray(plane))

            def __enter__(self) -> Writer:
                return self

            def __exit__(self, *_: object) -> None:
                pass

        cut.SegmentWriter = Writer  # type: ignore[assignment, misc]
        for request in planned(work, count, kind, SHOT_S)[1]:
            cut.cut(request, work / "frames.yuv", nothing)


def bare(work: Path) -> None:
    """The yardstick: x264 veryfast crf 20, automatic threads, of the dumped frames."""
    import av
    import numpy as np

    with av.open(str(work / "bare.mp4"), "w") as out, (work / "frames.yuv").open("rb") as raw:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "veryfast", "crf": "20"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.thread_count, stream.codec_context.thread_type = 0, "FRAME"
        number = 0
        while True:
            picture = np.empty((HEIGHT * 3 // 2, WIDTH), np.uint8)
            if raw.readinto(memoryview(picture).cast("B")) < picture.size:
                break
            frame = av.VideoFrame.from_numpy_buffer(picture, format="yuv420p")
            frame.pts = number
            number += 1
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


# ---- the report


def ratios(work: Path, rounds: int) -> Cost:
    """Films against the bare encode of their own frames, taking turns. Returns what the plain one cost."""
    costs: dict[str, Cost] = {}
    for kind, cpu_bar in (("plain", 1.0), ("deep", 1.8)):
        folder = work / kind
        folder.mkdir(exist_ok=True)
        measured("dump", str(folder), "6", kind)
        found: dict[str, list[Cost]] = {"film": [], "bare": [], "changed": []}
        for _ in range(rounds):
            found["film"].append(measured("film", str(folder), "6", kind, "2", str(SHOT_S)))
            found["bare"].append(measured("bare", str(folder)))
            found["changed"].append(measured("changed", str(folder), "6", kind))
        (folder / "frames.yuv").unlink()
        middle = {
            name: Cost(*(statistics.median(values) for values in zip(*costs, strict=True)))
            for name, costs in found.items()
        }
        cost, pure = middle["film"], middle["bare"]
        costs[kind] = cost
        silent = (folder / "film.mp4").stat().st_size - (folder / "sound.m4a").stat().st_size
        size = silent / (folder / "bare.mp4").stat().st_size
        more = f"{cost.cpu_s:.2f} s / {pure.cpu_s:.2f} s"
        say(f"{kind}: film CPU / bare encode CPU", cost.cpu_s / pure.cpu_s, cpu_bar, more)
        more = f"{cost.wall_s:.2f} s / {pure.wall_s:.2f} s"
        say(f"{kind}: film wall, 2 workers / bare wall", cost.wall_s / pure.wall_s, cpu_bar, more)
        say(f"{kind}: changed shot CPU / film CPU", middle["changed"].cpu_s / cost.cpu_s, 0.25)
        say(f"{kind}: peak memory, MB", cost.rss_mb, 450)
        say(f"{kind}: picture's bytes / bare encode's bytes", size, 1.2)
    return costs["plain"]


def same_packets(work: Path) -> None:
    digests = set()
    for workers in (1, 2, 3):
        measured("film", str(work / f"workers{workers}"), "3", "deep", str(workers), "3")
        digests.add(render_quality.packets(work / f"workers{workers}" / "film.mp4"))
    say("different films from 1, 2 and 3 workers", len(digests), 1)


def long_film(work: Path) -> None:
    short = measured("film", str(work / "short"), "6", "deep", "2", "2.5").rss_mb
    long = measured("film", str(work / "long"), "60", "deep", "2", "2.5").rss_mb
    say("peak memory of 60 shots, MB", long, 450, f"6 shots: {short:.0f} MB")


def say(what: str, value: float, bar: float, more: str = "") -> None:
    verdict = "ok  " if value <= bar else "OVER"
    print(f"{verdict} {what:48s} {value:8.3f}   (bar {bar:g}) {more}", flush=True)


PARTS: dict[str, Callable[[Sequence[str]], object]] = {
    "draw": lambda a: draw(Path(a[0]), int(a[1])),
    "film": lambda a: film(Path(a[0]), int(a[1]), a[2], int(a[3]), float(a[4])),
    "changed": lambda a: changed(Path(a[0]), int(a[1]), a[2]),
    "dump": lambda a: dump(Path(a[0]), int(a[1]), a[2]),
    "bare": lambda a: bare(Path(a[0])),
    "jitter": lambda a: render_quality.jitter(Path(a[0]), len(SHOTS)),
    "joins": lambda a: render_quality.joins(Path(a[0]), int(a[1])),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "render-benchmark")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--skip-long", action="store_true", help="leave out the film of 60 shots")
    parser.add_argument("--moviepy", default="", help="a Python that has moviepy, to compare with it")
    parser.add_argument("--part", choices=sorted(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("rest", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        PARTS[options.part](options.rest)
        return
    options.work.mkdir(parents=True, exist_ok=True)
    measured("draw", str(options.work), "6" if options.skip_long else "60")
    plain = ratios(options.work, options.rounds)
    if options.moviepy:
        script = Path(__file__).with_name("render_moviepy.py")
        theirs = run([options.moviepy, str(script), str(options.work)])
        say("our CPU / that of a moviepy pipeline", plain.cpu_s / theirs.cpu_s, 0.1, f"moviepy {theirs.cpu_s:.0f} s")
    measured("jitter", str(options.work / "jitter"))
    rms = json.loads((options.work / "jitter" / "jitter.json").read_text())
    say("decoded jitter of a slow pan, px RMS", rms["rms_px"], 0.1, f"by phase correlation {rms['phase_px']:.3f}")
    measured("joins", str(options.work / "joins"), "60")
    apart = json.loads((options.work / "joins" / "joins.json").read_text())
    say(f"picture and sound apart at {apart['joins']} joins, ms", apart["worst_ms"], 1.0)
    same_packets(options.work)
    if not options.skip_long:
        long_film(options.work)


if __name__ == "__main__":
    main()
