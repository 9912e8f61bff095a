"""Sound in and out of files, always as 48 kHz float blocks, so that a film of any length needs little memory.

Reading takes whatever FFmpeg's libraries can decode. Writing is AAC in MP4 with the encoder's priming samples
hidden by an edit list: sample n of what was written is heard at n / 48000 s.
"""

from __future__ import annotations

import errno
import wave
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Any, Literal

import av
import numpy as np
from numpy.typing import NDArray

from app.core.errors import StorageFull, UnsupportedMedia
from app.models.timeline import SAMPLE_RATE
from app.services.media.fir import Block

BLOCK = SAMPLE_RATE
"""Samples in a block, one second; a multiple of every hop used in this package."""
_BIT_RATE, _ALIKE_BIT_RATE = 160_000, 96_000
"""Of stereo, and of two channels that are the same: the coder then writes one, as well as at twice the rate."""
_AAC = {"aac_coder": "fast", "aac_is": "0", "aac_pns": "0", "aac_tns": "0"}
"""The fast coder costs a third of the default one; at this rate the tools for low rates only cost time and accuracy."""
_LAYOUT: dict[int, Literal["mono", "stereo"]] = {1: "mono", 2: "stereo"}
_WAV_FORMAT: dict[int, Literal["s16"]] = {2: "s16"}


def read(path: Path, channels: int) -> Iterator[Block]:
    """The sound of a file at 48 kHz with 1 or 2 ``channels``, in blocks of varying length.

    Raises UnsupportedMedia if the file cannot be decoded, holds no sound or breaks off in the middle.
    """
    try:
        yield from map(_finite, _converted(_frames(path), channels))
    except (av.FFmpegError, ValueError) as error:
        raise UnsupportedMedia(f"The sound of {path.name} cannot be read: {type(error).__name__}") from error


def length_s(path: Path) -> float:
    """How long a file says its sound is, in seconds; 0 if it does not say. Raises UnsupportedMedia."""
    try:
        with wave.open(str(path)) as file:
            return float(file.getnframes() / max(1, file.getframerate()))
    except (wave.Error, EOFError):
        pass  # not a plain WAV
    try:
        with av.open(str(path)) as container:
            return float((container.duration or 0) / av.time_base)
    except (av.FFmpegError, ValueError) as error:
        raise UnsupportedMedia(f"The sound of {path.name} cannot be read: {type(error).__name__}") from error


def _converted(frames: Iterator[av.AudioFrame], channels: int) -> Iterator[NDArray[Any]]:
    resampler = av.AudioResampler(format="fltp", layout=_LAYOUT[channels], rate=SAMPLE_RATE)
    as_wanted = True
    for frame in frames:
        # What needs no conversion goes past the resampler, which copies it at the cost of decoding.
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        as_wanted = as_wanted and shape == ("fltp", _LAYOUT[channels], SAMPLE_RATE)
        if as_wanted:
            yield frame.to_ndarray()
            continue
        frame.pts = None
        for done in resampler.resample(frame):
            yield done.to_ndarray()
    for done in resampler.resample(None):
        yield done.to_ndarray()


def _frames(path: Path) -> Iterator[av.AudioFrame]:
    """Decoded frames; plain WAV is read in large pieces, which is ten times cheaper than packet by packet."""
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() in _WAV_FORMAT and file.getnchannels() in _LAYOUT:
                yield from _wav_frames(file)
                return
    except (wave.Error, EOFError):
        pass  # not a plain WAV: FFmpeg knows the other kinds
    with av.open(str(path)) as container:
        if not container.streams.audio:
            raise UnsupportedMedia(f"{path.name} holds no sound")
        yield from container.decode(container.streams.audio[0])


def _wav_frames(file: wave.Wave_read) -> Iterator[av.AudioFrame]:
    channels, width = file.getnchannels(), file.getsampwidth()
    while raw := file.readframes(BLOCK):
        whole = len(raw) // (channels * width) * channels
        samples = np.frombuffer(raw, np.int16, count=whole)
        if not whole:
            return
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format=_WAV_FORMAT[width], layout=_LAYOUT[channels])
        frame.sample_rate = file.getframerate()
        yield frame


def _finite(block: NDArray[Any]) -> Block:
    """A float file may hold anything; what is no number is silence, and nothing is 12 dB over full scale."""
    if block.dtype == np.float32 and np.abs(block).max(initial=0) <= 4:  # false for NaN
        return block
    clean: Block = np.clip(np.nan_to_num(block, posinf=0, neginf=0), -4, 4).astype(np.float32, copy=False)
    return clean


def write_aac(blocks: Iterable[Block], out: Path, *, alike: bool = False) -> None:
    """Encode stereo blocks as AAC-LC, 160 kbit/s, into an MP4 whose track is exactly as long as the blocks.

    ``alike``: both channels are the same, and 96 kbit/s will do, which also takes half the time.
    """
    # The movie's own clock at the sample rate: with the default of 1 ms the edit list would round the length.
    with av.open(str(out), "w", format="mp4", options={"movie_timescale": str(SAMPLE_RATE)}) as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options=_AAC)
        stream.bit_rate = _ALIKE_BIT_RATE if alike else _BIT_RATE
        at = 0
        for block in blocks:
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = SAMPLE_RATE, at
            at += block.shape[1]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def regular(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same stream in blocks of BLOCK samples, the last shorter."""
    waiting: list[Block] = []
    held = 0
    for block in blocks:
        waiting.append(block)
        held += block.shape[1]
        if held >= BLOCK:
            joined = np.concatenate(waiting, axis=1)
            whole = held // BLOCK * BLOCK
            yield from (joined[:, start : start + BLOCK] for start in range(0, whole, BLOCK))
            waiting, held = [joined[:, whole:]], held - whole
    if held:
        yield np.concatenate(waiting, axis=1)


def exactly(blocks: Iterable[Block], samples: int) -> Iterator[Block]:
    """Stereo in blocks of BLOCK samples (the last shorter), cut or filled with silence to ``samples``."""
    source = regular(blocks)
    for start in range(0, samples, BLOCK):
        size = min(BLOCK, samples - start)
        block = next(source, np.zeros((2, 0), np.float32))[:, :size]
        yield np.pad(block, ((0, 0), (0, size - block.shape[1]))) if block.shape[1] < size else block


class Track:
    """Samples of a bus, kept in nameless files on the disk of ``folder`` instead of in memory."""

    def __init__(self, folder: Path, channels: int) -> None:
        self.folder, self.channels = folder, channels
        self._stack = ExitStack()
        self._files: list[IO[bytes]] = []
        for _ in range(channels):
            self._files.append(self._stack.enter_context(TemporaryFile(dir=folder)))  # noqa: SIM115  (the stack closes it)

    def __enter__(self) -> Track:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def read(self, start: int, count: int) -> Block:
        """(channels, count) from sample ``start``; silence where nothing was written."""
        block = np.zeros((len(self._files), count), np.float32)
        for file, row in zip(self._files, block, strict=True):
            file.seek(start * 4)
            raw = np.frombuffer(file.read(count * 4), np.float32)
            row[: raw.size] = raw
        return block

    def write(self, start: int, block: Block) -> None:
        """Put ``block`` at sample ``start``. Raises StorageFull."""
        try:
            for file, row in zip(self._files, block, strict=True):
                file.seek(start * 4)
                file.write(row.astype(np.float32, copy=False).tobytes())
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StorageFull("No space is left for the sound of the film") from error
            raise
