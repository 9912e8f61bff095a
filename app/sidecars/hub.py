"""Files from the Hugging Face hub (or a mirror of it) and programs from GitHub, at one commit, into a folder.

huggingface_hub does the work and tries again; here are our words for what can go wrong.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.core.errors import EngineFailed, EngineFault
from app.sidecars.weights import Source

_COMMIT = re.compile(r"[0-9a-f]{40}")
_CHUNK = 1 << 20


class HubSettings(BaseSettings):
    """The hub's own names, so that what users have set up for it holds here, too."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True
    )

    models_dir: Path = Path("models")
    hf_endpoint: str = "https://huggingface.co"
    """A mirror of the hub."""
    hf_token: SecretStr = Field(
        default=SecretStr(""), validation_alias=AliasChoices("hf_token", "hugging_face_hub_token")
    )
    """Needed for repositories whose page must be agreed to."""
    github_endpoint: str = "https://codeload.github.com"
    """Where archives of repositories come from."""
    fetch_timeout_s: float = Field(default=60, gt=0)
    """Of one answer."""

    @property
    def token(self) -> str | bool:
        """False: none, and none of the hub's own cache either."""
        return self.hf_token.get_secret_value() or False


def listed(source: Source, revision: str, settings: HubSettings) -> tuple[str, dict[str, int]]:
    """The commit behind ``revision`` of a hub's repository, and its wanted files with their sizes in bytes."""
    from huggingface_hub import HfApi
    from huggingface_hub.hf_api import RepoFile

    with _plainly(source.repo):
        api = HfApi(endpoint=settings.hf_endpoint, token=settings.token)
        commit = revision
        if not _COMMIT.fullmatch(revision):
            commit = api.model_info(source.repo, revision=revision, timeout=settings.fetch_timeout_s).sha or ""
        tree = api.list_repo_tree(source.repo, recursive=True, revision=commit)
        sizes = {one.path: one.lfs.size if one.lfs else one.size for one in tree if isinstance(one, RepoFile)}
    chosen = {path: size for path, size in sizes.items() if _wanted(source, path)}
    if not chosen:
        raise EngineFailed(f"{source.repo} at {commit} holds none of {', '.join(source.files)}")
    return commit, chosen


def _wanted(source: Source, path: str) -> bool:
    named = any(fnmatchcase(path, pattern) for pattern in source.files)
    return named and not any(fnmatchcase(path, pattern) for pattern in source.without)


def download(source: Source, commit: str, files: list[str], folder: Path, settings: HubSettings) -> None:
    """Bring exactly these files; those that an earlier call brought whole are not fetched again.

    Within a call a file whose connection breaks goes on where it was. Across calls huggingface_hub 2 begins each
    unfinished file anew under another name, and leaves the old part behind when it is killed: such parts are removed.
    """
    from huggingface_hub import snapshot_download

    for stray in folder.rglob("*.incomplete"):
        stray.unlink(missing_ok=True)
    with _plainly(source.repo):
        snapshot_download(
            source.repo,
            revision=commit,
            local_dir=folder,
            allow_patterns=[_literal(file) for file in files],
            endpoint=settings.hf_endpoint,
            token=settings.token,
            etag_timeout=settings.fetch_timeout_s,
            max_workers=4,
        )


def _literal(path: str) -> str:
    """A pattern that matches this path alone."""
    return re.sub(r"([*?\[])", r"[\1]", path)


@contextmanager
def _plainly(repo: str) -> Iterator[None]:
    """The hub's errors as ours: EngineFailed for what trying again does not mend, else EngineFault."""
    from httpx2 import HTTPError
    from huggingface_hub import errors

    try:
        yield
    except errors.GatedRepoError:
        where = f"https://huggingface.co/{repo}"
        raise EngineFailed(f"{repo} is open to those who agreed on {where}: do so and set HF_TOKEN") from None
    except errors.RevisionNotFoundError:
        raise EngineFailed(f"{repo} has not the wanted revision any more") from None
    except errors.RepositoryNotFoundError:
        raise EngineFailed(f"{repo} is not there, or HF_TOKEN does not open it") from None
    except errors.HfHubHTTPError as error:
        status = error.response.status_code
        raise (EngineFault if status >= 500 or status == 429 else EngineFailed)(f"{repo}: {status}") from None
    except (HTTPError, errors.LocalEntryNotFoundError, errors.FileMetadataError) as error:
        raise EngineFault(f"{repo} could not be reached: {type(error).__name__}") from error
    except OSError as error:
        raise EngineFault(f"{repo} could not be stored: {error.strerror or error}") from error


def checkout(source: Source, folder: Path, settings: HubSettings) -> None:
    """A GitHub repository's files at its commit, without history, into ``folder``."""
    url = f"{settings.github_endpoint.rstrip('/')}/{source.repo}/tar.gz/{source.revision}"
    archive = folder.with_name(folder.name + ".tar.gz")
    try:
        with urllib.request.urlopen(url, timeout=settings.fetch_timeout_s) as answer, archive.open("wb") as file:
            shutil.copyfileobj(answer, file, _CHUNK)
        shutil.rmtree(folder, ignore_errors=True)
        with tarfile.open(archive) as packed:
            packed.extractall(folder, filter=_without_top)
    except urllib.error.HTTPError as error:
        raise EngineFailed(f"GitHub answered {error.code} for {source.repo} at {source.revision}") from None
    except (urllib.error.URLError, EOFError, tarfile.TarError, OSError) as error:
        raise EngineFault(f"{source.repo} could not be fetched: {error}") from error
    finally:
        archive.unlink(missing_ok=True)


def _without_top(member: tarfile.TarInfo, target: str) -> tarfile.TarInfo | None:
    """GitHub packs everything into one folder named after the commit; nothing may lead out of ours."""
    path = PurePosixPath(member.name)
    if len(path.parts) < 2 or not (member.isfile() or member.isdir()):
        return None
    return tarfile.data_filter(member.replace(name=str(PurePosixPath(*path.parts[1:])), deep=False), target)


def unpacked(archive: Path, folder: Path, top: str) -> None:
    """A zip's files below ``folder``, without the folder ``top`` that they may lie in."""
    try:
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                parts: Any = PurePosixPath(member.filename).parts
                if member.is_dir() or not parts or parts[0] == "__MACOSX" or ".." in parts or parts[-1].startswith("."):
                    continue
                target = folder.joinpath(*(parts[1:] if parts[0] == top else parts))
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(member) as inside, target.open("wb") as file:
                    shutil.copyfileobj(inside, file, _CHUNK)
    except (zipfile.BadZipFile, OSError) as error:
        raise EngineFault(f"{archive.name} cannot be unpacked: {error}") from error
