"""Steps that make the film from its plan: segments, sound, joining, subtitle files."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.core.errors import ValidationFailed
from app.core.ids import fingerprint
from app.core.net import download
from app.models.artifact import Artifact, Recipe
from app.models.engine import ComposeRequest, MusicSection
from app.models.story import Shot, Story
from app.models.timeline import (
    SAMPLE_RATE,
    Ambience,
    CutRequest,
    JoinRequest,
    MixRequest,
    Part,
    Source,
    SubtitleStyle,
    Timeline,
    Voice,
)
from app.services.engines.base import MusicEngine
from app.services.engines.router import Needs
from app.services.media.aigc import aigc_fields, aigc_json
from app.services.media.subtitle_files import to_srt, to_vtt
from app.services.workflows.durable import Json, step
from app.services.workflows.steps.cards import Cards, cards_of
from app.services.workflows.steps.engine_use import EngineContext, ask_engine, file_name, plainly
from app.services.workflows.steps.movement import source_of
from app.services.workflows.steps.plan import FilmPlan, Look, Moving, PartPlan, SegmentPlan, Spoken
from app.services.workflows.work import Work

CUT_VERSION, MIX_VERSION, JOIN_VERSION, SUBTITLES_VERSION = "2", "3", "1", "2"
"""Of our own code: raised when the same request would now give other bytes."""
MAX_MUSIC_BYTES = 50_000_000
_HISTORY = {"engine", "enhanced", "failed", "reused", "made_clip", "made_file"}
"""Of a Moving: how it came about, which is no part of what a segment is made from."""
MOST_NAMED = 20
"""Characters in a note."""


def _built(number: str) -> str:
    """Packets join only if the same encoder build made them, so its version is part of what they are made from."""
    return f"{number}/av-{version('av')}"


# -- pictures ----------------------------------------------------------------------------------------------


@step("cut")
async def cut(work: Work, segment: SegmentPlan, look: Look) -> Json:
    """One segment, encoded: ``{"artifact", "frames", "undrawable", "reused"}``.

    ``undrawable``: the characters of its burned subtitles that the font does not have.
    """
    shown = look.model_dump(mode="json", include={"width", "height", "fps", "crf", "preset"})
    shown["fade_out"] = segment.fade_out
    style = look.label if segment.label_frames else None
    worded = bool(segment.cues) or style is not None or any(part.card is not None for part in segment.parts)
    words = {
        "cues": [cue.model_dump(mode="json") for cue in segment.cues],
        "label": style.model_dump(mode="json") if style is not None else None,
        "label_frames": segment.label_frames,
        "font": look.font if worded else "",
        "subtitle_style": look.subtitle_style.model_dump(mode="json") if segment.cues else SubtitleStyle().model_dump(),
    }
    # The engine that told us how to move a key frame is not part of it, only what it told.
    parts = [part.model_dump(mode="json", exclude={"moving": _HISTORY}) for part in segment.parts]
    recipe = Recipe(
        kind="segment",
        engine="media/cut",
        version=_built(CUT_VERSION),
        params={**shown, **words, "frames": segment.frames, "transition": segment.transition, "parts": parts},
    )

    async def produce(folder: Path) -> Json:
        request = CutRequest(
            **shown,
            **words,
            frames=segment.frames,
            transition=segment.transition,
            parts=tuple([Part(source=await _source(work, part), first=part.first) for part in segment.parts]),
        )
        return await work.compute("app.services.media.cut:task", request.model_dump(mode="json"), folder)

    artifact, reused = await work.make(recipe, produce)
    undrawable = artifact.facts.get("undrawable", "")
    return {"artifact": artifact.key, "frames": segment.frames, "undrawable": undrawable, "reused": reused}


async def _source(work: Work, part: PartPlan) -> Source:
    source = await source_of(work, part.moving, part.frames)
    return source.model_copy(update={"card": part.card})


# -- sound -------------------------------------------------------------------------------------------------


@step("mix_film")
async def mix_film(
    work: Work, story: Story, shots: Sequence[Shot], line: Timeline, spoken: Sequence[Spoken], look: Look
) -> Json:
    """The film's sound with its music and what is heard of the world: ``{"artifact", "reused"}``."""
    pages = cards_of(story, look.cards)
    music = await _music(work, story, pages, shots, line, look)
    said = pages.around(spoken, (Spoken(), Spoken()))
    starts = [line.sample(span.start + span.speech_at) for span in line.spans]
    voices = [(one, at) for one, at in zip(said, starts, strict=True) if one.take is not None]
    heard = [
        _ambience(shot, line.sample(span.start), line.sample(span.start + span.frames))
        for shot, span in zip(pages.around(shots, (shots[0], shots[-1])), line.spans, strict=True)
    ]
    artifact, reused = await _mix(work, line.samples, voices, heard, music, look)
    return {"artifact": artifact.key, "reused": reused}


@step("mix_shot")
async def mix_shot(work: Work, line: Timeline, index: int, shot: Shot, said: Spoken, look: Look) -> Json:
    """The sound of one shot's own clip, without music; no artifact if it is to be silent."""
    if said.take is None and not (look.ambience and shot.sound.strip()):
        return {"artifact": "", "reused": True}
    span = line.spans[index]
    samples = round(span.frames * SAMPLE_RATE / line.fps)
    voices = [(said, line.sample(span.speech_at))] if said.take is not None else []
    artifact, reused = await _mix(work, samples, voices, [_ambience(shot, 0, samples)], None, look)
    return {"artifact": artifact.key, "reused": reused}


def _ambience(shot: Shot, start: int, end: int) -> Ambience:
    # Not by the shot's seed: another picture of the same shot sounds the same.
    return Ambience(at_sample=start, samples=end - start, sound=shot.sound, seed=zlib.crc32(shot.id.encode()))


async def _mix(
    work: Work,
    samples: int,
    voices: Sequence[tuple[Spoken, int]],
    ambience: Sequence[Ambience],
    music: tuple[Artifact, str] | None,
    look: Look,
) -> tuple[Artifact, bool]:
    params: Json = {"samples": samples, "loudness_lufs": look.loudness_lufs, "peak_dbtp": look.peak_dbtp}
    params["ambience"] = [one.model_dump(mode="json") for one in ambience if look.ambience and one.sound.strip()]
    keys = {f"voice_{n:03}": said.take.artifact for n, (said, _) in enumerate(voices) if said.take is not None}
    recipe = Recipe(
        kind="sound",
        engine="media/mix",
        version=_built(MIX_VERSION),
        params={**params, "at": [at for _, at in voices]},
        inputs=keys | ({"music": music[0].key} if music is not None else {}),
    )

    async def produce(folder: Path) -> Json:
        heard = []
        for said, at in voices:
            assert said.take is not None
            narration = await work.required(said.take.artifact)
            heard.append(Voice(audio=narration.path(narration.facts["audio"]), at_sample=at, words=said.words))
        below = music[0].path(music[1]) if music is not None else None
        request = MixRequest(**params, voices=tuple(heard), music=below)
        # The film's sound is the longest chain beside the segments, and its mix comes when they all wait already.
        return await work.compute("app.services.media.mix:task", request.model_dump(mode="json"), folder, urgent=True)

    return await work.make(recipe, produce)


async def _music(
    work: Work, story: Story, pages: Cards, shots: Sequence[Shot], line: Timeline, look: Look
) -> tuple[Artifact, str] | None:
    """The music's artifact and the file in it; None for a film without."""
    if look.bgm == "none":
        return None
    if "://" in look.bgm:
        return await _fetched(work, look.bgm), "music"
    parts = pages.around([(shot, "") for shot in shots], ((shots[0], "title"), (shots[-1], "end")))
    sections = tuple(
        MusicSection.model_validate({"start_s": round(span.start / line.fps, 3), "tone": shot.tone, "role": role})
        for span, (shot, role) in zip(line.spans, parts, strict=True)
    )
    style = story.style if look.bgm == "auto" else look.bgm
    request = ComposeRequest(duration_s=float(line.duration), sections=sections, style=style, seed=story.seed)

    async def ask(engine: MusicEngine, asked: ComposeRequest, context: EngineContext) -> Json:
        result = await engine.compose(asked, context)
        return {**result.facts, "audio": file_name(result.audio, context.folder)}

    made = await ask_engine(
        work,
        "music",
        plainly("music", request),
        ask,
        needs=Needs(duration_s=request.duration_s),
        stage="mix",
        item="film",
    )
    return made.artifact, str(made.artifact.facts["audio"])


async def _fetched(work: Work, url: str) -> Artifact:
    """Music from an address that the request named, kept by its address."""

    async def produce(folder: Path) -> Json:
        allowed = work.house.settings.callback_allowed_hosts
        kind = await download(url, folder / "music", MAX_MUSIC_BYTES, allowed, name="bgm")
        if kind.startswith(("text/", "image/")):
            raise ValidationFailed(f"bgm leads to {kind}, which is no music")
        return {"media_type": kind}

    recipe = Recipe(kind="download", engine="core/net", version="1", params={"url": url})
    return (await work.make(recipe, produce))[0]


# -- joining -----------------------------------------------------------------------------------------------


@step("join_film")
async def join_film(work: Work, story: Story, plan: FilmPlan, cuts: Sequence[Json], sound: str, look: Look) -> Json:
    """The film, with a soft subtitle track when asked for: ``{"artifact", "reused"}``."""
    soft = plan.subtitles if look.subtitles == "soft" else ()
    extra: Json = {
        "subtitles": [one.model_dump(mode="json") for one in soft],
        "language": story.language if soft else "",
        "title": story.display_name,
    }
    return await _join(work, "film", cuts, sound, look, extra)


@step("join_shot")
async def join_shot(work: Work, cuts: Sequence[Json], sound: str, look: Look, moving: Moving) -> Json:
    """A shot's own clip from the segments in which it is to be seen. It remembers how its frames came about."""
    return await _join(
        work, "shot_clip", cuts, sound, look, {}, {"moving": moving.model_dump(mode="json", exclude={"reused"})}
    )


async def _join(
    work: Work, kind: str, cuts: Sequence[Json], sound: str, look: Look, extra: Json, facts: Json | None = None
) -> Json:
    keys = [str(one["artifact"]) for one in cuts]
    params: Json = {"fps": look.fps, "producer": look.producer, **extra}
    inputs = {f"segment_{number:04}": key for number, key in enumerate(keys)} | ({"sound": sound} if sound else {})
    recipe = Recipe(kind=kind, engine="media/join", version=_built(JOIN_VERSION), params=params, inputs=inputs)
    # The id in the label of generated content comes from the content: the same film has the same bytes.
    metadata = {"AIGC": aigc_json(aigc_fields(look.producer, fingerprint([kind, params, inputs])[:32]))}
    if extra.get("title"):
        metadata["title"] = extra["title"]

    async def produce(folder: Path) -> Json:
        found = [await work.required(key) for key in keys]
        heard = await work.required(sound) if sound else None
        request = JoinRequest(
            segments=tuple((one.path(one.facts["file"]), one.facts["frames"]) for one in found),
            fps=look.fps,
            sound=heard.path(heard.facts["sound"]) if heard is not None else None,
            subtitles=extra.get("subtitles", ()),
            language=extra.get("language", ""),
            metadata=metadata,
        )
        joined = await work.compute("app.services.media.join:task", request.model_dump(mode="json"), folder)
        return {**joined, **(facts or {})}

    artifact, reused = await work.make(recipe, produce)
    return {"artifact": artifact.key, "duration_s": artifact.facts["duration_s"], "reused": reused}


def undrawable(cuts: Iterable[Json]) -> str:
    """A note for the user on characters that burned subtitles leave out; empty: none."""
    lacking = "".join(dict.fromkeys("".join(str(one["undrawable"]) for one in cuts)))
    if not lacking:
        return ""
    shown = " ".join(lacking[:MOST_NAMED]) + (" ..." if len(lacking) > MOST_NAMED else "")
    return f"Burned subtitles leave out characters that the font does not have: {shown} (subtitle files have them)."


async def subtitle_files(work: Work, plan: FilmPlan) -> Artifact:
    """``film.srt`` and ``film.vtt``."""
    params: Json = {"subtitles": [one.model_dump(mode="json") for one in plan.subtitles]}
    recipe = Recipe(kind="subtitles", engine="media/subtitles", version=SUBTITLES_VERSION, params=params)

    async def produce(folder: Path) -> dict[str, Any]:
        (folder / "film.srt").write_text(to_srt(plan.subtitles), "utf-8")
        (folder / "film.vtt").write_text(to_vtt(plan.subtitles), "utf-8")
        return {"cues": len(plan.subtitles)}

    return (await work.make(recipe, produce))[0]
