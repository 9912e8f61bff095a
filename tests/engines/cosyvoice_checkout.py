"""A checkout of CosyVoice without its network: the real API surface (``cosyvoice/cli/cosyvoice.py`` at ace7c47).

``write(folder, generation)`` leaves the code and a model's folder. It speaks a tone per sentence, 0.1 s a character,
and writes every call down as a line of JSON, so that a test sees what the sidecar really asked for.
"""

from __future__ import annotations

from pathlib import Path

SOURCE = '''
import json, logging, os, re
from pathlib import Path
import numpy as np
import matcha

logging.getLogger().setLevel(logging.DEBUG)
MARK = "<|endofprompt|>"


class Tensor:
    """As much of torch's as is used here."""
    def __init__(self, data):
        self.data = np.asarray(data, np.float32)[None]
    @property
    def shape(self):
        return self.data.shape
    def numpy(self):
        return self.data


def load_wav(wav):
    if not isinstance(wav, str):
        raise TypeError(f"Invalid file: {wav!r}")
    import wave
    with wave.open(wav) as file:
        assert file.getframerate() >= 16000, "wav sample rate must be greater than 16000"
        assert file.getnframes() / file.getframerate() <= 30, "do not support audio longer than 30s"


class FrontEnd:
    def __init__(self, spk2info):
        self.spk2info = spk2info


class CosyVoice:
    def __init__(self, model_dir, load_jit=False, load_trt=False, fp16=False, trt_concurrent=1):
        self.model_dir = model_dir
        self.sample_rate = 22050 if type(self) is CosyVoice else 24000
        self.frontend = FrontEnd(json.loads((Path(model_dir) / "spk2info.json").read_text()))

    def _said(self, **call):
        with open(os.path.join(self.model_dir, "calls.jsonl"), "a", encoding="utf-8") as file:
            file.write(json.dumps(call, ensure_ascii=False) + "\\n")

    def list_available_spks(self):
        return list(self.frontend.spk2info)

    def add_zero_shot_spk(self, prompt_text, prompt_wav, zero_shot_spk_id):
        assert zero_shot_spk_id != ""
        self._prompted(prompt_text, prompt_wav)
        self._said(call="add_zero_shot_spk", prompt_text=prompt_text, id=zero_shot_spk_id)
        self.frontend.spk2info[zero_shot_spk_id] = {"prompt_text": prompt_text, "llm_embedding": []}
        return True

    def _prompted(self, *texts_and_wav):
        *texts, wav = texts_and_wav
        load_wav(wav)
        if type(self) is CosyVoice3:
            assert any(MARK in text for text in texts), "<|endofprompt|> not detected in CosyVoice3 prompt_text"

    def _pieces(self, text, speed):
        if "explode" in text:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")
        split = [text] if "<|" in text else [one for one in re.findall(r"[^。.!?]+[。.!?]?", text) if one.strip()]
        for piece in split:
            spoken = piece.rpartition(MARK)[2]
            length = int(len(spoken) * 0.1 / speed * self.sample_rate)
            yield {"tts_speech": Tensor(0.3 * np.sin(np.arange(length) * 2 * np.pi * 220 / self.sample_rate))}

    def inference_sft(self, tts_text, spk_id, stream=False, speed=1.0, text_frontend=True):
        self.frontend.spk2info[spk_id]["embedding"]
        self._said(call="sft", text=tts_text, voice=spk_id, speed=speed)
        yield from self._pieces(tts_text, speed)

    def inference_zero_shot(self, tts_text, prompt_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0,
                            text_frontend=True):
        if zero_shot_spk_id:
            self.frontend.spk2info[zero_shot_spk_id]["prompt_text"]
        else:
            self._prompted(prompt_text, prompt_wav)
        self._said(call="zero_shot", text=tts_text, prompt_text=prompt_text, id=zero_shot_spk_id, speed=speed)
        yield from self._pieces(tts_text, speed)

    def inference_cross_lingual(self, tts_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0,
                                text_frontend=True):
        self._prompted(tts_text, prompt_wav)
        self._said(call="cross_lingual", text=tts_text, speed=speed)
        yield from self._pieces(tts_text, speed)

    def inference_instruct(self, tts_text, spk_id, instruct_text, stream=False, speed=1.0, text_frontend=True):
        assert self.__class__.__name__ == "CosyVoice", "inference_instruct is only implemented for CosyVoice!"
        self._said(call="instruct", text=tts_text, voice=spk_id, instruct=instruct_text, speed=speed)
        yield from self._pieces(tts_text, speed)


class CosyVoice2(CosyVoice):
    def inference_instruct2(self, tts_text, instruct_text, prompt_wav, zero_shot_spk_id="", stream=False, speed=1.0,
                            text_frontend=True):
        assert not zero_shot_spk_id, "a registered voice would not hear the instruction"
        self._prompted(instruct_text, prompt_wav)
        self._said(call="instruct2", text=tts_text, instruct=instruct_text, speed=speed)
        yield from self._pieces(tts_text, speed)


class CosyVoice3(CosyVoice2):
    pass


def AutoModel(**kwargs):
    for name, kind in (("cosyvoice", CosyVoice), ("cosyvoice2", CosyVoice2), ("cosyvoice3", CosyVoice3)):
        if os.path.exists(f"{kwargs['model_dir']}/{name}.yaml"):
            return kind(**kwargs)
    raise TypeError("No valid model type found!")
'''
COMMON = """
def set_all_random_seed(seed):
    assert 0 <= seed < 2**32
"""


def write(models: Path, generation: int) -> Path:
    """The code in ``models/cosyvoice-code`` and a model of a generation beside it; returns the model's folder."""
    code = models / "cosyvoice-code"
    for name, text in (
        ("cosyvoice/__init__.py", ""),
        ("cosyvoice/cli/__init__.py", ""),
        ("cosyvoice/cli/cosyvoice.py", SOURCE),
        ("cosyvoice/utils/__init__.py", ""),
        ("cosyvoice/utils/common.py", COMMON),
        ("third_party/Matcha-TTS/matcha/__init__.py", ""),
    ):
        path = code / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    model = models / {1: "cosyvoice-sft", 2: "cosyvoice2", 3: "cosyvoice3"}[generation]
    model.mkdir()
    (model / {1: "cosyvoice.yaml", 2: "cosyvoice2.yaml", 3: "cosyvoice3.yaml"}[generation]).write_text("")
    (model / "spk2info.json").write_text('{"中文女": {"embedding": []}}' if generation == 1 else "{}", "utf-8")
    return model
