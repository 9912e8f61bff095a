"""Where the service is and who asks, for the command line: ``STORY_FILM_URL``, ``STORY_FILM_KEY`` ..., or ``.env``."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.client.asynchronous import DEFAULT_URL


class ClientSettings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix="STORY_FILM_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    url: str = DEFAULT_URL
    key: SecretStr = SecretStr("")
    user: str = ""
    """Whose stories; empty: those of everybody, and new ones for the user ``client``."""
    timeout_s: float = Field(default=60, gt=0)
    """For one answer, not for a job."""
