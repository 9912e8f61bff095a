"""A typed client of the story film service, for business back ends; ``python -m app.client`` is its command line.

    with Client("http://127.0.0.1:12345", api_key="...") as films:
        board = films.create_storyboard("小狗找妈妈的故事", style="温馨可爱")
        films.wait(board)
        film = films.wait(films.render(board.story_id))
        films.download(film.video_url, "film.mp4")

It needs httpx2, pydantic and pydantic-settings, and nothing else of this house: the folder may be copied into another
project (where it is not ``app/client``, its imports say the new name).
"""

from app.client.asynchronous import AsyncClient
from app.client.blocking import Client
from app.client.errors import (
    BadSignature,
    Busy,
    Canceled,
    DownloadFailed,
    EngineFailed,
    EngineTimeout,
    EngineUnavailable,
    Forbidden,
    InternalError,
    MethodNotAllowed,
    NotFound,
    OperationIdReused,
    PayloadTooLarge,
    QueueFull,
    QuotaExceeded,
    Refused,
    StoryFilmError,
    TookTooLong,
    Unauthenticated,
    Unreachable,
    UnsupportedMedia,
    ValidationFailed,
)
from app.client.models import (
    AvatarJob,
    Callback,
    Delivery,
    Engine,
    Event,
    Generation,
    Job,
    LivePhoto,
    Operation,
    Page,
    Shot,
    ShotAnswer,
    Stage,
    Story,
    StoryboardAnswer,
    StorySummary,
    Upload,
    Versions,
    VideoAnswer,
)
from app.client.webhook import verify_callback

__all__ = [
    "AsyncClient",
    "AvatarJob",
    "BadSignature",
    "Busy",
    "Callback",
    "Canceled",
    "Client",
    "Delivery",
    "DownloadFailed",
    "Engine",
    "EngineFailed",
    "EngineTimeout",
    "EngineUnavailable",
    "Event",
    "Forbidden",
    "Generation",
    "InternalError",
    "Job",
    "LivePhoto",
    "MethodNotAllowed",
    "NotFound",
    "Operation",
    "OperationIdReused",
    "Page",
    "PayloadTooLarge",
    "QueueFull",
    "QuotaExceeded",
    "Refused",
    "Shot",
    "ShotAnswer",
    "Stage",
    "Story",
    "StoryFilmError",
    "StorySummary",
    "StoryboardAnswer",
    "TookTooLong",
    "Unauthenticated",
    "Unreachable",
    "UnsupportedMedia",
    "Upload",
    "ValidationFailed",
    "Versions",
    "VideoAnswer",
    "verify_callback",
]
