"""The shots of a story: read, change words, insert, delete, put in order, choose among versions."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from app.api.deps import KEYED, Caller, CallerDep, ShotId, StoryId, UserId
from app.api.openapi import problems
from app.api.stories import board_of, shot_of
from app.models.api import shot_body, shots_body, versions_body
from app.models.api_requests import InsertShot, PatchShot, PinVersions, ShotOrder
from app.models.api_wire import ShotList, ShotWire, VersionsWire
from app.models.freshness import stale
from app.models.story import Story

router = APIRouter(prefix="/api/v1/stories/{story_id}", tags=["stories"], dependencies=KEYED)


def _found(caller: Caller, story_id: str, user_id: str) -> Story:
    return caller.wiring.stories.find(caller.tenant, story_id, user_id)


def _shot(caller: Caller, story_id: str, user_id: str, shot_id: str) -> dict[str, Any]:
    story = _found(caller, story_id, user_id)
    shot = shot_of(board_of(story), shot_id)
    return shot_body(shot, caller.url_of, stale(story, shot))


@router.get(
    "/shots",
    operation_id="listShots",
    summary="Read the shots of a story in order",
    response_model=ShotList,
    responses=problems(404),
)
def list_shots(caller: CallerDep, story_id: StoryId, user_id: UserId = "") -> dict[str, Any]:
    return shots_body(_found(caller, story_id, user_id), caller.url_of)


@router.post(
    "/shots",
    operation_id="insertShot",
    summary="Insert a shot",
    status_code=201,
    response_model=ShotWire,
    responses=problems(404, 409, 507),
)
def insert_shot(caller: CallerDep, story_id: StoryId, body: InsertShot, user_id: UserId = "") -> Response:
    """Its picture, sound and clip are made by the next render, or by `/api/v1/shot/regenerate`."""
    story = _found(caller, story_id, user_id)
    shot = caller.wiring.stories.insert_shot(caller.tenant, story_id, story.user_id, body.fields(), body.position or 0)
    location = f"/api/v1/stories/{story_id}/shots/{shot.id}"
    return JSONResponse(_shot(caller, story_id, story.user_id, shot.id), 201, {"Location": location})


@router.get(
    "/shots/{shot_id}",
    operation_id="getShot",
    summary="Read a shot",
    response_model=ShotWire,
    responses=problems(404),
)
def get_shot(caller: CallerDep, story_id: StoryId, shot_id: ShotId, user_id: UserId = "") -> dict[str, Any]:
    return _shot(caller, story_id, user_id, shot_id)


@router.patch(
    "/shots/{shot_id}",
    operation_id="patchShot",
    summary="Change the words of a shot",
    response_model=ShotWire,
    responses=problems(404, 409, 507),
)
def patch_shot(
    caller: CallerDep, story_id: StoryId, shot_id: ShotId, body: PatchShot, user_id: UserId = ""
) -> dict[str, Any]:
    """Makes nothing: `stale` in the answer says what no longer matches the words."""
    story = _found(caller, story_id, user_id)
    shot_of(board_of(story), shot_id)
    if body.changes():
        caller.wiring.stories.patch_shot(caller.tenant, story_id, story.user_id, shot_id, body.changes())
    return _shot(caller, story_id, story.user_id, shot_id)


@router.delete(
    "/shots/{shot_id}",
    operation_id="deleteShot",
    summary="Delete a shot",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409, 507),
)
def delete_shot(caller: CallerDep, story_id: StoryId, shot_id: ShotId, user_id: UserId = "") -> Response:
    story = _found(caller, story_id, user_id)
    caller.wiring.stories.delete_shot(caller.tenant, story_id, story.user_id, shot_id)
    return Response(status_code=204)


@router.put(
    "/order",
    operation_id="orderShots",
    summary="Put the shots of a story in order",
    response_model=ShotList,
    responses=problems(404, 409, 507),
)
def order_shots(caller: CallerDep, story_id: StoryId, body: ShotOrder, user_id: UserId = "") -> dict[str, Any]:
    """`shot_ids` names every shot once."""
    story = _found(caller, story_id, user_id)
    caller.wiring.stories.reorder(caller.tenant, story_id, story.user_id, body.shot_ids)
    return shots_body(_found(caller, story_id, story.user_id), caller.url_of)


@router.get(
    "/shots/{shot_id}/versions",
    operation_id="listVersions",
    summary="List the pictures, sounds and clips that a shot has had",
    response_model=VersionsWire,
    responses=problems(404),
)
def list_versions(caller: CallerDep, story_id: StoryId, shot_id: ShotId, user_id: UserId = "") -> dict[str, Any]:
    return versions_body(shot_of(board_of(_found(caller, story_id, user_id)), shot_id), caller.url_of)


@router.put(
    "/shots/{shot_id}/versions",
    operation_id="pinVersions",
    summary="Choose which version of a shot's picture, sound or clip to use",
    response_model=VersionsWire,
    responses=problems(404, 409, 507),
)
def pin_versions(
    caller: CallerDep, story_id: StoryId, shot_id: ShotId, body: PinVersions, user_id: UserId = ""
) -> dict[str, Any]:
    """A pinned version is used even where it no longer matches the words, until a newer one is made or 0 is chosen."""
    story = _found(caller, story_id, user_id)
    shot = shot_of(board_of(story), shot_id)
    for medium, number in body.pins().items():
        shot = caller.wiring.stories.pin(caller.tenant, story_id, story.user_id, shot_id, medium, number)
    return versions_body(shot, caller.url_of)
