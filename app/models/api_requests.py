"""Bodies that clients send: the only place that knows older field names.

Unknown fields are ignored, because clients are older or newer than this server. Each body that starts a job
gives the plain dict that the job keeps as its ``request``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from app.models.api_fields import (
    DEFAULT_SHOTS,
    MAX_SHOTS,
    Body,
    CameraWord,
    CharacterBody,
    Duration,
    EngineChoice,
    EventName,
    Factor,
    Id,
    Line,
    Passage,
    Seed,
    Url,
    blank_is_none,
    clean_text,
)
from app.models.story import AspectRatio, Medium, Resolution
from app.models.timeline import Joining


class OperationBody(Body):
    """What every request that starts a job has."""

    operation_id: Id = Field(description="The client's name for this request; the same request again starts nothing.")
    story_id: Id
    user_id: Id
    engines: EngineChoice | None = None
    callback_url: Url | None = Field(
        default=None, description="Where the signed callback goes when the job ends; a public http or https address."
    )
    callback_events: list[EventName] = Field(
        default_factory=list,
        max_length=20,
        description="Further events to call back for, such as `shot.*` or `shot.succeeded`.",
    )

    _blank = field_validator("callback_url", mode="before")(blank_is_none)

    def engine_names(self) -> dict[str, str]:
        """Kind to provider, only those that were named."""
        return {} if self.engines is None else self.engines.model_dump(exclude_none=True)

    def urls(self) -> list[tuple[str, str]]:
        """(field, address) of everything outside that this request names, apart from the callback."""
        return []

    def order_request(self) -> dict[str, Any]:
        """The job's ``request``: what decides the result, without ids and addresses."""
        raise NotImplementedError


class CreateStoryboard(OperationBody):
    """A story that becomes a storyboard."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "operation_id": "op-001",
                    "story_id": "story-001",
                    "user_id": "u-001",
                    "display_name": "温馨短片",
                    "script_content": "小狗找妈妈的故事",
                    "style": "温馨可爱",
                }
            ]
        },
    )

    script_content: Annotated[str, BeforeValidator(clean_text)] = Field(
        min_length=1, description="The story: one line or twenty thousand characters, in Chinese or English."
    )
    display_name: Line = Field(default="", description="Title of the film.")
    style: Line = ""
    language: str = Field(
        default="",
        pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$",
        max_length=35,
        description="BCP 47 (`zh`, `en`); empty: found from the text.",
    )
    aspect_ratio: AspectRatio = "16:9"
    resolution: Resolution = "720p"
    shot_count: int | None = Field(default=None, ge=1, le=MAX_SHOTS, description="Exactly this many shots.")
    shots_min: int | None = Field(default=None, ge=1, le=MAX_SHOTS, description="Default 6.")
    shots_max: int | None = Field(default=None, ge=1, le=MAX_SHOTS, description="Default 10.")
    voice: Line = ""
    seed: Seed | None = None
    characters: list[CharacterBody] = Field(default_factory=list, max_length=20)

    @field_validator("script_content")
    @classmethod
    def _says_something(cls, text: str) -> str:
        if not any(char.isprintable() and not char.isspace() for char in text):
            raise ValueError("script_content is empty: there is no story in it")
        return text

    @model_validator(mode="after")
    def _min_below_max(self) -> CreateStoryboard:
        if self.shots_min is not None and self.shots_max is not None and self.shots_min > self.shots_max:
            raise ValueError("shots_min must not be above shots_max")
        return self

    def shot_range(self) -> tuple[int, int]:
        """Fewest and most shots; a bound that was left out gives way to the other."""
        if self.shot_count is not None:
            return self.shot_count, self.shot_count
        low, high = DEFAULT_SHOTS
        if self.shots_min is not None:
            low, high = self.shots_min, max(self.shots_min, high)
        if self.shots_max is not None:
            low, high = min(low, self.shots_max), self.shots_max
        return low, high

    def urls(self) -> list[tuple[str, str]]:
        return [
            (f"characters.{index}.reference_image_url", one.reference_image_url)
            for index, one in enumerate(self.characters)
            if one.reference_image_url
        ]

    def order_request(self) -> dict[str, Any]:
        low, high = self.shot_range()
        return {
            "text": self.script_content,
            "display_name": self.display_name,
            "style": self.style,
            "language": self.language,
            "aspect_ratio": self.aspect_ratio,
            "resolution": self.resolution,
            "shots_min": low,
            "shots_max": high,
            "voice": self.voice,
            "seed": self.seed,
            "characters": [one.model_dump() for one in self.characters],
            "engines": self.engine_names(),
        }


class ShotFields(Body):
    """The words of a shot. A field left out (or null) keeps its value."""

    subject: Passage | None = None
    detail: Passage | None = Field(
        default=None,
        validation_alias=AliasChoices("detail", "details", "prompt"),
        description="What happens in the shot; also accepted as `details` or `prompt`.",
    )
    image_detail: Passage | None = Field(default=None, description="The words that the key frame is drawn from.")
    camera: CameraWord | None = Field(
        default=None, description="One of the eleven camera moves, by its Chinese or English name."
    )
    narration: Passage | None = None
    tone: Line | None = None
    sound: Passage | None = None
    style: Line | None = None
    duration: Duration | None = Field(default=None, description="Seconds; the narration may need more.")
    seed: Seed | None = None
    continues: bool | None = Field(
        default=None, description="The clip begins with the last frame of the shot before, not with its own key frame."
    )

    _blank = field_validator("camera", mode="before")(blank_is_none)


class PatchShot(ShotFields):
    """Changes to a shot's words. Left out or null keeps a field, except `duration`: null takes the wish back."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={"examples": [{"narration": "小狗终于找到了妈妈。", "camera": "镜头推进"}]},
    )
    meaningful_null = frozenset({"duration"})

    def changes(self) -> dict[str, Any]:
        """The fields to set."""
        return self.model_dump(exclude_unset=True)


class InsertShot(ShotFields):
    """A new shot."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"position": 2, "image_detail": "月光下的小路", "narration": "夜深了。", "camera": "static"}]
        },
    )

    position: int | None = Field(default=None, ge=1, le=10_000, description="From 1; left out: at the end.")

    def fields(self) -> dict[str, Any]:
        """The new shot's words."""
        return self.model_dump(exclude_none=True, exclude={"position"})


class ShotOrder(Body):
    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [{"shot_ids": ["shot_02", "shot_01"]}]})

    shot_ids: list[Id] = Field(min_length=1, max_length=1000, description="Every shot of the storyboard, once.")


class PinVersions(Body):
    """Which take of each medium to use, even where it no longer fits the words; 0 ends the choice."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [{"image": 1}]})

    image: int | None = Field(default=None, ge=0, le=1_000_000)
    audio: int | None = Field(default=None, ge=0, le=1_000_000)
    video: int | None = Field(default=None, ge=0, le=1_000_000)

    @model_validator(mode="after")
    def _names_one(self) -> PinVersions:
        if not self.pins():
            raise ValueError("name at least one of image, audio and video with the number of a version")
        return self

    def pins(self) -> dict[Medium, int]:
        """Medium to number."""
        named: dict[Medium, int | None] = {"image": self.image, "audio": self.audio, "video": self.video}
        return {medium: number for medium, number in named.items() if number is not None}


class RegenerateShot(OperationBody, ShotFields):
    """Changes to a shot and what to make anew. A field left out or empty keeps its value."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [
                {
                    "operation_id": "op-002",
                    "story_id": "story-001",
                    "shot_id": "shot_01",
                    "user_id": "u-001",
                    "detail": "先是小狗抬头，然后雨停了，最后它看见彩虹",
                }
            ]
        },
    )

    shot_id: Id
    assets: list[Medium] = Field(default=["image"], min_length=1, max_length=3, description="What to make anew.")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, body: Any) -> Any:
        # Older clients send every field they know, empty where the user changed nothing; PATCH empties a field.
        return (
            {name: value for name, value in body.items() if value not in ("", [])} if isinstance(body, dict) else body
        )

    def order_request(self) -> dict[str, Any]:
        changes = self.model_dump(include=set(ShotFields.model_fields) - {"seed"}, exclude_none=True)
        return {
            "changes": changes,
            "seed": self.seed,
            "assets": list(dict.fromkeys(self.assets)),
            "engines": self.engine_names(),
        }


class ShotBody(ShotFields):
    """A shot of the storyboard that a render brings along. Addresses and other fields of an answer are ignored."""

    id: Id | None = Field(default=None, description="Left out: `shot_` and its place in the list.")
    sequence: int | None = Field(default=None, ge=0, le=10_000)


class RenderVideo(OperationBody):
    """Render a story's film."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"operation_id": "op-003", "story_id": "story-001", "user_id": "u-001", "subtitles": "burned"}]
        },
    )

    scale: Factor = Field(default=1, description="Upscale.")
    multi: Factor = Field(default=1, description="Frame-rate factor.")
    shots: list[ShotBody] | None = Field(
        default=None, max_length=200, description="Replaces the storyboard first; empty: the story's own."
    )
    subtitles: Literal["burned", "soft", "none"] = "burned"
    bgm: Annotated[str, BeforeValidator(clean_text), Field(max_length=2000)] = Field(
        default="", description="Name or http(s) address of the music, or `none`; empty: composed for the film."
    )
    transition: Joining | None = Field(
        default=None,
        description="Between shots; `auto`: each by what happens there. Default: the server's OUTPUT_TRANSITION.",
    )
    cards: bool | None = Field(
        default=None,
        description="A title page before the story and a page after its end. Default: the server's OUTPUT_CARDS.",
    )
    ambience: bool | None = Field(
        default=None,
        description="Sounds of the world from each shot's `sound`. Default: the server's OUTPUT_AMBIENCE.",
    )
    fps: int | None = Field(default=None, ge=8, le=60, description="Default: the server's OUTPUT_FPS.")

    @model_validator(mode="before")
    @classmethod
    def _ids_inside_operation(cls, body: Any) -> Any:
        if not isinstance(body, dict) or not isinstance(body.get("operation"), dict):
            return body
        inside = {name: body["operation"].get(name) for name in ("operation_id", "story_id", "user_id")}
        return {**body, **{name: value for name, value in inside.items() if value and not body.get(name)}}

    @model_validator(mode="after")
    def _shot_ids_differ(self) -> RenderVideo:
        ids = [shot["id"] for shot in self.shot_list() or []]
        if len(set(ids)) != len(ids):
            raise ValueError("two shots have the same id")
        return self

    def shot_list(self) -> list[dict[str, Any]] | None:
        """The storyboard that came along, in order: each shot's id, sequence (from 1) and given words."""
        if not self.shots:
            return None
        shots = list(self.shots)
        if all(shot.sequence is not None for shot in shots):
            shots.sort(key=lambda shot: shot.sequence or 0)
        return [
            {**shot.model_dump(exclude_none=True), "id": shot.id or f"shot_{number:02}", "sequence": number}
            for number, shot in enumerate(shots, 1)
        ]

    def urls(self) -> list[tuple[str, str]]:
        return [("bgm", self.bgm)] if "://" in self.bgm else []

    def order_request(self) -> dict[str, Any]:
        return {
            "shots": self.shot_list(),
            "scale": self.scale,
            "multi": self.multi,
            "subtitles": self.subtitles,
            "bgm": self.bgm,
            "transition": self.transition,
            "cards": self.cards,
            "ambience": self.ambience,
            "fps": self.fps,
            "engines": self.engine_names(),
        }
