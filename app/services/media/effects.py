"""Weather and light that live in front of a layer: drawn anew in every frame, straight on the planes.

An effect is a pure function of its seed and the frame's number, so any frame can be drawn alone and segments
meet without a jump. :func:`prepare` makes one ready for a shot.
"""

from __future__ import annotations

from collections.abc import Callable

from app.models.engine import Effect
from app.services.media import drifting, fields, fire, lights, particles, water
from app.services.media.masks import Layered, Setting
from app.services.media.planes import color

_NATURAL: dict[str, tuple[int, int, int]] = {
    "leaves": (206, 122, 48),
    "petals": (250, 188, 206),
    "fire": (255, 126, 34),
    "fireflies": (232, 255, 140),
    "rays": (255, 244, 214),
    "lanterns": (255, 164, 76),
    "birds": (58, 60, 78),
    "dust": (255, 240, 208),
    "mist": (238, 242, 248),
}
"""Colours of what is hardly ever white, for effects that name none."""
KINDS: dict[str, Callable[[Setting], Layered]] = {
    "rain": particles.Rain,
    "snow": particles.Snow,
    "stars": particles.Stars,
    "dust": particles.Dust,
    "fireflies": lights.Fireflies,
    "lanterns": lights.Lanterns,
    "bubbles": lights.Bubbles,
    "waves": water.Waves,
    "leaves": drifting.Leaves,
    "petals": drifting.Petals,
    "birds": drifting.Birds,
    "smoke": fields.Smoke,
    "mist": fields.Mist,
    "fire": fire.Fire,
    "rays": fields.Rays,
}


def prepare(effect: Effect, seed: int, picture: tuple[int, int], fps: int) -> Layered:
    """Make an effect ready for pictures of this size; amount and box are brought into their limits."""
    left, right = sorted(_unit(edge) for edge in (effect.box[0], effect.box[2]))
    top, bottom = sorted(_unit(edge) for edge in (effect.box[1], effect.box[3]))
    rgb = _NATURAL.get(effect.kind, effect.color) if effect.color == (255, 255, 255) else effect.color
    clamped = tuple(min(max(value, 0), 255) for value in rgb)
    width, height = picture
    setting = Setting(
        left=left * width,
        top=top * height,
        width=max((right - left) * width, 4.0),
        height=max((bottom - top) * height, 4.0),
        picture=picture,
        amount=_unit(effect.amount),
        ink=color((clamped[0], clamped[1], clamped[2])),
        rgb=(clamped[0], clamped[1], clamped[2]),
        seed=seed,
        fps=fps,
        unit=min(picture) / 1.25 / 720,
    )
    return KINDS[effect.kind](setting)


def _unit(value: float) -> float:
    """Into 0 to 1; what is no number is 0."""
    return min(max(value, 0.0), 1.0) if value == value else 0.0
