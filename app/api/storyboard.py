"""``POST /api/v1/storyboard/create``: a story becomes ordered shots."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.deps import KEYED, CallerDep
from app.api.openapi import accepted, problems
from app.api.operations import PreferHeader, start
from app.core.errors import PayloadTooLarge
from app.models.api_requests import CreateStoryboard
from app.models.api_wire import StoryboardAnswer

router = APIRouter(prefix="/api/v1/storyboard", tags=["film"], dependencies=KEYED)


@router.post(
    "/create",
    operation_id="createStoryboard",
    summary="Make a storyboard from a story",
    response_model=StoryboardAnswer,
    response_description="The job has ended: `Prefer: wait`, or a request that was made before.",
    responses={**accepted(StoryboardAnswer), **problems(409, 429, 502, 503, 504, 507)},
)
async def create_storyboard(
    request: Request, caller: CallerDep, body: CreateStoryboard, prefer: PreferHeader = None
) -> Response:
    """A story id used again replaces its storyboard; the old one stays readable under `/storyboards`."""
    most = caller.settings.max_text_chars
    if len(body.script_content) > most:
        raise PayloadTooLarge(f"script_content has {len(body.script_content)} characters; at most {most} are taken.")
    return await start(request, caller, prefer, "storyboard", body)
