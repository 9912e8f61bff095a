"""Every engine of the house by kind and provider. A new one is a file and a line here.

The classes are named, not imported: a vendor's SDK that is missing hurts only its own engine, and a process
that only asks for names (the gateway) loads none.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping

from app.core.config import SettingsError
from app.core.errors import EngineUnavailable, ValidationFailed
from app.services.engines.base import Engine

Registry = Mapping[str, Mapping[str, str]]
_HERE = "app.services.engines"
ENGINES: Registry = {
    "script": {
        "ollama": f"{_HERE}.script_ollama:OllamaScript",
        "dashscope": f"{_HERE}.script_dashscope:DashScopeScript",
        "openai": f"{_HERE}.script_openai:OpenAIScript",
        "builtin": f"{_HERE}.builtin.script:BuiltinScript",
    },
    "image": {
        "comfyui": f"{_HERE}.image_comfyui:ComfyUIImage",
        "flux": f"{_HERE}.image_flux:Flux",
        "sdxl": f"{_HERE}.image_sdxl:SDXL",
        "dashscope": f"{_HERE}.image_dashscope:DashScopeImage",
        "builtin": f"{_HERE}.builtin.picture:BuiltinImage",
    },
    "video": {
        "comfyui": f"{_HERE}.video_comfyui:ComfyUIVideo",
        "hunyuan": f"{_HERE}.video_hunyuan:Hunyuan",
        "cogvideox": f"{_HERE}.video_cogvideox:CogVideoX",
        "svd": f"{_HERE}.video_svd:SVD",
        "wan": f"{_HERE}.video_wan:Wan",
        "ltx": f"{_HERE}.video_ltx:LTX",
        "pixverse": f"{_HERE}.video_pixverse:Pixverse",
        "dashscope": f"{_HERE}.video_dashscope:DashScopeVideo",
        "qianfan": f"{_HERE}.video_qianfan:Qianfan",
        "builtin": f"{_HERE}.builtin.video:BuiltinVideo",
    },
    "speech": {
        "cosyvoice": f"{_HERE}.speech_cosyvoice:CosyVoice",
        "dashscope": f"{_HERE}.speech_dashscope:DashScopeSpeech",
        "openai": f"{_HERE}.speech_openai:OpenAISpeech",
        "edge": f"{_HERE}.speech_edge:EdgeSpeech",
        "openjtalk": f"{_HERE}.speech_openjtalk:OpenJTalk",
        "builtin": f"{_HERE}.builtin.speech:BuiltinSpeech",
    },
    "music": {"builtin": f"{_HERE}.builtin.music:BuiltinMusic"},
    "avatar": {
        "ditto": f"{_HERE}.avatar_ditto:Ditto",
        "builtin": f"{_HERE}.builtin.avatar:BuiltinAvatar",
    },
    "upscale": {
        "flashvsr": f"{_HERE}.upscale_flashvsr:FlashVSR",
        "builtin": f"{_HERE}.builtin.upscale:BuiltinUpscale",
    },
    "interpolate": {
        "rife": f"{_HERE}.interpolate_rife:RIFE",
        "builtin": f"{_HERE}.builtin.interpolate:BuiltinInterpolate",
    },
}
"""The order of a kind is that of the default order (see ``router``), among engines of one place."""


def check_known(kind: str, provider: str, engines: Registry = ENGINES) -> None:
    """Raises ValidationFailed listing what there is."""
    if kind not in engines:
        raise _unknown("engines", f"There is no engine kind {kind}; known: {', '.join(engines)}")
    if provider not in engines[kind]:
        known = ", ".join(engines[kind]) or "none"
        raise _unknown(f"engines.{kind}", f"There is no {kind} engine {provider}; known: {known}")


def load(kind: str, provider: str, engines: Registry = ENGINES) -> Engine:
    """A new engine. Raises ValidationFailed for an unknown one, EngineUnavailable if its code cannot be loaded."""
    check_known(kind, provider, engines)
    module, _, name = engines[kind][provider].partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except ImportError as error:
        raise EngineUnavailable(f"The {kind} engine {provider} needs a module that is missing: {error.name}") from error
    try:
        engine: Engine = found()
    except SettingsError as error:
        raise EngineUnavailable(f"The {kind} engine {provider} is set up wrongly: {error}") from error
    except (OSError, ValueError) as error:
        # A file of its own that cannot be read, say: no reason that the others are not listed and used.
        raise EngineUnavailable(f"The {kind} engine {provider} cannot be made: {type(error).__name__}") from error
    return engine


def check_order(engines_of: Callable[[str, str], Iterable[str]], engines: Registry = ENGINES) -> None:
    """Raises SettingsError for a provider in the settings (by kind and task type) that there is none of."""
    for kind in engines:
        for task_type in ("", "character", "scene"):
            for provider in engines_of(kind, task_type):
                try:
                    check_known(kind, provider, engines)
                except ValidationFailed as error:
                    raise SettingsError(f"ENGINES_{kind.upper()}: {error.detail}") from None


def default_order(kind: str, engines: Registry = ENGINES, *, local_first: bool = True) -> list[str]:
    """The providers that the owner set up, on his machines or in the cloud first, and ``builtin`` at last."""
    places: dict[str, list[str]] = {"local": [], "cloud": [], "builtin": []}
    for provider in engines.get(kind, {}):
        try:
            engine = load(kind, provider, engines)
        except EngineUnavailable:
            continue  # the list of engines tells why
        if engine.place == "builtin" or engine.configured():
            places[engine.place].append(provider)
    first, second = ("local", "cloud") if local_first else ("cloud", "local")
    return [*places[first], *places[second], *places["builtin"]]


def _unknown(where: str, detail: str) -> ValidationFailed:
    return ValidationFailed(detail, errors=[{"type": "engine", "loc": where.split("."), "msg": detail}])
