"""Settings that every sidecar has, under a prefix of its own: ``SIDECAR_DIFFUSION_PORT``, ``SIDECAR_COSYVOICE_TOKEN``.

A sidecar is a process of its own, maybe on another machine: it reads the environment and ``.env``, nothing else.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SidecarSettings(BaseSettings):
    """A subclass sets ``model_config = SettingsConfigDict(env_prefix="SIDECAR_<NAME>_")`` and its own ``port``."""

    model_config = SettingsConfigDict(
        env_prefix="SIDECAR_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
        protected_namespaces=(),
    )

    host: str = "127.0.0.1"
    port: int = Field(default=50001, ge=0, le=65535)
    token: SecretStr = SecretStr("")
    """Clients send it as ``Authorization: Bearer``. Needed to bind elsewhere than to loopback."""
    data_dir: Path | None = None
    """Uploads and results; none: ``data/sidecars/<name>``. One process at a time."""
    models_dir: Path = Field(default=Path("models"), validation_alias=AliasChoices("models_dir"))
    """MODELS_DIR: where ``./deploy.sh fetch`` puts weights, one folder per name."""
    queue_limit: int = Field(default=32, ge=1)
    """Runs that may wait; more are refused with 429."""
    max_upload_bytes: int = Field(default=2_000_000_000, ge=1000)
    keep_s: float = Field(default=3600, gt=0)
    """How long a finished run and its files are kept for whoever has not fetched them yet, seconds."""
    keep_bytes: int = Field(default=10_000_000_000, ge=0)
    """Results beyond this go earlier, the oldest first."""
    run_limit_s: float = Field(default=7200, gt=0)
    """A run that takes longer is told to stop and has failed."""
    stop_s: float = Field(default=120, gt=0)
    """A run that was told to stop and goes on for longer is given up; until it ends, no other can begin."""
    in_a_row: int = Field(default=4, ge=1)
    """Runs of the same affinity taken before one that waits longer."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _open_server_stays_home(self) -> SidecarSettings:
        if self.host not in LOOPBACK and not self.token.get_secret_value():
            prefix = self.model_config.get("env_prefix", "")
            raise ValueError(f"{prefix}HOST={self.host} would let anybody in: set {prefix}TOKEN")
        return self


S = TypeVar("S", bound=SidecarSettings)


def settings_from(kind: type[S], argv: Sequence[str] | None = None) -> S:
    """Read the settings, with ``--host``, ``--port`` and ``--data-dir`` from the command line before all else.

    Ends the process with one sentence and status 2 when one cannot be used: for a sidecar's ``main``.
    """
    parser = argparse.ArgumentParser(description="Serve a local model to the story-to-film service.")
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--data-dir", dest="data_dir", type=Path)
    named = {name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None}
    try:
        return kind(**named)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        prefix = "" if name == "MODELS_DIR" else str(kind.model_config.get("env_prefix", ""))
        reason = first["msg"].removeprefix("Value error, ")
        sys.stderr.write(f"{prefix}{name}: {reason}\n" if name else f"{reason}\n")
        raise SystemExit(2) from None
