"""Stories and the words, order and versions of their shots: what is read and changed without a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from app.client.http import Call, Caller, read
from app.client.models import Answer, Page, Shot, Story, StorySummary, Versions

T = TypeVar("T", bound=Answer)


class Stories:
    """``user_id`` of a method goes before that of the client; both empty: the only user with such a story."""

    _caller: Caller
    user_id: str

    async def stories(self, *, user_id: str = "", limit: int = 50, cursor: str = "") -> Page[StorySummary]:
        """Stories, the last changed first."""
        params = {"user_id": user_id or self.user_id, "limit": limit, "cursor": cursor}
        return await page_of(self._caller, "/api/v1/stories", params, "stories", StorySummary)

    async def story(self, story_id: str, *, version: int | None = None, user_id: str = "") -> Story:
        """A story with its shots; ``version``: with an older storyboard's."""
        params = {"version": version, "user_id": user_id or self.user_id}
        return read(Story, await self._caller.json(Call("GET", _story_path(story_id), params=params)))

    async def delete_story(self, story_id: str, *, user_id: str = "") -> None:
        await self._shots("DELETE", story_id, "", user_id)

    async def shots(self, story_id: str, *, user_id: str = "") -> tuple[Shot, ...]:
        return _shot_list(await self._shots("GET", story_id, "/shots", user_id))

    async def shot(self, story_id: str, shot_id: str, *, user_id: str = "") -> Shot:
        return read(Shot, await self._shots("GET", story_id, f"/shots/{safe(shot_id)}", user_id))

    async def patch_shot(self, /, story_id: str, shot_id: str, *, user_id: str = "", **words: Any) -> Shot:
        """Change words of a shot; makes nothing. ``stale`` of the answer says what no longer matches.

        ``duration=None`` takes the wish for a length back.
        """
        return read(Shot, await self._shots("PATCH", story_id, f"/shots/{safe(shot_id)}", user_id, words))

    async def insert_shot(
        self, /, story_id: str, *, position: int | None = None, user_id: str = "", **words: Any
    ) -> Shot:
        """Insert a shot at ``position`` (from 1; None: at the end)."""
        body = words if position is None else words | {"position": position}
        return read(Shot, await self._shots("POST", story_id, "/shots", user_id, body))

    async def delete_shot(self, story_id: str, shot_id: str, *, user_id: str = "") -> None:
        await self._shots("DELETE", story_id, f"/shots/{safe(shot_id)}", user_id)

    async def order(self, story_id: str, shot_ids: Sequence[str], *, user_id: str = "") -> tuple[Shot, ...]:
        """Put the shots in order; ``shot_ids`` names every one once."""
        return _shot_list(await self._shots("PUT", story_id, "/order", user_id, {"shot_ids": list(shot_ids)}))

    async def versions(self, story_id: str, shot_id: str, *, user_id: str = "") -> Versions:
        """Every picture, sound and clip that a shot has had."""
        path = f"/shots/{safe(shot_id)}/versions"
        return read(Versions, await self._shots("GET", story_id, path, user_id))

    async def pin(
        self,
        story_id: str,
        shot_id: str,
        *,
        image: int | None = None,
        audio: int | None = None,
        video: int | None = None,
        user_id: str = "",
    ) -> Versions:
        """Choose which version to use; 0 ends the choice."""
        body = filled({"image": image, "audio": audio, "video": video})
        path = f"/shots/{safe(shot_id)}/versions"
        return read(Versions, await self._shots("PUT", story_id, path, user_id, body))

    async def _shots(
        self, method: str, story_id: str, path: str, user_id: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        params = {"user_id": user_id or self.user_id}
        return await self._caller.json(Call(method, _story_path(story_id) + path, body=body, params=params))


async def page_of(caller: Caller, path: str, params: dict[str, Any], name: str, kind: type[T]) -> Page[T]:
    """One page of the list ``name``."""
    body = await caller.json(Call("GET", path, params=params))
    items = tuple(read(kind, one) for one in body.get(name) or ())
    return Page(items=items, next_cursor=body.get("next_cursor") or "")


def filled(body: dict[str, Any]) -> dict[str, Any]:
    """Without what was not given."""
    return {name: value for name, value in body.items() if value is not None and value not in ("", [], {})}


def safe(part: str) -> str:
    """``part`` as one part of a path."""
    return quote(part, safe="")


def _story_path(story_id: str) -> str:
    return f"/api/v1/stories/{safe(story_id)}"


def _shot_list(body: dict[str, Any]) -> tuple[Shot, ...]:
    return tuple(read(Shot, one) for one in body.get("shots") or ())
