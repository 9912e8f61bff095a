"""The OpenAPI document: what every route may answer besides its own, and errors in their one shape."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.models.api_wire import Problem, Wire

_REF = {"$ref": "#/components/schemas/Problem"}
_SAID: dict[int, str] = {
    400: "The request cannot be understood.",
    401: "An API key is needed, or the one sent is not known.",
    404: "There is no such thing here.",
    409: "Not possible in its present state.",
    413: "The body or a text in it is too large.",
    415: "The body is not JSON.",
    416: "The range lies outside the file.",
    422: "The request is not valid; `errors` says what is wrong where.",
    429: "Too many jobs are waiting; try again after `Retry-After` seconds.",
    500: "Something went wrong here; `request_id` leads to the log.",
    502: "After `Prefer: wait`: the engine failed.",
    503: "Not available now.",
    504: "After `Prefer: wait`: the engine took too long.",
    507: "No space is left to store this.",
}
TAGS = [
    {"name": "film", "description": "From a story to a film: storyboard, shot, video. Each request becomes a job."},
    {"name": "stories", "description": "Stories, their storyboards, shots and versions."},
    {"name": "jobs", "description": "Jobs: read, follow, cancel, retry; callbacks and their deliveries."},
    {"name": "files", "description": "What was made: pictures, sounds, clips, films, subtitles."},
    {"name": "service", "description": "Is it up, can it work, how much does it do."},
]
DESCRIPTION = """Turns a story into a storyboard, key frames, narration and a finished film.

A POST that generates something creates a **job** and answers at once with `202` and `Location`. Follow the job
(`GET /api/v1/jobs/{job_id}`, its `/events`), be called back (`callback_url`), or hold the answer with
`Prefer: wait=N`. The same `operation_id` again answers with the same job and starts nothing; without
`Prefer: wait` a finished job, whatever its outcome, then answers `200` with its `operation.status`.

Every error is `application/problem+json` with a stable `code`.

```
curl -X POST http://127.0.0.1:12345/api/v1/storyboard/create -H 'Content-Type: application/json' -H 'Prefer: wait=60' \\
  -d '{"operation_id":"op-001","story_id":"story-001","user_id":"u-001","script_content":"小狗找妈妈的故事"}'
```
"""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` entry of a route that may answer with these errors."""
    told: dict[int | str, dict[str, Any]] = {
        status: {"description": _SAID[status], "content": {"application/problem+json": {"schema": _REF}}}
        for status in statuses
    }
    if 429 in told:
        told[429]["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return told


def accepted(model: type[Wire]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` entry of a route that answers 202 with a job to follow."""
    location = {"description": "Where to follow the job.", "schema": {"type": "string"}}
    return {202: {"model": model, "description": "The job is queued.", "headers": {"Location": location}}}


def describe(app: FastAPI) -> None:
    """Make ``app.openapi()`` tell also what the border and the error handlers do."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend the document


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, tags=app.openapi_tags, routes=app.routes
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for path, methods in document["paths"].items():
        for operation in methods.values():
            common = [422, 500] if "parameters" in operation or "requestBody" in operation else [500]
            if path not in ("/health", "/"):
                common.append(401)
            if "requestBody" in operation:
                common += [413, 415]
            operation["responses"].pop("422", None)
            for status, response in problems(*common).items():
                operation["responses"].setdefault(str(status), response)
    return document
