"""The words of the command line."""

from __future__ import annotations

import argparse
from pathlib import Path

PROGRAM = "python -m app.client"
FORMATS = {"gif": ".gif", "mp4": ".mp4", "webp": ".webp", "motion_photo": ".jpg"}


def parser() -> argparse.ArgumentParser:
    """Common options may stand before or behind the command."""
    everywhere = _common()
    top = argparse.ArgumentParser(
        PROGRAM,
        description="Stories become films. Address and key: --url and --key, or STORY_FILM_URL and STORY_FILM_KEY.",
        epilog="Exit status: 0 done, 1 failed or refused, 2 wrong usage, 3 service not reached, 130 interrupted.",
        parents=[everywhere],
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=summary, description=summary, parents=[everywhere])

    _story_commands(command("create", "make a storyboard from a story"))
    _regenerate(command("regenerate", "change a shot and make it anew"))
    _render(command("render", "render the film of a story"))
    for name, summary in [
        ("watch", "follow a job to its end"),
        ("job", "show a job"),
        ("cancel", "cancel a job"),
        ("retry", "try a failed or canceled job again"),
    ]:
        one = command(name, summary)
        one.add_argument("job", metavar="JOB")
        if name == "retry":
            _waiting(one)
    jobs = command("jobs", "list jobs, the newest first")
    jobs.add_argument("--kind", default="")
    jobs.add_argument("--status", default="")
    jobs.add_argument("--story", default="")
    _paged(jobs)
    _paged(command("stories", "list stories, the last changed first"))
    command("shots", "show the shots of a story").add_argument("story", metavar="STORY")
    command("engines", "show every engine and what it needs").add_argument("--kind", default="")
    _photo(command("photo", "make a photo move"))
    _avatar(command("avatar", "make a photo speak"))
    download = command("download", "fetch a file that an answer named")
    download.add_argument("file", metavar="URL")
    download.add_argument("out", type=Path)
    return top


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--url", help="address of the service")
    common.add_argument("--key", help="API key (better in STORY_FILM_KEY, which others cannot see)")
    common.add_argument("--user", help="whose stories")
    common.add_argument("--json", action="store_true", help="answers as JSON, one object per line")
    return common


def _waiting(command: argparse.ArgumentParser) -> None:
    command.add_argument("--wait", action="store_true", help="watch the job to its end")


def _operation(command: argparse.ArgumentParser) -> None:
    _waiting(command)
    command.add_argument("--operation-id", default="", help="the same id again starts nothing")
    command.add_argument("--callback-url", default="")


def _paged(command: argparse.ArgumentParser) -> None:
    command.add_argument("--limit", type=int, default=20)
    command.add_argument("--cursor", default="")


def _story_commands(create: argparse.ArgumentParser) -> None:
    create.add_argument("text", help="the story; - reads it from standard input")
    create.add_argument("--story", default="", help="id of the story; left out: made")
    create.add_argument("--name", default="", help="title of the film")
    for name in ("style", "language", "voice"):
        create.add_argument(f"--{name}", default="")
    create.add_argument("--aspect-ratio", default="", choices=["16:9", "9:16", "1:1"])
    create.add_argument("--resolution", default="", choices=["480p", "720p", "1080p"])
    create.add_argument("--shots", type=int, help="exactly this many")
    create.add_argument("--seed", type=int)
    _operation(create)


def _regenerate(command: argparse.ArgumentParser) -> None:
    command.add_argument("story", metavar="STORY")
    command.add_argument("shot", metavar="SHOT")
    for name in ("detail", "image-detail", "narration", "camera", "style"):
        command.add_argument(f"--{name}", default="")
    command.add_argument("--seed", type=int)
    command.add_argument("--assets", default="", help="comma separated: image, video, audio")
    _operation(command)


def _render(command: argparse.ArgumentParser) -> None:
    command.add_argument("story", metavar="STORY")
    command.add_argument("--subtitles", default="burned", choices=["burned", "soft", "none"])
    command.add_argument("--scale", type=int, default=1, choices=[1, 2, 4])
    command.add_argument("--multi", type=int, default=1, choices=[1, 2, 4], help="frame-rate factor")
    command.add_argument("--transition", default="")
    command.add_argument("--bgm", default="", help="name or address of the music, or none")
    command.add_argument("--fps", type=int)
    command.add_argument("--out", type=Path, help="watch the job and save the film here")
    _operation(command)


def _photo(command: argparse.ArgumentParser) -> None:
    command.add_argument("photo", type=_file)
    command.add_argument("--format", default="gif", choices=sorted(FORMATS))
    command.add_argument("--fps", type=int)
    command.add_argument("--frames", type=int)
    command.add_argument("--motion", type=int, metavar="0-255", help="how much moves")
    command.add_argument("--out", type=Path, help="left out: beside the photo")


def _avatar(command: argparse.ArgumentParser) -> None:
    command.add_argument("photo", type=_file)
    speech = command.add_mutually_exclusive_group(required=True)
    speech.add_argument("audio", type=_file, nargs="?")
    speech.add_argument("--text", default="")
    command.add_argument("--voice", default="")
    command.add_argument("--emotion", type=int, choices=range(8))
    command.add_argument("--out", type=Path, help="save the clip here")


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"there is no file {name}")
    return path
