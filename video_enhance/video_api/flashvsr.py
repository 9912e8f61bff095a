"""FlashVSR: larger pictures with new detail, by the command of a FlashVSR_plus checkout.

``run.py`` of github.com/lihaoyun6/FlashVSR_plus (read at a8031d2; Apache-2.0) holds all pictures of a clip in main
memory, wants 8n + 5 of them, at least 21, crops the large picture to multiples of 128, rounds the rate to whole
numbers and downloads weights that it misses. So it gets padded pictures, not a clip, in chunks that fit into memory
and overlap, and sound, size, number and times of the pictures are ours. Its ``--tiled-dit`` works in mode tiny-long.
"""

from __future__ import annotations

import ctypes
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from PIL import Image

from app.core.errors import EngineFailed, EngineFault

from .clips import Rgb, Shown
from .settings import EnhanceSettings

FETCH = "./deploy.sh fetch flashvsr"
_WEIGHTS = (
    "diffusion_pytorch_model_streaming_dmd.safetensors",
    "Wan2.1_VAE.pth",
    "LQ_proj_in.ckpt",
    "TCDecoder.ckpt",
)
_FOLDERS = {"10": "FlashVSR", "11": "FlashVSR-v1.1"}
_MULTIPLE = 128
_FEWEST = 21
_OVERLAP = 8
"""Pictures that two chunks share: the later one fades in over them, since it begins without a past."""
_BYTES = 3 * 8
"""Of main memory for a pixel of a large picture: as float twice while it is copied."""
_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of prctl(2)."""
_LOOK_S = 0.1
_SAID = 2000
_MEMORY = re.compile(r"OutOfMemoryError|out of memory|MemoryError")
"""What Python and CUDA print when memory ends: the command gives no other sign of the reason than its text."""


def lacking(settings: EnhanceSettings) -> str:
    """What is missing to run it, in a sentence; empty: nothing."""
    root = settings.flashvsr_dir
    folder = root / "models" / _FOLDERS[settings.flashvsr_version]
    wanted = [root / "run.py", *(folder / name for name in _WEIGHTS), root / "models" / "posi_prompt.pth"]
    for path in wanted:
        if not path.is_file():
            return f"{path} is missing: {FETCH}"
    python = settings.flashvsr_python
    if python and shutil.which(python) is None:
        return f"SIDECAR_VIDEO_ENHANCE_FLASHVSR_PYTHON={python} is no program"
    return ""


def chunk_frames(width: int, height: int, memory_bytes: int) -> int:
    """How many pictures go in one chunk for large pictures of this size: 8n + 5, at least 21."""
    most = memory_bytes // (width * height * _BYTES)
    return max(_FEWEST, (most - 5) // 8 * 8 + 5)


class FlashVSR:
    """Enlarges the pictures of one clip; ``work`` is a folder for what lies between, emptied by the caller."""

    def __init__(
        self,
        settings: EnhanceSettings,
        work: Path,
        scale: int,
        check: Callable[[], None],
        told: Callable[[int], None] = lambda done: None,
    ) -> None:
        self._settings, self._work, self._scale = settings, work, scale
        self._check, self._told = check, told
        self.chunks = 0
        self._done = 0

    def make(self, pictures: Iterator[Shown]) -> Iterator[Shown]:
        """Chunk after chunk; the pictures at the end of one are kept, small, for the beginning of the next."""
        waiting: list[Shown] = []
        tail: list[Rgb] = []
        limit = 0
        for shown in pictures:
            if not limit:
                height, width = (side * self._scale for side in shown.rgb.shape[:2])
                limit = chunk_frames(width, height, self._settings.flashvsr_memory_bytes)
            waiting.append(shown)
            if len(waiting) > limit:
                ready, tail = self._chunk(waiting[:limit], tail, last=False)
                yield from ready
                waiting = waiting[limit - _OVERLAP :]
        ready, _ = self._chunk(waiting, tail, last=True)
        yield from ready

    def _chunk(self, shown: list[Shown], tail: list[Rgb], last: bool) -> tuple[list[Shown], list[Rgb]]:
        """The finished pictures of a chunk, and its last ones, which the next chunk finishes.

        ``tail`` are the last ones of the chunk before, of the same moments as the first ones of this.
        """
        large = self._enlarged([one.rgb for one in shown])
        for number, before in enumerate(tail):
            share = (number + 1) / (len(tail) + 1)
            large[number] = np.rint(before * (1 - share) + large[number] * share).astype(np.uint8)
        keep = len(large) if last else len(large) - _OVERLAP
        ready = [one._replace(rgb=rgb) for one, rgb in zip(shown[:keep], large[:keep], strict=True)]
        self._done += keep
        self._told(self._done)
        return ready, large[keep:]

    def _enlarged(self, small: list[Rgb]) -> list[Rgb]:
        self.chunks += 1
        folder = self._work / f"chunk{self.chunks}"
        out = self._work / f"large{self.chunks}"
        for one in (folder, out):
            shutil.rmtree(one, ignore_errors=True)
            one.mkdir(parents=True)
        self._save(small, folder)
        self._run(folder, out)
        found = sorted(out.glob("*.mp4"))
        if len(found) != 1:
            raise EngineFault(f"FlashVSR left {len(found)} clips instead of one")
        large = self._read(found[0], len(small), small[0].shape[:2])
        for one in (folder, out):
            shutil.rmtree(one, ignore_errors=True)
        return large

    def _save(self, small: list[Rgb], folder: Path) -> None:
        """Padded so that nothing is cropped, and so many that nothing is added: as PNG in their order."""
        step = _MULTIPLE // math.gcd(_MULTIPLE, self._scale)
        height, width = small[0].shape[:2]
        around = ((0, -height % step), (0, -width % step), (0, 0))
        wanted = max(_FEWEST, -(-(len(small) - 5) // 8) * 8 + 5)
        for number in range(wanted):
            self._check()
            rgb = np.pad(small[min(number, len(small) - 1)], around, mode="edge")
            Image.fromarray(rgb).save(folder / f"{number:06d}.png", compress_level=1)

    def _command(self, folder: Path, out: Path) -> list[str]:
        settings = self._settings
        mode = "tiny-long" if settings.flashvsr_tiled else settings.flashvsr_mode
        command = [settings.flashvsr_python or sys.executable, "run.py", "-i", str(folder.resolve())]
        command += ["-s", str(self._scale), "-v", settings.flashvsr_version, "-m", mode]
        if settings.flashvsr_tiled:
            command += ["--tiled-vae", "--tiled-dit"]
        if settings.flashvsr_color_fix:
            command += ["--color-fix"]
        command += ["--seed", str(settings.flashvsr_seed), "-t", settings.flashvsr_dtype]
        command += ["-d", settings.flashvsr_device, "-f", "30", "-q", "10"]
        return [*command, "-a", settings.flashvsr_attention, str(out.resolve())]

    def _run(self, folder: Path, out: Path) -> None:
        """The command in a process group of its own, so that a stop ends all of it."""
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            self._command(folder, out),
            cwd=self._settings.flashvsr_dir,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_dying_with_us(),
        )
        said = _Said(process)
        try:
            while process.poll() is None:
                self._check()
                said.wait(_LOOK_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        if process.returncode:
            raise self._failed(process.returncode, said.end())

    def _failed(self, status: int, said: str) -> EngineFailed:
        if _MEMORY.search(said):
            return EngineFault("FlashVSR was out of memory: set SIDECAR_VIDEO_ENHANCE_FLASHVSR_TILED=true")
        if status == -signal.SIGKILL:
            return EngineFault("FlashVSR was killed by the system, probably out of main memory")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        return EngineFailed(
            f"FlashVSR ended with status {status}: {lines[-1][:300] if lines else 'it does not say why'}"
        )

    def _read(self, path: Path, count: int, size: tuple[int, int]) -> list[Rgb]:
        """The first ``count`` pictures, without the padding. ``size``: height and width of the small ones."""
        height, width = (side * self._scale for side in size)
        large: list[Rgb] = []
        try:
            with av.open(str(path)) as clip:
                clip.streams.video[0].thread_type = "AUTO"
                for frame in clip.decode(video=0):
                    self._check()
                    if len(large) == count:
                        break
                    large.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)[:height, :width])
        except (FFmpegError, OSError, IndexError) as error:
            raise EngineFault(f"What FlashVSR made cannot be decoded: {error}") from error
        if len(large) != count or large[0].shape != (height, width, 3):
            made = f"{len(large)} pictures of {large[0].shape[1]}x{large[0].shape[0]}" if large else "no picture"
            raise EngineFault(f"FlashVSR made {made} instead of {count} of {width}x{height}")
        return large


def _dying_with_us() -> Callable[[], None] | None:
    """Has the kernel end the command when this process is killed, for else it would keep the GPU. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_DEATH_SIGNAL, signal.SIGKILL)

    return ask


class _Said:
    """The end of what a process prints, read as it comes so that it never waits for a reader."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process, self._text = process, b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            while part := os.read(pipe.fileno(), 65536):
                self._text = (self._text + part)[-_SAID * 4 :]

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)
        if not self._thread.is_alive():
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                return

    def end(self) -> str:
        self._thread.join(2)
        return self._text.decode("utf-8", "replace")[-_SAID:]
