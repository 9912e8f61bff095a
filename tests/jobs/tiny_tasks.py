"""CPU tasks of the tiny engines, with one misbehaviour per word so that a test can ask for it."""

from __future__ import annotations

import ctypes
import os
import struct
import time
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.errors import EngineFailed

Check = Callable[[], None]


def paint(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """A one-colour key frame; words in the prompt make it slow, deaf or deadly."""
    misbehave(request["prompt"], folder, check)
    colour = bytes(zlib.crc32(f"{request['prompt']}{request['seed']}".encode()).to_bytes(4, "big")[:3])
    write_png(folder / "image.png", request["width"], request["height"], colour)
    return {"image": "image.png"}


def speak(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """A third of a second of silence."""
    check()
    with wave.open(str(folder / "audio.wav"), "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(b"\0\0" * 5000)
    return {"audio": "audio.wav", "duration_s": 5000 / 16000}


def compose(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    check()
    with wave.open(str(folder / "music.wav"), "wb") as out:
        out.setparams((2, 2, 48000, 0, "NONE", ""))
        out.writeframes(b"\1\0\1\0" * round(48000 * request["duration_s"]))
    return {"audio": "music.wav"}


def pid(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    return {"pid": os.getpid(), "words": request.get("words", "")}


def misbehave(words: str, folder: Path, check: Check) -> None:
    """``slow:S`` sleeps S seconds, ``deaf:S`` without listening, ``deadly`` kills its process, ``bad`` fails."""
    for word in words.split():
        name, _, amount = word.partition(":")
        if name == "slow":
            until = time.monotonic() + float(amount)
            while time.monotonic() < until:
                check()
                time.sleep(0.02)
        elif name == "deaf":
            time.sleep(float(amount))
        elif name == "deadly":
            ctypes.string_at(0)
        elif name == "once":
            # Deadly the first time only: leaves a mark beside its folder.
            mark = Path(amount)
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), 9)
        elif name == "bad":
            raise EngineFailed("the picture did not turn out")
        elif name == "wrong":
            raise KeyError("a mistake of ours")


def task(request: dict[str, Any], folder: Path, check: Check) -> dict[str, Any]:
    """Misbehaves by ``request["words"]`` and says in which process it ran."""
    (folder / "begun").touch()
    misbehave(request["words"], folder, check)
    return pid(request, folder, check)


def write_png(path: Path, width: int, height: int, colour: bytes) -> None:
    """A PNG of one colour (8 bit RGB), by hand: no library needed."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + colour * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    )
