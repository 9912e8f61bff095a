"""Every engine of the house by kind and provider. A new one is a file and a line here.

The classes are named, not imported: a vendor's SDK that is missing hurts only its own engine, and a process
that only asks for names (the gateway) loads none.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from app.core.errors import EngineUnavailable, ValidationFailed
from app.services.engines.base import Engine

Registry = Mapping[str, Mapping[str, str]]
ENGINES: Registry = {
    "script": {"builtin": "app.services.engines.builtin.script:BuiltinScript"},
    "image": {"builtin": "app.services.engines.builtin.picture:BuiltinImage"},
    "video": {"builtin": "app.services.engines.builtin.video:BuiltinVideo"},
    "speech": {
        "builtin": "app.services.engines.builtin.speech:BuiltinSpeech",
        "openjtalk": "app.services.engines.speech_openjtalk:OpenJTalk",
    },
    "music": {"builtin": "app.services.engines.builtin.music:BuiltinMusic"},
    "avatar": {},
    "upscale": {},
    "interpolate": {},
}


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
    engine: Engine = found()
    return engine


def _unknown(where: str, detail: str) -> ValidationFailed:
    return ValidationFailed(detail, errors=[{"type": "engine", "loc": where.split("."), "msg": detail}])
