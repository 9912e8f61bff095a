"""Progress of a job on a terminal as one line that moves, and anywhere else as plain lines when something changed."""

from __future__ import annotations

import shutil
import time
import unicodedata
from typing import TextIO

from app.client.models import State

CELLS = 24
_STEP = 10.0
"""Percent between two plain lines of the same stage."""


class Bar:
    """Shows the states that it is called with on ``out``; in ``with``, so that a moving line ends with a line break."""

    def __init__(self, out: TextIO, *, moving: bool | None = None) -> None:
        self._out = out
        self._moving = out.isatty() if moving is None else moving
        self._began = time.monotonic()
        self._drawn = False
        self._said: tuple[str, str] = ("", "")
        self._said_percent = 0.0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            self._out.write("\n")
            self._out.flush()

    def __call__(self, state: State) -> None:
        if self._moving:
            # One column stays free: a full line would break.
            width = shutil.get_terminal_size().columns - 1
            self._out.write("\r\x1b[K" + fitted(moving_line(state, self._elapsed(), min(CELLS, width // 4)), width))
            self._drawn = True
        elif self._is_news(state):
            self._out.write(f"{self._elapsed()} {said(state)}\n")
        self._out.flush()

    def _elapsed(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes}:{seconds:02}"

    def _is_news(self, state: State) -> bool:
        now = (state.status, stage_of(state).partition(" ")[0])
        if now == self._said and state.progress < self._said_percent + _STEP:
            return False
        self._said, self._said_percent = now, state.progress
        return True


def stage_of(state: State) -> str:
    """The furthest stage that is being worked on with its items, such as ``cut 3/6``; empty between stages."""
    for stage in reversed(state.stages):  # several may run; the later ones are what is waited for
        if stage.status == "running":
            return f"{stage.name} {stage.done}/{stage.total}" if stage.total else stage.name
    return ""


def said(state: State) -> str:
    """One line: percent, stage, what is going on."""
    parts = [f"{state.progress:3.0f} %", stage_of(state), plain(state.message or state.status)]
    return "  ".join(part for part in parts if part)


def moving_line(state: State, elapsed: str, cells: int = CELLS) -> str:
    """A bar of ``cells``, the time and what :func:`said` says."""
    full = round(cells * min(max(state.progress, 0.0), 100.0) / 100)
    return f"[{'#' * full}{'.' * (cells - full)}] {elapsed} {said(state)}"


def plain(text: str) -> str:
    """``text`` in one line and without control characters, which would move a terminal's cursor."""
    return "".join(char if char.isprintable() else " " for char in text)


def fitted(line: str, width: int) -> str:
    """As much of ``line`` as fits ``width`` columns; Chinese, Japanese and Korean characters take two."""
    used = 0
    for at, char in enumerate(line):
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1
        if used > width:
            return line[:at]
    return line
