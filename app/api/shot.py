"""``POST /api/v1/shot/regenerate``: one shot changed and made anew."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import KEYED, CallerDep
from app.api.openapi import accepted, problems
from app.api.operations import PreferHeader, start
from app.api.stories import board_of, shot_of
from app.models.api_requests import RegenerateShot
from app.models.api_wire import ShotAnswer

router = APIRouter(prefix="/api/v1/shot", tags=["film"], dependencies=KEYED)


@router.post(
    "/regenerate",
    operation_id="regenerateShot",
    summary="Change a shot and make its picture, clip or narration anew",
    response_model=ShotAnswer,
    response_description="The job has ended: `Prefer: wait`, or a request that was made before.",
    responses={**accepted(ShotAnswer), **problems(404, 409, 429, 502, 503, 504, 507)},
)
async def regenerate_shot(
    request: Request, caller: CallerDep, body: RegenerateShot, prefer: PreferHeader = None
) -> Response:
    """Fields that are left out or empty keep their value."""

    def check() -> None:
        shot_of(board_of(caller.wiring.stories.find(caller.tenant, body.story_id, body.user_id)), body.shot_id)

    return await start(request, caller, prefer, "shot", body, shot_id=body.shot_id, check=check)
