"""One run of the project's ``StreamSDK``, counted frame by frame, that can be stopped and always comes to an end.

The SDK (``stream_pipeline_offline.py`` and ``stream_pipeline_online.py`` at e9191cf) hands data through six threads
and queues and keeps the state of its one run on itself. It calls ``self.writer`` for every frame and
``self.audio2motion`` for every window of motion: there we stand in between. What is raised in one of its threads
stops the others, unless one waits before a full queue that nobody empties any more.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.core.errors import Canceled, EngineFault
from app.sidecars.harness import Run

_LOOK_S = 0.1
_MOTION = 0.08
DRAWN = 0.98
"""Where the progress is when all motion is known, and when the last frame is written."""
_PER_FRAME = 640
_CHUNK = (3, 5, 2)
"""Frames before, of and after a piece of sound, as ``inference.py`` has them for the online configuration."""
_ONLINE_SPARE = 10
"""Frames of silence after the recording: the online pipeline keeps its first window back, and all of a short one."""
_QUEUES = ("audio2motion", "motion_stitch", "warp_f3d", "decode_f3d", "putback", "writer")


class LeftBehind(EngineFault):
    """Threads of the SDK do not end: it cannot be used again."""


class Stepped:
    """Stands for a part of the SDK: asks ``before`` each call whether to make it, and is that part in all else."""

    def __init__(self, part: Any, before: Callable[[], bool], after: Callable[[], None]) -> None:
        self._part, self._before, self._after = part, before, after

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._before():
            return None
        made = self._part(*args, **kwargs)
        self._after()
        return made

    def __getattr__(self, name: str) -> Any:
        return getattr(self._part, name)


class Counted:
    """Windows of motion as they are found and frames as they are written, told as progress; stopped between two."""

    def __init__(self, frames: int, windows: int, run: Run) -> None:
        self.written = 0
        self._frames, self._windows, self._run = frames, max(1, windows), run
        self._found = 0
        run.progress(0.0, f"frame 0 of {frames}")

    def go_on(self) -> bool:
        """Raises Canceled."""
        self._run.check()
        return True

    def motion_done(self) -> None:
        self._found = min(self._found + 1, self._windows)
        if not self.written:
            said = f"motion {self._found} of {self._windows}, frame 0 of {self._frames}"
            self._run.progress(_MOTION * self._found / self._windows, said)

    def frame_due(self) -> bool:
        """False: the recording is over. Raises Canceled."""
        return self.go_on() and self.written < self._frames

    def frame_done(self) -> None:
        self.written += 1
        share = _MOTION + (DRAWN - _MOTION) * self.written / self._frames
        self._run.progress(share, f"frame {self.written} of {self._frames}")


class Presentation:
    """``frames``: how many the recording lasts; ``join_s``: how long the threads of a stopped run may take to end."""

    def __init__(self, sdk: Any, run: Run, frames: int, *, online: bool, join_s: float) -> None:
        self._sdk, self._run, self._frames = sdk, run, frames
        self._online, self._join_s = online, join_s

    def silent(
        self, photo: Path, samples: np.ndarray[Any, Any], out: Path, setup: dict[str, Any], fades: tuple[int, int]
    ) -> Path:
        """The clip without its sound that the SDK leaves. Its threads have ended when this returns or raises.

        ``fades``: frames at the beginning and at the end. Raises Canceled, LeftBehind, EngineFault, and whatever the
        SDK raises.
        """
        sdk = self._sdk
        sdk.setup(str(photo), str(out), **setup)
        motion = sdk.audio2motion
        counted = Counted(self._frames, _windows(motion, self._frames), self._run)
        # Nothing was put into the first queue yet: no thread has used these two so far.
        sdk.writer = Stepped(sdk.writer, lambda: self._due(counted), counted.frame_done)
        sdk.audio2motion = Stepped(motion, counted.go_on, counted.motion_done)
        try:
            first, last = (min(fade, self._frames // 2) for fade in fades)
            sdk.setup_Nd(N_d=self._frames, fade_in=first, fade_out=last, ctrl_info={})
            self._feed(samples)
            self._await()
        except BaseException:
            sdk.stop_event.set()
            raise
        finally:
            self._end(motion)
        if counted.written != self._frames:
            raise EngineFault(f"Ditto ended after {counted.written} of {self._frames} frames")
        return Path(sdk.tmp_output_path)

    def _due(self, counted: Counted) -> bool:
        """Raises Canceled."""
        if counted.frame_due():
            return True
        # What the online pipeline draws beyond the end is not waited for.
        self._sdk.stop_event.set()
        return False

    def _feed(self, samples: np.ndarray[Any, Any]) -> None:
        sdk = self._sdk
        if not self._online:
            self._put(sdk.wav2feat.wav2feat(samples))
        else:
            before, step, _ = _CHUNK
            length = sum(_CHUNK) * _PER_FRAME + 80
            after = np.zeros(_ONLINE_SPARE * _PER_FRAME, np.float32)
            sound = np.concatenate([np.zeros(before * _PER_FRAME, np.float32), samples, after])
            for start in range(0, len(sound), step * _PER_FRAME):
                self._run.check()
                piece = sound[start : start + length]
                sdk.run_chunk(np.pad(piece, (0, length - len(piece))), _CHUNK)
                if sdk.stop_event.is_set():
                    return
        self._put(None)

    def _put(self, item: Any) -> None:
        """Into the first queue, as ``run_chunk`` does it: not for ever, if nobody takes it any more."""
        while not self._sdk.stop_event.is_set():
            self._run.check()
            with contextlib.suppress(queue.Full):
                self._sdk.audio2motion_queue.put(item, timeout=_LOOK_S)
                return

    def _await(self) -> None:
        """Until every thread has ended or one of them has given the sign to stop. Raises Canceled."""
        for thread in self._sdk.thread_list:
            while thread.is_alive() and not self._sdk.stop_event.is_set():
                thread.join(_LOOK_S)
                self._run.check()

    def _end(self, motion: Any) -> None:
        """Join the threads, give ``motion`` back and close the writer, as ``close`` does, but not waiting for ever.

        Raises what a thread ended with; of a run that was canceled always Canceled.
        """
        sdk = self._sdk
        until = time.monotonic() + self._join_s
        while alive := [thread for thread in sdk.thread_list if thread.is_alive()]:
            if sdk.stop_event.is_set():
                self._empty_queues()
            if time.monotonic() > until:
                raise LeftBehind(f"{len(alive)} threads of Ditto do not end; its model is loaded anew for the next run")
            alive[0].join(_LOOK_S)
        # Not before: the threads of a stopped run would think on with it, and nobody could stop them.
        sdk.audio2motion = motion
        # ``close`` puts one thing more into the first of them, and waits if that is full.
        self._empty_queues()
        try:
            sdk.close()
        except Canceled:
            pass  # Raised by ourselves in one of its threads.
        finally:
            self._run.check()

    def _empty_queues(self) -> None:
        for name in _QUEUES:
            waiting: queue.Queue[Any] = getattr(self._sdk, f"{name}_queue")
            with contextlib.suppress(queue.Empty):
                while True:
                    waiting.get_nowait()


def _windows(motion: Any, frames: int) -> int:
    """How often the motion model will be asked."""
    length = int(getattr(motion, "valid_clip_len", 0))
    return -(-frames // length) if length > 0 else 1
