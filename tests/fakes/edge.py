"""Microsoft Edge's "read aloud" service: its websocket protocol, as the package edge-tts speaks it.

The address is a constant of that package; while this fake runs, the constant leads here.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
from html import unescape
from typing import Any

import av
import numpy as np
from aiohttp import WSMsgType, web
from edge_tts import communicate as wire

from fakes.base import Fake

PATH = "/consumer/speech/synthesize/readaloud/edge/v1"
VOICES = ("zh-CN, XiaoxiaoNeural", "zh-CN, YunxiNeural", "zh-HK, HiuMaanNeural", "en-US, AriaNeural",
          "en-US, GuyNeural", "ja-JP, NanamiNeural")  # fmt: skip
RATE = 24_000
_TICKS = 10_000_000
_WORD = re.compile(r"[一-鿿]{1,2}|[぀-ヿ]+|[A-Za-z'’]+|\d+")


class Edge(Fake):
    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[dict[str, Any]] = []
        """What was asked for: voice, rate, text, config."""
        self.misbehaves = ""
        """``silent`` (ends without a sound), ``stops`` (closes in the middle), ``hangs`` (in the middle), ``strange``
        (a message of an unknown kind), ``garbage`` (metadata that is no JSON), ``other words`` (not the text's)."""
        self._true_address = wire.WSS_URL

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self._serve)]

    def start(self, port: int = 0) -> None:
        super().start(port)
        wire.WSS_URL = f"ws://127.0.0.1:{self.port}{PATH}?TrustedClientToken=of-the-browser"

    def stop(self) -> None:
        wire.WSS_URL = self._true_address
        super().stop()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if "Sec-MS-GEC" not in request.query or "TrustedClientToken" not in request.query:
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        config: dict[str, Any] = {}
        async for message in socket:
            if message.type != WSMsgType.TEXT:
                continue
            head, _, body = message.data.partition("\r\n\r\n")
            if "Path:speech.config" in head:
                config = json.loads(body)["context"]["synthesis"]["audio"]
            elif "Path:ssml" in head:
                await self._speak(socket, body, config)
                break
        await socket.close()
        return socket

    async def _speak(self, socket: web.WebSocketResponse, ssml: str, config: dict[str, Any]) -> None:
        voice = re.search(r"<voice name='[^']*\((.+?)\)'>", ssml)
        prosody = re.search(r"<prosody pitch='(.+?)' rate='(.+?)' volume='(.+?)'>(.*)</prosody>", ssml, re.S)
        assert voice and prosody
        text = unescape(prosody[4])
        asked = {"voice": voice[1], "rate": prosody[2], "text": text, "config": config}
        self.spoken.append(asked)
        await _tell(socket, "turn.start", {"context": {"serviceTag": "0"}})
        if voice[1] not in VOICES:
            return
        await _tell(socket, "response", {"context": {"serviceTag": "0"}, "audio": {"type": "inline"}})
        if self.misbehaves == "silent":
            await _tell(socket, "turn.end", {})
            return
        words = times(text, 1 + int(prosody[2].rstrip("%")) / 100)
        sound = await asyncio.to_thread(a_voice, words)
        half = len(sound) // 2
        for number, part in enumerate((sound[:half], sound[half:])):
            if number and self.misbehaves == "strange":
                await _tell(socket, "surprise", {})
            if number and self.misbehaves == "garbage":
                await socket.send_str('Path:audio.metadata\r\n\r\n{"Metadata": [')
            if number and self.misbehaves == "hangs":
                await asyncio.sleep(3600)
            if number and self.misbehaves == "stops":
                return
            head = b"X-RequestId:0\r\nContent-Type:audio/mpeg\r\nX-StreamId:0\r\nPath:audio\r\n"
            await socket.send_bytes(len(head).to_bytes(2, "big") + head + part)
        for word, begin, length in words:
            said = word.swapcase() + "?" if self.misbehaves == "other words" else word
            told = {"Offset": int(begin * _TICKS), "Duration": int(length * _TICKS)}
            data = {**told, "text": {"Text": said, "Length": len(said), "BoundaryType": "WordBoundary"}}
            await _tell(socket, "audio.metadata", {"Metadata": [{"Type": "WordBoundary", "Data": data}]})
        last = b"X-RequestId:0\r\nX-StreamId:0\r\nPath:audio\r\n"
        await socket.send_bytes(len(last).to_bytes(2, "big") + last)
        await _tell(socket, "turn.end", {})


async def _tell(socket: web.WebSocketResponse, path: str, body: Any) -> None:
    head = f"X-RequestId:0\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
    await socket.send_str(head + json.dumps(body, ensure_ascii=False))


def times(text: str, speed: float = 1.0) -> list[tuple[str, float, float]]:
    """Words with their beginning and length in seconds: a third of a second each, a rest after punctuation."""
    found, clock, position = [], 0.1, 0
    for match in _WORD.finditer(text):
        clock += 0.3 / speed if re.search(r"[。，.,！？!?]", text[position : match.start()]) else 0.0
        found.append((match.group(), clock, 0.3 / speed))
        clock, position = clock + 0.33 / speed, match.end()
    return found


def a_voice(words: list[tuple[str, float, float]]) -> bytes:
    """An MP3 (24 kHz, 48 kbit/s, mono) with a note for every word."""
    seconds = max((begin + length for _, begin, length in words), default=0.0) + 0.4
    sound = np.zeros(round(seconds * RATE), np.float32)
    for number, (_, begin, length) in enumerate(words):
        at = np.arange(round(length * RATE))
        note = np.sin(2 * np.pi * (180 + 20 * (number % 5)) * at / RATE) * np.hanning(at.size) * 0.4
        sound[round(begin * RATE) :][: at.size] = note[: sound.size - round(begin * RATE)]
    packed = io.BytesIO()
    # Nothing but frames, as the service sends them: several answers are put one behind the other.
    bare = {"write_xing": "0", "id3v2_version": "0"}
    with av.open(packed, "w", format="mp3", options=bare) as file:
        track = file.add_stream("libmp3lame", rate=RATE, layout="mono")
        track.bit_rate = 48_000
        frame = av.AudioFrame.from_ndarray((sound * 32767).astype(np.int16)[None], "s16", "mono")
        frame.rate = RATE
        frame.pts = 0
        resampler = av.AudioResampler(format="s16p", layout="mono", rate=RATE, frame_size=1152 // 2)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(track.encode(part))
        file.mux(track.encode(None))
    return packed.getvalue()
