"""What may go wrong between a business and the service: one exception per problem code (RFC 9457).

Each says by itself whether trying the same again may help. Codes that this client does not know yet are a plain
:class:`Refused` with their own ``code``, so that a newer server breaks nobody.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

MAX_PAUSE_S = 86_400.0


class StoryFilmError(Exception):
    """Base of all. ``str(error)`` is one sentence and holds no key."""

    retryable: bool = False

    @property
    def detail(self) -> str:
        return str(self)


class Unreachable(StoryFilmError):
    """No answer, or one that broke off, from the address."""

    retryable = True


class TookTooLong(StoryFilmError):
    """A job did not end within the time that the caller gave it; it goes on."""

    retryable = True


class BadSignature(StoryFilmError):
    """A callback that the service did not sign with this secret, or that is older than the tolerance."""


class DownloadFailed(StoryFilmError):
    """A file that could not be had in full; nothing was left at its place."""


class Refused(StoryFilmError):
    """The service answered with a problem, or a job ended with one.

    ``status`` is 0 where no HTTP answer stands behind it (a failed job's own record). ``operation`` is what the
    service said of the job, ``job`` the job itself, where the problem is a job's.
    """

    code: str = ""

    def __init__(self, status: int, problem: dict[str, Any], *, retry_after_s: float = 0.0, job: Any = None) -> None:
        detail = problem.get("detail") or problem.get("message") or problem.get("title") or f"HTTP {status}"
        super().__init__(str(detail))
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code") or self.code)
        self.retryable = bool(problem.get("retryable"))
        self.request_id = str(problem.get("request_id") or "")
        self.errors: list[dict[str, Any]] = list(problem.get("errors") or [])
        self.operation: dict[str, Any] | None = problem.get("operation")
        self.retry_after_s = retry_after_s
        self.job = job


class ValidationFailed(Refused):
    """``errors`` lists what is wrong where: type, loc, msg."""

    code = "VALIDATION_ERROR"


class NotFound(Refused):
    code = "NOT_FOUND"


class OperationIdReused(Refused):
    code = "OPERATION_ID_REUSED"


class Busy(Refused):
    code = "BUSY"


class Unauthenticated(Refused):
    code = "UNAUTHENTICATED"


class Forbidden(Refused):
    code = "FORBIDDEN"


class QuotaExceeded(Refused):
    code = "QUOTA_EXCEEDED"


class PayloadTooLarge(Refused):
    code = "PAYLOAD_TOO_LARGE"


class UnsupportedMedia(Refused):
    code = "UNSUPPORTED_MEDIA"


class MethodNotAllowed(Refused):
    code = "METHOD_NOT_ALLOWED"


class QueueFull(Refused):
    code = "QUEUE_FULL"


class EngineFailed(Refused):
    code = "ENGINE_FAILED"


class EngineUnavailable(Refused):
    code = "ENGINE_UNAVAILABLE"


class EngineTimeout(Refused):
    code = "ENGINE_TIMEOUT"


class Canceled(Refused):
    """The job was canceled: by somebody, not by a fault."""

    code = "CANCELED"


class InternalError(Refused):
    code = "INTERNAL_ERROR"


_BY_CODE: dict[str, type[Refused]] = {kind.code: kind for kind in Refused.__subclasses__()}
_BY_STATUS: dict[int, type[Refused]] = {
    400: ValidationFailed,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMedia,
    422: ValidationFailed,
    429: QueueFull,
}
_PASSING = frozenset({429, 502, 503, 504})


def refused(status: int, problem: dict[str, Any], *, retry_after_s: float = 0.0, job: Any = None) -> Refused:
    """The exception for a problem. A body that is none of ours (a proxy's page) is read by its status."""
    kind = _BY_CODE.get(str(problem.get("code") or "")) or (None if problem.get("code") else _BY_STATUS.get(status))
    if "retryable" not in problem:
        problem = {**problem, "retryable": status in _PASSING}
    return (kind or Refused)(status, problem, retry_after_s=retry_after_s, job=job)


def retry_after_s(value: str | None, at: float) -> float:
    """Seconds that a ``Retry-After`` header asks for at unix time ``at``: a number or a date; 0 for none or garbage."""
    if not value:
        return 0.0
    try:
        wait = float(value)
    except ValueError:
        try:
            wait = parsedate_to_datetime(value).timestamp() - at
        except (ValueError, TypeError, OverflowError):
            return 0.0
    return wait if 0 < wait <= MAX_PAUSE_S else 0.0
