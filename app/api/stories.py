"""Stories: list, read with their storyboards of then and now, delete."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.api.deps import KEYED, CallerDep, Cursor, Limit, StoryId, UserId
from app.api.openapi import problems
from app.core.errors import NotFound
from app.models.api import story_body, story_summary, storyboards_body
from app.models.api_wire import StoryboardList, StoryList, StoryWire
from app.models.story import Shot, Story, Storyboard

router = APIRouter(prefix="/api/v1/stories", tags=["stories"], dependencies=KEYED)


def board_of(story: Story, version: int | None = None) -> Storyboard:
    """The story's storyboard, or an older version of it. Raises NotFound."""
    if version is None:
        if story.storyboard is None or not story.storyboard.shots:
            raise NotFound(f"Story {story.story_id} has no storyboard yet.")
        return story.storyboard
    for board in (*story.history, *([story.storyboard] if story.storyboard else [])):
        if board.version == version:
            return board
    raise NotFound(f"Story {story.story_id} has no storyboard version {version}.")


def shot_of(board: Storyboard, shot_id: str) -> Shot:
    """The shot called ``shot_id``. Raises NotFound."""
    for shot in board.shots:
        if shot.id == shot_id:
            return shot
    raise NotFound(f"There is no shot {shot_id} in this storyboard.")


@router.get("", operation_id="listStories", summary="List stories, the last changed first", response_model=StoryList)
def list_stories(caller: CallerDep, user_id: UserId = "", limit: Limit = 50, cursor: Cursor = "") -> dict[str, Any]:
    stories, following = caller.wiring.stories.list(caller.tenant, user_id=user_id, limit=limit, cursor=cursor)
    return {"stories": [story_summary(story, caller.url_of) for story in stories], "next_cursor": following}


@router.get(
    "/{story_id}",
    operation_id="getStory",
    summary="Read a story with its shots",
    response_model=StoryWire,
    responses=problems(404),
)
def get_story(
    caller: CallerDep,
    story_id: StoryId,
    user_id: UserId = "",
    version: Annotated[int | None, Query(ge=1, description="An older storyboard; left out: the current one.")] = None,
) -> dict[str, Any]:
    story = caller.wiring.stories.find(caller.tenant, story_id, user_id)
    return story_body(story, caller.url_of, None if version is None else board_of(story, version))


@router.delete(
    "/{story_id}",
    operation_id="deleteStory",
    summary="Delete a story",
    status_code=204,
    response_class=Response,
    responses=problems(404, 409),
)
def delete_story(caller: CallerDep, story_id: StoryId, user_id: UserId = "") -> Response:
    """What only this story used is removed by the next clean-up."""
    story = caller.wiring.stories.find(caller.tenant, story_id, user_id)
    caller.wiring.stories.delete(caller.tenant, story_id, story.user_id)
    return Response(status_code=204)


@router.get(
    "/{story_id}/storyboards",
    operation_id="listStoryboards",
    summary="List the storyboards that a story has had",
    response_model=StoryboardList,
    responses=problems(404),
)
def list_storyboards(caller: CallerDep, story_id: StoryId, user_id: UserId = "") -> dict[str, Any]:
    """Read one with `GET /api/v1/stories/{story_id}?version=`."""
    return storyboards_body(caller.wiring.stories.find(caller.tenant, story_id, user_id))
