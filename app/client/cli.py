"""The command line: reads its words, asks the service, says what came of it.

Answers go to standard output, progress and errors to standard error, so that a script can read the one and a person
the other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from app.client.arguments import FORMATS, PROGRAM, parser
from app.client.asynchronous import raise_for
from app.client.bar import Bar, plain
from app.client.blocking import Client
from app.client.errors import Refused, StoryFilmError, Unreachable
from app.client.models import Answer, AvatarJob, Job, Page, Shot, Started, State
from app.client.settings import ClientSettings

DONE, FAILED, USAGE, UNREACHED, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status of one command: 0, 1 failed or refused, 2 usage, 3 not reached, 130 interrupted."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")  # a terminal without Chinese gets question marks, not a crash
    given = parser().parse_args(argv)
    try:
        settings = ClientSettings()
        url = getattr(given, "url", settings.url)
        key = getattr(given, "key", settings.key.get_secret_value())
        client = Client(url, key, settings.timeout_s, getattr(given, "user", settings.user))
    except ValidationError as error:
        first = error.errors()[0]
        return _failed(f"STORY_FILM_{'_'.join(map(str, first['loc'])).upper()}: {first['msg']}.", USAGE)
    except ValueError as error:
        return _failed(str(error), USAGE)
    with client:
        return _carried_out(Session(client, as_json=getattr(given, "json", False)), given)


def _carried_out(session: Session, given: argparse.Namespace) -> int:
    try:
        COMMANDS[given.command](session, given)
        sys.stdout.flush()
        return DONE
    except KeyboardInterrupt:
        if not session.watching:
            return _failed("Interrupted.", INTERRUPTED)
        again = f"{PROGRAM} watch {session.watching}"
        return _failed(f"Not watching any more; the job goes on. To watch it again: {again}", INTERRUPTED)
    except Unreachable as error:
        return _failed(error.detail, UNREACHED)
    except Refused as error:
        number = f" (request {error.request_id})" if error.status >= 500 and error.request_id else ""
        return _failed(f"{error.detail}{number}", FAILED)
    except StoryFilmError as error:
        return _failed(error.detail, FAILED)
    except BrokenPipeError:
        # Whoever read us has enough. The interpreter must not try to flush into the pipe once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _failed(f"{error.filename or 'A file'}: {error.strerror}.", FAILED)


def _failed(sentence: str, status: int) -> int:
    sys.stderr.write(plain(sentence) + "\n")
    return status


class Session:
    """One command's client and manner of speaking."""

    def __init__(self, client: Client, *, as_json: bool) -> None:
        self.client = client
        self.as_json = as_json
        self.watching = ""
        """The job whose end is being waited for; an interrupt names it."""

    def say(self, answer: Answer, lines: Iterable[str]) -> None:
        """``answer`` for a script, or ``lines`` for a person."""
        if self.as_json:
            self.say_json(answer.model_dump(mode="json"))
        else:
            for line in lines:
                sys.stdout.writelines(plain(part) + "\n" for part in line.splitlines() or [""])

    def say_json(self, value: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def watched(self, job_id: str, *, tell_events: bool = False) -> Job:
        """The job after its end, with its progress shown. Raises the error that it ended with."""
        self.watching = job_id
        with Bar(sys.stderr) as bar:

            def told(event: State) -> None:
                if tell_events and self.as_json:
                    self.say_json(event.model_dump(mode="json"))
                elif not self.as_json:
                    bar(event)

            job = self.client.wait(job_id, check=False, on_event=told)
        self.watching = ""
        if tell_events and self.as_json:
            self.say_json({"event": "end", **job.model_dump(mode="json")})
        elif self.as_json and job.status != "succeeded":
            self.say(job, ())
        raise_for(job)
        return job

    def started(self, answer: Started, *, wait: bool, out: Path | None = None) -> None:
        """Say what was started, or watch it to its end and say what came of it."""
        story = str(getattr(answer, "story_id", ""))
        if not (wait or out):
            told = [f"job {answer.job_id} {answer.operation.status}", f"watch it: {PROGRAM} watch {answer.job_id}"]
            self.say(answer, [f"story {story}", *told] if story else told)
            return
        if story and not self.as_json:
            self.say(answer, [f"story {story}"])
        job = self.watched(answer.job_id)
        if out is not None:
            self.client.download(job.video_url, out)
        self.say(job, [*_result(job), *([f"saved {out}"] if out else [])])


def _result(job: Job) -> list[str]:
    """What a finished job made, in lines."""
    if job.video_url:
        return [job.video_url, *job.subtitle_urls.values(), *job.notes]
    shots = (job.shot,) if job.shot else job.shots
    return [*(_shot(shot) for shot in shots), *job.notes]


def _shot(shot: Shot) -> str:
    stale = f"  (stale: {', '.join(shot.stale)})" if shot.stale else ""
    return f"{shot.id}  {shot.camera}  {shot.narration or shot.detail}{stale}\n          {shot.image_url}"


def _job(job: Job) -> str:
    return f"{job.job_id}  {job.kind:<10}  {job.status:<9}  {job.progress:3.0f} %  {job.story_id}  {job.created_at}"


def _create(session: Session, given: argparse.Namespace) -> None:
    text = sys.stdin.read() if given.text == "-" else given.text
    answer = session.client.create_storyboard(
        text,
        story_id=given.story,
        display_name=given.name,
        style=given.style,
        language=given.language,
        voice=given.voice,
        aspect_ratio=given.aspect_ratio,
        resolution=given.resolution,
        shot_count=given.shots,
        seed=given.seed,
        callback_url=given.callback_url,
        operation_id=given.operation_id,
    )
    session.started(answer, wait=given.wait)


def _regenerate(session: Session, given: argparse.Namespace) -> None:
    answer = session.client.regenerate_shot(
        given.story,
        given.shot,
        detail=given.detail,
        image_detail=given.image_detail,
        narration=given.narration,
        camera=given.camera,
        style=given.style,
        seed=given.seed,
        assets=[name.strip() for name in given.assets.split(",") if name.strip()],
        callback_url=given.callback_url,
        operation_id=given.operation_id,
    )
    session.started(answer, wait=given.wait)


def _render(session: Session, given: argparse.Namespace) -> None:
    answer = session.client.render(
        given.story,
        scale=given.scale,
        multi=given.multi,
        subtitles=given.subtitles,
        bgm=given.bgm,
        transition=given.transition,
        fps=given.fps,
        callback_url=given.callback_url,
        operation_id=given.operation_id,
    )
    session.started(answer, wait=given.wait, out=given.out)


def _watch(session: Session, given: argparse.Namespace) -> None:
    job = session.watched(given.job, tell_events=True)
    if not session.as_json:
        session.say(job, _result(job))


def _show_job(session: Session, given: argparse.Namespace) -> None:
    job = session.client.job(given.job)
    stages = [f"  {one.name} {one.status} {one.done}/{one.total} {one.seconds:.1f} s" for one in job.stages]
    error = [str(job.error.get("detail"))] if job.error else []
    session.say(job, [_job(job), *([job.message] if job.message else []), *stages, *error, *_result(job)])


def _cancel(session: Session, given: argparse.Namespace) -> None:
    job = session.client.cancel(given.job)
    session.say(job, [_job(job)])


def _retry(session: Session, given: argparse.Namespace) -> None:
    job = session.client.retry(given.job)
    if given.wait:
        job = session.watched(job.job_id)
        session.say(job, _result(job))
    else:
        session.say(job, [_job(job), f"watch it: {PROGRAM} watch {job.job_id}"])


def _jobs(session: Session, given: argparse.Namespace) -> None:
    page = session.client.jobs(
        kind=given.kind, status=given.status, story_id=given.story, limit=given.limit, cursor=given.cursor
    )
    _page(session, page, _job)


def _stories(session: Session, given: argparse.Namespace) -> None:
    page = session.client.stories(limit=given.limit, cursor=given.cursor)
    _page(session, page, lambda one: f"{one.story_id}  {one.shot_count} shots  {one.updated_at}  {one.display_name}")


def _page(session: Session, page: Page[Any], line: Callable[[Any], str]) -> None:
    more = [f"more: --cursor {page.next_cursor}"] if page.next_cursor else []
    session.say(page, [*(line(one) for one in page.items), *more])


def _shots(session: Session, given: argparse.Namespace) -> None:
    shots = session.client.shots(given.story)
    session.say(Page(items=shots), map(_shot, shots))


def _engines(session: Session, given: argparse.Namespace) -> None:
    engines = session.client.engines(given.kind)
    lines = []
    for one in engines:
        state = "ready" if one.ready else f"needs {', '.join(one.missing)}"
        lines.append(f"{one.name:<22} {f'{one.order}.' if one.order else '-':<3} {state}")
    session.say(Page(items=engines), lines)


def _photo(session: Session, given: argparse.Namespace) -> None:
    live = session.client.photo(
        given.photo,
        format=given.format,
        fps=given.fps,
        num_frames=given.frames,
        motion_bucket_id=given.motion,
    )
    out = live.save(given.out or given.photo.with_name(f"{given.photo.stem}-live{FORMATS[given.format]}"))
    session.say(Answer.model_validate({"path": str(out), "media_type": live.media_type}), [f"saved {out}"])


def _avatar(session: Session, given: argparse.Namespace) -> None:
    client = session.client
    photo = client.upload_photo(given.photo)
    audio_id = client.upload_audio(given.audio).audio_id if given.audio else ""
    job = client.generate_avatar(
        photo.photo_id, audio_id=audio_id, text=given.text, voice=given.voice, emotion=given.emotion
    )
    session.watching = job.job_id
    with Bar(sys.stderr) as bar:

        def told(now: AvatarJob) -> None:
            if not session.as_json:
                bar(State(job_id=now.job_id, status=now.status, progress=now.progress, message=now.message))

        job = client.wait_for_avatar(job.job_id, on_status=told)
    session.watching = ""
    if given.out:
        client.download(job.video_url or "", given.out)
    session.say(job, [job.video_url or "", *([f"saved {given.out}"] if given.out else [])])


def _download(session: Session, given: argparse.Namespace) -> None:
    path = session.client.download(given.file, given.out)
    session.say(Answer.model_validate({"path": str(path)}), [f"saved {path}"])


COMMANDS: dict[str, Callable[[Session, argparse.Namespace], None]] = {
    "create": _create,
    "regenerate": _regenerate,
    "render": _render,
    "watch": _watch,
    "job": _show_job,
    "jobs": _jobs,
    "cancel": _cancel,
    "retry": _retry,
    "stories": _stories,
    "shots": _shots,
    "engines": _engines,
    "photo": _photo,
    "avatar": _avatar,
    "download": _download,
}
