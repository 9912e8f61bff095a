"""Settings, read once from the environment, ``.env`` and an optional ``config.yaml``, and handed down.

Order of precedence: environment, ``.env``, ``config.yaml`` (or the file named by ``CONFIG_FILE``), defaults.
A bad value stops the start with one sentence that names it (:func:`load_settings`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)


class SettingsError(Exception):
    """The configuration cannot be used; the message names the setting and what is wrong with it."""


def _split(value: Any) -> Any:
    """``a, b`` as a list; lists pass."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


CommaList = Annotated[list[str], NoDecode, BeforeValidator(_split)]
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Path("data")
    """Documents, artifacts, objects and the job runtime's database."""
    service_host: str = "127.0.0.1"
    service_port: int = Field(default=12345, ge=1, le=65535)
    allow_open_access: bool = False
    """Say in so many words that a server without API_KEYS may bind other than loopback."""
    public_base_url: str = ""
    """How clients reach this server; URLs in bodies and callbacks begin with it. Empty: relative to the request."""
    database_url: str = ""
    """Of the job runtime; empty: SQLite in DATA_DIR."""
    api_keys: CommaList = Field(default_factory=list)
    """``key`` or ``tenant:key``, comma separated. Empty: open."""
    default_wait_s: float = Field(default=0, ge=0, le=300)
    queue_limit: int = Field(default=1000, ge=1)
    """Unfinished jobs beyond which a new one is refused with 429."""
    max_body_bytes: int = Field(default=8_000_000, ge=10_000)
    max_text_chars: int = Field(default=200_000, ge=100)
    worker_jobs: int = Field(default=4, ge=1, le=64)
    """Jobs that one worker carries out at the same time."""
    worker_threads: int = Field(default=0, ge=0, le=64)
    """Threads that draw and encode; 0: one per core."""

    callback_url: str = ""
    callback_secret: SecretStr = SecretStr("")
    """``whsec_`` and base64 (Standard Webhooks), or any text, whose UTF-8 bytes are then the key."""
    callback_allowed_hosts: CommaList = Field(default_factory=list)
    """Hosts that a request may name although their address is private."""

    local_inference: bool = True
    """Where no order is given: engines on the owner's machines before those in the cloud, or the other way round."""
    engines_script: CommaList = Field(default_factory=list)
    """Providers in the order in which they are tried. Empty: those that are set up, then ``builtin``."""
    engines_image: CommaList = Field(default_factory=list)
    engines_video: CommaList = Field(default_factory=list)
    engines_speech: CommaList = Field(default_factory=list)
    engines_music: CommaList = Field(default_factory=list)
    engines_avatar: CommaList = Field(default_factory=list)
    engines_upscale: CommaList = Field(default_factory=list)
    engines_interpolate: CommaList = Field(default_factory=list)
    image_character: CommaList = Field(default_factory=list)
    """Providers for portraits of the cast; empty: as for all pictures."""
    image_scene: CommaList = Field(default_factory=list)
    """Providers for key frames; empty: as for all pictures."""
    cast_references: bool = True
    """Draw each of the cast once as a reference for engines that can keep a face, where the request brings none."""

    objects: Literal["local", "oss", "s3"] = "local"
    objects_prefix: str = ""
    """Folder inside the bucket under which all keys stand; empty: none."""
    link_ttl_s: int = Field(default=86_400, ge=60, le=604_800)
    """How long a link to an object in a bucket is good, seconds; it is signed anew on every read."""
    oss_access_key_id: str = ""
    oss_access_key_secret: SecretStr = SecretStr("")
    oss_security_token: SecretStr = SecretStr("")
    """Of a temporary credential (STS)."""
    oss_endpoint: str = ""
    """``https://oss-cn-hangzhou.aliyuncs.com``, or the internal one."""
    oss_public_endpoint: str = ""
    """What links begin with if OSS_ENDPOINT is internal."""
    oss_region: str = ""
    """``cn-hangzhou``; empty: found in the endpoint."""
    oss_bucket: str = Field(default="", validation_alias=AliasChoices("oss_bucket", "oss_bucket_name"))
    oss_domain: str = ""
    """A custom domain that is bound to the bucket (``https://media.example.com``): links begin with it."""
    s3_endpoint: str = ""
    """Empty: Amazon's own."""
    s3_region: str = "us-east-1"
    s3_bucket: str = ""
    s3_access_key_id: str = Field(default="", validation_alias=AliasChoices("s3_access_key_id", "aws_access_key_id"))
    s3_secret_access_key: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("s3_secret_access_key", "aws_secret_access_key")
    )
    s3_path_style: bool = False
    """``endpoint/bucket/key`` instead of ``bucket.endpoint/key``: what MinIO wants."""
    s3_public_endpoint: str = ""
    """What links begin with if clients reach the store by another address."""

    output_fps: int = Field(default=24, ge=8, le=60)
    output_crf: int = Field(default=20, ge=10, le=40)
    output_preset: str = "fast"
    output_transition: Literal["auto", "cut", "fade", "dissolve"] = "auto"
    """Between shots; ``auto``: each by what happens there."""
    output_transition_s: float = Field(default=0.5, ge=0.1, le=2.0)
    """Of a dissolve, seconds; a fade through black takes half as long again."""
    output_cards: bool = True
    """A title page before the story, if it has a name, and a page after its end."""
    output_ambience: bool = True
    """Sounds of the world under the narration: wind, rain, steps, from each shot's ``sound``."""
    output_loudness_lufs: float = Field(default=-16.0, ge=-31, le=-9)
    output_peak_dbtp: float = Field(default=-1.5, ge=-9, le=-0.5)
    output_subtitle_font: str = ""
    """A font file; empty: the one inside OpenCV, so that a film looks the same on every machine."""
    aigc_label: bool = True
    aigc_label_text: str = "AI生成"
    aigc_label_position: Literal["top_left", "top_right", "bottom_left", "bottom_right"] = "top_right"
    aigc_label_s: float = Field(default=2.0, ge=2.0)
    """How long the visible label stays at the film's beginning, seconds (at least 2)."""
    aigc_producer: str = "story-film-service"
    """ContentProducer of the implicit label: the name or code of the provider of the generating service."""

    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return _sources(settings_cls, init_settings, env_settings, dotenv_settings)

    @model_validator(mode="after")
    def _open_server_stays_home(self) -> Settings:
        if not self.api_keys and self.service_host not in LOOPBACK and not self.allow_open_access:
            raise ValueError(
                f"SERVICE_HOST={self.service_host} would let anybody in without a key: "
                "set API_KEYS, or ALLOW_OPEN_ACCESS=true"
            )
        if self.database_url and not self.database_url.startswith("sqlite:///"):
            raise ValueError("DATABASE_URL must begin with sqlite:/// in this version")
        if lacking := self._lacking_for_objects():
            raise ValueError(f"OBJECTS={self.objects} needs {', '.join(lacking)}")
        return self

    def _lacking_for_objects(self) -> list[str]:
        """Settings that the chosen object store needs and does not have."""
        needed = {
            "oss": ("oss_access_key_id", "oss_access_key_secret", "oss_endpoint", "oss_bucket"),
            "s3": ("s3_access_key_id", "s3_secret_access_key", "s3_bucket"),
        }.get(self.objects, ())
        return [name.upper() for name in needed if not _plain(getattr(self, name))]

    @property
    def jobs_database(self) -> str:
        """URL of the job runtime's database."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'jobs.sqlite').resolve()}"

    def engines(self, kind: str, task_type: str = "") -> list[str]:
        """The order of providers that the owner wrote down for an engine kind; empty: none.

        ``task_type`` of a picture, ``character`` or ``scene``, may have an order of its own.
        """
        special = getattr(self, f"{kind}_{task_type}", []) if task_type else []
        return list(special or getattr(self, f"engines_{kind}", []))


class EngineSettings(BaseSettings):
    """Base of the settings that each engine keeps in its own file, read from the same places as the service's.

    A field of ``class PixverseSettings(EngineSettings)`` with ``model_config = SettingsConfigDict(env_prefix=
    "ENGINE_VIDEO_PIXVERSE_")`` is ``ENGINE_VIDEO_PIXVERSE_<FIELD>``; older names stand beside it in ``AliasChoices``.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return _sources(settings_cls, init_settings, env_settings, dotenv_settings)


def _sources(
    settings_cls: type[BaseSettings], *readers: PydanticBaseSettingsSource
) -> tuple[PydanticBaseSettingsSource, ...]:
    yaml = YamlConfigSettingsSource(settings_cls, yaml_file=os.environ.get("CONFIG_FILE", "config.yaml"))
    return *readers, yaml


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


S = TypeVar("S", bound=BaseSettings)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; raises SettingsError with one sentence naming the first bad value."""
    return read_settings(Settings, **overrides)


def read_settings(kind: type[S], **overrides: Any) -> S:
    """Read settings of any kind; raises SettingsError with one sentence naming the first bad value."""
    try:
        return kind(**overrides)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # A field with another name of its own is called by that; others have the prefix of their class.
        place = [str(part) for part in first["loc"]]
        prefix = kind.model_config.get("env_prefix", "") if place and place[0] in kind.model_fields else ""
        name = f"{prefix}{'_'.join(place)}".upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {reason}" if name else reason) from None
