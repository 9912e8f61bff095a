"""Puts the rooms together from the settings. The one place that knows which storage stands behind the protocols."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from app.core.config import Settings, SettingsError
from app.services.callbacks import Callbacks
from app.services.jobs import Jobs
from app.services.stories import Stories
from app.storage import atomic
from app.storage.artifacts import Artifacts
from app.storage.document_shapes import check_document, check_line
from app.storage.documents_json import JsonDocuments
from app.storage.objects import Objects
from app.storage.objects_choice import open_objects


@dataclass(frozen=True)
class Services:
    """What a gateway, a worker or a command works with. ``settings.data_dir`` is absolute."""

    settings: Settings
    documents: JsonDocuments
    artifacts: Artifacts
    objects: Objects
    stories: Stories
    callbacks: Callbacks
    jobs: Jobs


def build(settings: Settings) -> Services:
    """Nothing is opened or started by this, and no folder made but the one of a link secret.

    Raises SettingsError for an object store that cannot be set up so.
    """
    data_dir = settings.data_dir.resolve()
    settings = settings.model_copy(update={"data_dir": data_dir})
    documents = JsonDocuments(data_dir / "documents", check=check_document, check_line=check_line)
    secret = _link_secret(data_dir / "link_secret") if settings.api_keys else None
    objects = open_objects(settings, secret)
    base_url = settings.public_base_url or f"http://{_host(settings.service_host)}:{settings.service_port}"
    callbacks = Callbacks(settings, documents, lambda key: objects.url(key, base_url))
    return Services(
        settings=settings,
        documents=documents,
        artifacts=Artifacts(data_dir / "artifacts"),
        objects=objects,
        stories=Stories(documents),
        callbacks=callbacks,
        jobs=Jobs(settings, documents, callbacks),
    )


def _host(bound: str) -> str:
    """How to reach a server that is bound to ``bound`` from this machine."""
    if bound in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{bound}]" if ":" in bound else bound


def _link_secret(path: Path) -> bytes:
    """The key that links to files are signed with, made once; every process of the house reads the same."""
    if not path.exists():
        atomic.create(path, secrets.token_hex(32).encode())
        os.chmod(path, 0o600)  # noqa: PTH101
    secret = path.read_bytes()
    if len(secret) < 32:
        # An emptied file would let everybody sign links.
        raise SettingsError(f"{path} is damaged: remove it, and links to files are signed with a new one")
    return secret
