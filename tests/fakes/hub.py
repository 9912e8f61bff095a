"""The Hugging Face hub as far as snapshot_download asks it, and GitHub's archives: small repositories on loopback.

Routes: huggingface.co/docs/hub/api (model info, tree) and ``resolve`` with ETag, X-Repo-Commit and ranges.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import re
import tarfile

from aiohttp import web

from fakes.base import Fake

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LATER = "89abcdef0123456789abcdef0123456789abcdef"


class FakeHub(Fake):
    """``repos``: ``owner/name`` to files; ``archives``: the same for GitHub. ``main`` is at COMMIT until ``move``."""

    def __init__(self) -> None:
        super().__init__()
        self.repos: dict[str, dict[str, bytes]] = {}
        self.archives: dict[str, dict[str, bytes]] = {}
        self.main = COMMIT
        self.gated: set[str] = set()
        self.token = "hf_right"
        self.stall_after: dict[str, int] = {}
        """Path to the bytes after which its download stands still for ever."""
        self.ranges: list[tuple[str, str]] = []
        """Path and Range of every download."""

    def move(self) -> None:
        self.main = LATER

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/models/{owner}/{name}/revision/{revision}", self._info),
            web.get("/api/models/{owner}/{name}/tree/{revision}", self._tree),
            web.get("/{owner}/{name}/resolve/{revision}/{path:.+}", self._resolve),
            web.get("/{owner}/{name}/tar.gz/{commit}", self._archive),
        ]

    def _repo(self, request: web.Request) -> tuple[str, dict[str, bytes]]:
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        if name not in self.repos:
            raise _refused(404, "RepoNotFound", "Repository not found")
        if name in self.gated and request.headers.get("Authorization") != f"Bearer {self.token}":
            raise _refused(403, "GatedRepo", f"Access to model {name} is restricted")
        return name, self.repos[name]

    async def _info(self, request: web.Request) -> web.Response:
        name, files = self._repo(request)
        revision = request.match_info["revision"]
        sha = self.main if revision == "main" else revision
        siblings = [{"rfilename": path} for path in files]
        return web.json_response({"id": name, "modelId": name, "sha": sha, "siblings": siblings, "tags": []})

    async def _tree(self, request: web.Request) -> web.Response:
        _, files = self._repo(request)
        return web.json_response(
            [
                {"type": "file", "path": path, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
                for path, data in files.items()
            ]
        )

    async def _resolve(self, request: web.Request) -> web.StreamResponse:
        _, files = self._repo(request)
        path = request.match_info["path"]
        if path not in files:
            raise _refused(404, "EntryNotFound", "Entry not found")
        data = files[path]
        headers = {
            "ETag": f'"{hashlib.sha1(data).hexdigest()}"',
            "X-Repo-Commit": request.match_info["revision"],
            "Accept-Ranges": "bytes",
        }
        wanted = re.fullmatch(r"bytes=(\d+)-", request.headers.get("Range", ""))
        begin = int(wanted[1]) if wanted else 0
        if wanted:
            headers["Content-Range"] = f"bytes {begin}-{len(data) - 1}/{len(data)}"
        answer = web.StreamResponse(status=206 if wanted else 200, headers=headers)
        answer.content_length = len(data) - begin
        await answer.prepare(request)
        if request.method == "GET":
            self.ranges.append((path, request.headers.get("Range", "")))
            stop = self.stall_after.get(path, len(data))
            await answer.write(data[begin:stop])
            if stop < len(data):
                await asyncio.Event().wait()
        return answer

    async def _archive(self, request: web.Request) -> web.Response:
        name = f"{request.match_info['owner']}/{request.match_info['name']}"
        if name not in self.archives:
            raise web.HTTPNotFound
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as file:
            for path, data in self.archives[name].items():
                member = tarfile.TarInfo(f"{request.match_info['name']}-{request.match_info['commit']}/{path}")
                member.size = len(data)
                file.addfile(member, io.BytesIO(data))
        return web.Response(body=packed.getvalue(), content_type="application/x-gzip")


def _refused(status: int, code: str, message: str) -> web.HTTPException:
    kind = {403: web.HTTPForbidden, 404: web.HTTPNotFound}[status]
    return kind(
        text=json.dumps({"error": message}),
        content_type="application/json",
        headers={"X-Error-Code": code, "X-Error-Message": message},
    )
