"""Artifact: a kept file (or a few that belong together) addressed by what it was made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.core.ids import fingerprint
from app.models.story import Noun, now


class Recipe(BaseModel):
    """What something is made from. Two equal recipes are one artifact."""

    model_config = ConfigDict(frozen=True)

    kind: str
    """``key_frame``, ``narration``, ``clip``, ``segment``, ``music``, ``sound``, ``film``, ..."""
    engine: str
    """``kind/provider``, or the name of our own code such as ``media/cut``."""
    version: str
    """Of the engine or code: raise it when the same parameters would now give other bytes."""
    params: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    """Role to artifact key (or file digest)."""

    @property
    def key(self) -> str:
        """SHA-256 in hex: the artifact's address."""
        return fingerprint(self.model_dump())


class ArtifactFile(Noun):
    size_bytes: int
    sha256: str


class Manifest(Noun):
    """Stands beside the files of an artifact as ``manifest.json``."""

    key: str
    recipe: Recipe
    files: dict[str, ArtifactFile]
    """Relative path to size and digest."""
    facts: dict[str, Any] = Field(default_factory=dict)
    """What the maker found out: duration, size, seed, word times."""
    created_at: str = Field(default_factory=now)


class Artifact(BaseModel):
    """A manifest and where its files are on this machine."""

    model_config = ConfigDict(frozen=True)

    manifest: Manifest
    folder: Path

    @property
    def key(self) -> str:
        return self.manifest.key

    @property
    def facts(self) -> dict[str, Any]:
        return self.manifest.facts

    def path(self, name: str) -> Path:
        """The file called ``name``; KeyError if the artifact has none."""
        if name not in self.manifest.files:
            raise KeyError(f"artifact {self.key[:12]} has no file {name}")
        return self.folder / name
