"""The list of engines: what there is, what each can do, whether it is ready, and if not, what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from app.core.errors import AppError, EngineUnavailable
from app.services.engines.base import Engine
from app.services.engines.registry import ENGINES, Registry, default_order, load

ASKED_S = 5.0
"""How long the hosts of all engines together may take to say that they are there."""


async def roster(
    order: Callable[[str], Sequence[str]], *, registry: Registry = ENGINES, local_first: bool = True
) -> list[dict[str, Any]]:
    """One entry per engine: ``{kind, name, provider, place, ready, missing, order, capabilities, notes}``.

    ``order`` gives the providers that the owner wrote down for a kind. In an entry, ``order`` is the engine's place in
    what is tried, from 1, or None. ``missing`` names settings, files and packages, and hosts that do not answer.
    """
    # Engines read files when they are made and asked what they lack: in threads, while others are answered.
    tried = await asyncio.to_thread(
        lambda: {kind: list(order(kind)) or default_order(kind, registry, local_first=local_first) for kind in registry}
    )
    return list(
        await asyncio.gather(
            *[
                _entry(kind, provider, tried[kind], registry)
                for kind, providers in registry.items()
                for provider in providers
            ]
        )
    )


def _made(kind: str, provider: str, registry: Registry) -> tuple[Engine, list[str]]:
    """A new engine and what it lacks on this machine."""
    engine = load(kind, provider, registry)
    return engine, engine.missing()


async def _entry(kind: str, provider: str, tried: list[str], registry: Registry) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "kind": kind,
        "name": f"{kind}/{provider}",
        "provider": provider,
        "order": tried.index(provider) + 1 if provider in tried else None,
    }
    try:
        engine, missing = await asyncio.to_thread(_made, kind, provider, registry)
    except EngineUnavailable as error:
        return entry | {"place": "", "ready": False, "missing": [error.detail], "capabilities": {}, "notes": ""}
    # Nobody's cloud is called on behalf of an owner who does not use it.
    if not missing and (engine.place != "cloud" or provider in tried):
        missing = await _unreachable(engine)
    can = engine.can().model_dump(mode="json", exclude_defaults=True)
    notes = can.pop("notes", "")
    return entry | {
        "place": engine.place,
        "ready": not missing,
        "missing": missing,
        "capabilities": can,
        "notes": notes,
    }


async def _unreachable(engine: Engine) -> list[str]:
    try:
        return await asyncio.wait_for(engine.unreachable(), ASKED_S)
    except TimeoutError:
        return [f"{engine.name} did not say within {ASKED_S:.0f} s whether it is there"]
    except AppError as error:
        return [error.detail]
