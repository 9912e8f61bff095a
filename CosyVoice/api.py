"""The speech sidecar: ``python CosyVoice/api.py`` keeps a CosyVoice model and speaks with preset and cloned voices.

It drives a checkout of the project (github.com/FunAudioLLM/CosyVoice, Apache-2.0: ``cosyvoice/cli/cosyvoice.py``) in
the way of its ``example.py``. Reference recordings are always handed over as paths: since December 2025 the project's
own HTTP server passes decoded tensors there, which its front end refuses.

A request is ``{"text", "voice", "prompt_text", "instruct", "speed", "seed"}``; a file ``prompt_wav`` brings a voice of
its own, and ``voice`` then does not count. The result is ``narration.wav``: mono, 16 bit, at the model's own rate.
"""

from __future__ import annotations

import importlib
import logging
import sys
import wave
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from loguru import logger
from pydantic import Field
from pydantic_settings import SettingsConfigDict

from app.core.errors import EngineFailed, EngineFault, EngineUnavailable
from app.sidecars.harness import Model, Run, SidecarSettings, serve, settings_from
from app.sidecars.spoken_text import pieces
from app.sidecars.weights import revisions, weights_missing

END_OF_PROMPT = "<|endofprompt|>"
_HELPFUL = "You are a helpful assistant."
"""What CosyVoice3 was trained to find before the mark in every prompt."""
_LONGEST_PROMPT_S, _LOWEST_RATE = 30.0, 16_000
_LONGEST_PIECE = 80
"""Characters, where the model's own front end does not split."""
_S_PER_CHARACTER = 0.25
"""Guess for the progress alone."""


class CosyVoiceSettings(SidecarSettings):
    model_config = SettingsConfigDict(env_prefix="SIDECAR_COSYVOICE_")

    port: int = Field(default=50000, ge=0, le=65535)
    model: str = "cosyvoice2"
    """Name below MODELS_DIR (``cosyvoice2``, ``cosyvoice3``, ``cosyvoice-sft``), or the path of a model's folder."""
    code: Path | None = None
    """A checkout of FunAudioLLM/CosyVoice with its third_party/Matcha-TTS; none: MODELS_DIR/cosyvoice-code."""
    voices: Path = Path(__file__).resolve().parent / "voices"
    """Preset voices: ``<name>.wav`` (up to 30 s, at least 16 kHz) and its words in ``<name>.txt``."""
    fp16: bool = False
    trt: bool = False
    """TensorRT for the flow's estimator."""


class Voice(NamedTuple):
    wav: Path
    words: str
    """What is said in it; empty: not known, so it is spoken with as across languages."""


class CosyVoice(Model):
    name: ClassVar[str] = "cosyvoice"

    def __init__(self, settings: CosyVoiceSettings) -> None:
        self._settings = settings
        own = settings.models_dir / settings.model
        self._folder = own if own.is_dir() or "/" not in settings.model else Path(settings.model)
        self._code = settings.code or settings.models_dir / "cosyvoice-code"
        self._model: Any = None
        self._generation = 0
        self._cloned: dict[str, Voice] = {}
        self._trained: list[str] = []
        self._refused: dict[str, str] = {}

    # -- set-up ------------------------------------------------------------------------------------------

    def setup(self) -> None:
        """Load the model, register the preset voices, speak once to warm up. Raises EngineUnavailable."""
        for name, folder in (("cosyvoice-code", self._code), (self._settings.model, self._folder)):
            if lack := weights_missing(name, folder):
                raise EngineUnavailable(f"CosyVoice cannot start: {lack}")
        sys.path[:0] = [str(self._code), str(self._code / "third_party" / "Matcha-TTS")]
        try:
            load = importlib.import_module("cosyvoice.cli.cosyvoice").AutoModel
        except ModuleNotFoundError as error:
            raise EngineUnavailable(f"CosyVoice needs the package {error.name}: CosyVoice/requirements.txt") from error
        # The project sets the root logger to DEBUG when it is imported and writes down every text.
        logging.getLogger().setLevel(logging.WARNING)
        self._model = load(model_dir=str(self._folder), **self._options())
        kind = type(self._model).__name__
        self._generation = {"CosyVoice": 1, "CosyVoice2": 2, "CosyVoice3": 3}.get(kind, 0)
        if not self._generation:
            raise EngineUnavailable(f"This sidecar does not know the kind of model {kind}")
        self._trained = list(self._model.list_available_spks())
        for wav in sorted(self._settings.voices.glob("*.wav")):
            self._register(wav)
        self._warm_up()

    def _options(self) -> dict[str, bool]:
        chosen = {"fp16": self._settings.fp16, "load_trt": self._settings.trt}
        return {name: True for name, on in chosen.items() if on}

    def _register(self, wav: Path) -> None:
        """A voice that cannot be used is told in the health and keeps nobody else from speaking."""
        words = wav.with_suffix(".txt")
        voice = Voice(wav, words.read_text("utf-8").strip() if words.is_file() else "")
        try:
            _check_recording(wav)
            if voice.words:
                self._model.add_zero_shot_spk(self._prompt(voice.words), str(wav), wav.stem)
            self._cloned[wav.stem] = voice
        except (EngineFailed, AssertionError, RuntimeError, OSError) as error:
            self._refused[f"voice {wav.stem}"] = str(error) or type(error).__name__
            logger.warning("the voice {} cannot be used: {}", wav.stem, error)

    def _warm_up(self) -> None:
        names = self._voices()
        if names:
            for _ in self._speech({"text": "你好。", "voice": names[0]}, {}):
                pass

    # -- a run -------------------------------------------------------------------------------------------

    def run(self, request: dict[str, Any], files: Mapping[str, Path], folder: Path, run: Run) -> dict[str, Any]:
        text = str(request.get("text", "")).strip()
        if not text:
            raise EngineFailed("There is no text to speak")
        seed = importlib.import_module("cosyvoice.utils.common").set_all_random_seed
        seed(int(request.get("seed", 0)) % 2**32)
        rate, parts, done = int(self._model.sample_rate), [], 0
        for part in self._speech(request, files):
            run.check()
            parts.append(part)
            done += part.size
            run.progress(min(0.95, done / rate / (len(text) * _S_PER_CHARACTER)), f"{done / rate:.1f} s spoken")
        if not done:
            raise EngineFault("CosyVoice spoke nothing")
        _write(folder / "narration.wav", np.concatenate(parts), rate)
        return {
            "duration_s": done / rate,
            "rate_hz": rate,
            "pieces": len(parts),
            "model": self._folder.name,
            "instructed": bool(request.get("instruct")) and self._instructs(request, files),
        }

    def _speech(self, request: Mapping[str, Any], files: Mapping[str, Path]) -> Iterator[np.ndarray[Any, Any]]:
        """Every piece of the whole text, in its order, as floats from -1 to 1."""
        for spoken in self._spoken(request, files):
            yield np.asarray(spoken["tts_speech"].numpy(), np.float32).reshape(-1)

    def _spoken(self, request: Mapping[str, Any], files: Mapping[str, Path]) -> Any:
        text, name = str(request["text"]), str(request.get("voice", ""))
        how = {"stream": False, "speed": min(2.0, max(0.5, float(request.get("speed", 1.0))))}
        instruct = str(request.get("instruct", "")).strip() if self._instructs(request, files) else ""
        voice = self._voice(request, files)
        if voice is None:
            if instruct:
                return self._model.inference_instruct(text, name, instruct + END_OF_PROMPT, **how)
            if "embedding" in self._model.frontend.spk2info.get(name, {}):
                return self._model.inference_sft(text, name, **how)
            return self._model.inference_zero_shot(text, "", "", zero_shot_spk_id=name, **how)
        if instruct:
            # A registered voice brings its own prompt, and the instruction would not be heard: always the recording.
            return self._model.inference_instruct2(text, self._instruction(instruct), str(voice.wav), **how)
        if not voice.words:
            return self._across(text, str(voice.wav), how)
        if name in self._cloned and "prompt_wav" not in files:
            return self._model.inference_zero_shot(text, "", "", zero_shot_spk_id=name, **how)
        return self._model.inference_zero_shot(text, self._prompt(voice.words), str(voice.wav), **how)

    def _across(self, text: str, wav: str, how: Mapping[str, Any]) -> Iterator[Any]:
        """Without the recording's words. CosyVoice3 wants its mark in the text, and does not split such a text."""
        texts = [text]
        if self._generation == 3:
            texts = [f"{_HELPFUL}{END_OF_PROMPT}{piece}" for piece in pieces(text, _LONGEST_PIECE)]
        for one in texts:
            yield from self._model.inference_cross_lingual(one, wav, **how)

    def _voice(self, request: Mapping[str, Any], files: Mapping[str, Path]) -> Voice | None:
        """The recording to speak like; None: ``voice`` is one that the model was trained on. Raises EngineFailed."""
        if "prompt_wav" in files:
            _check_recording(files["prompt_wav"])
            return Voice(files["prompt_wav"], str(request.get("prompt_text", "")).strip())
        name = str(request.get("voice", ""))
        if name in self._cloned:
            return self._cloned[name]
        if name in self._trained:
            return None
        have = ", ".join(self._voices()) or f"none; put recordings into {self._settings.voices}"
        raise EngineFailed(f"CosyVoice has no voice {name[:60]!r}; it has: {have}")

    def _instructs(self, request: Mapping[str, Any], files: Mapping[str, Path]) -> bool:
        """Whether the model heeds an instruction with this voice: 2 and 3 with recordings, 1 if it was trained so."""
        recorded = "prompt_wav" in files or str(request.get("voice", "")) in self._cloned
        return recorded if self._generation >= 2 else not recorded and "instruct" in self._folder.name.lower()

    def _prompt(self, words: str) -> str:
        return f"{_HELPFUL}{END_OF_PROMPT}{words}" if self._generation == 3 else words

    def _instruction(self, instruct: str) -> str:
        return f"{_HELPFUL} {instruct}{END_OF_PROMPT}" if self._generation == 3 else f"{instruct}{END_OF_PROMPT}"

    # -- health ------------------------------------------------------------------------------------------

    def _voices(self) -> list[str]:
        return [*self._cloned, *(name for name in self._trained if name not in self._cloned)]

    def models(self) -> tuple[list[str], dict[str, str]]:
        lack = weights_missing(self._settings.model, self._folder)
        missing = {self._settings.model: lack} if lack else {}
        return ([] if lack else [self._settings.model]), {**missing, **self._refused}

    def facts(self) -> dict[str, Any]:
        rate = int(self._model.sample_rate) if self._model is not None else 0
        fetched = {**revisions(self._code), **revisions(self._folder)}
        return {"voices": self._voices(), "rate_hz": rate, "generation": self._generation, "revisions": fetched}

    def device(self) -> str:
        torch = sys.modules.get("torch")
        if torch is None:
            return ""
        return f"cuda {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "cpu"

    def free(self) -> None:
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()


def _check_recording(path: Path) -> None:
    """Raises EngineFailed for what the front end would refuse with a bare assertion."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, length_s = file.getframerate(), file.getnframes() / file.getframerate()
    except (wave.Error, EOFError, OSError, ZeroDivisionError):
        raise EngineFailed(f"The recording {path.name} is no PCM WAV") from None
    if rate < _LOWEST_RATE or not 0.5 <= length_s <= _LONGEST_PROMPT_S:
        raise EngineFailed(
            f"The recording {path.name} has {length_s:.1f} s at {rate} Hz; a voice takes up to 30 s at 16000 Hz or more"
        )


def _write(path: Path, samples: np.ndarray[Any, Any], rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1.0, 1.0) * 32767).round().astype("<i2").tobytes())


def main(argv: Sequence[str] | None = None) -> int:
    settings = settings_from(CosyVoiceSettings, argv)
    return serve(CosyVoice(settings), settings)


if __name__ == "__main__":
    sys.exit(main())
