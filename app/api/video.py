"""``POST /api/v1/video/render``: a storyboard becomes a film."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import KEYED, CallerDep
from app.api.openapi import accepted, problems
from app.api.operations import PreferHeader, start
from app.api.stories import board_of
from app.models.api_requests import RenderVideo
from app.models.api_wire import VideoAnswer

router = APIRouter(prefix="/api/v1/video", tags=["film"], dependencies=KEYED)


@router.post(
    "/render",
    operation_id="renderVideo",
    summary="Render the film of a story",
    response_model=VideoAnswer,
    response_description="The job has ended: `Prefer: wait`, or a request that was made before.",
    responses={**accepted(VideoAnswer), **problems(404, 409, 429, 502, 503, 504, 507)},
)
async def render_video(request: Request, caller: CallerDep, body: RenderVideo, prefer: PreferHeader = None) -> Response:
    """Only what changed since the last render is made; with no change the film is there at once."""

    def check() -> None:
        story = caller.wiring.stories.find(caller.tenant, body.story_id, body.user_id)
        if not body.shots:
            board_of(story)

    return await start(request, caller, prefer, "video", body, check=check)
