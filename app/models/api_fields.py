"""Fields that bodies from clients are made of: text cleaned, ids checked, numbers bounded."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from app.core.ids import ID_PATTERN
from app.models.story import CAMERAS, camera_name

MAX_SHOTS = 40
DEFAULT_SHOTS = (6, 10)
MAX_SEED = 2**31 - 1
FACTORS = (1, 2, 4)
EVENT_PATTERN = r"^(\*|(storyboard|shot|video)\.(\*|succeeded|failed|canceled))$"
ENGINE_PATTERN = r"^[a-z0-9][a-z0-9_\-]{0,63}(\s*,\s*[a-z0-9][a-z0-9_\-]{0,63}){0,9}$"

_CONTROLS = {code: None for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n\t"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(value: Any) -> Any:
    """Text without control characters (line breaks and tabs stay) and lone surrogates; other values pass."""
    if not isinstance(value, str):
        return value
    return _SURROGATE.sub("\ufffd", value.replace("\r\n", "\n").translate(_CONTROLS))


def _known_camera(word: str) -> str:
    name = camera_name(word.strip())
    if name is None:
        raise ValueError(f"camera must be one of {', '.join(CAMERAS)} or the Chinese name of one")
    return name


def _factor(value: int) -> int:
    if value not in FACTORS:
        raise ValueError("must be 1, 2 or 4")
    return value


def blank_is_none(value: Any) -> Any:
    """An empty string counts as a field left out."""
    return None if value == "" else value


Id = Annotated[str, Field(pattern=ID_PATTERN, min_length=1, max_length=128)]
Line = Annotated[str, BeforeValidator(clean_text), Field(max_length=500)]
Passage = Annotated[str, BeforeValidator(clean_text), Field(max_length=4000)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED)]
Duration = Annotated[float, Field(ge=0.5, le=60, allow_inf_nan=False)]
Url = Annotated[str, BeforeValidator(clean_text), Field(max_length=2000, json_schema_extra={"format": "uri"})]
CameraWord = Annotated[
    str,
    BeforeValidator(clean_text),
    AfterValidator(_known_camera),
    WithJsonSchema({"type": "string", "enum": [*CAMERAS.values(), *CAMERAS]}),
]
Factor = Annotated[int, AfterValidator(_factor), WithJsonSchema({"type": "integer", "enum": list(FACTORS)})]
EngineName = Annotated[str, Field(pattern=ENGINE_PATTERN)]
EventName = Annotated[str, Field(pattern=EVENT_PATTERN)]


class Body(BaseModel):
    """A null counts as a field left out, so that clients may send every field they know."""

    model_config = ConfigDict(extra="ignore")
    meaningful_null: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _null_is_left_out(cls, body: Any) -> Any:
        if not isinstance(body, dict):
            return body
        return {name: value for name, value in body.items() if value is not None or name in cls.meaningful_null}


class CharacterBody(Body):
    """One of the cast, drawn alike in every shot."""

    name: Annotated[str, BeforeValidator(clean_text), Field(min_length=1, max_length=100, examples=["小狗"])]
    description: Annotated[str, BeforeValidator(clean_text), Field(max_length=2000)] = ""
    reference_image_url: Url = Field(default="", description="http or https address of a picture.")


class EngineChoice(Body):
    """Engines to use instead of the configured ones, by kind: a name, or several in order, comma separated."""

    script: EngineName | None = None
    image: EngineName | None = None
    video: EngineName | None = None
    speech: EngineName | None = None
    music: EngineName | None = None
    upscale: EngineName | None = None
    interpolate: EngineName | None = None
