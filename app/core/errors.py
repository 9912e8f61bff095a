"""Every error that may leave this service, in one tree.

Each error says itself which HTTP status and stable code it has and whether trying the same thing
again can help. That is decided once, where the error is raised, and never by searching a message.
This module imports nothing of ours, because the sidecars use it too.
"""

from __future__ import annotations

from typing import Any, ClassVar


class AppError(Exception):
    """Base of all. ``detail`` is one sentence for the caller and never holds a secret."""

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        retry_after_s: float | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.retry_after_s = retry_after_s
        self.errors = errors

    def as_record(self) -> dict[str, Any]:
        """The error as JSON for a job document or a pipe: code, detail, retryable, errors?."""
        record: dict[str, Any] = {"code": self.code, "detail": self.detail, "retryable": self.retryable}
        if self.errors:
            record["errors"] = self.errors
        return record


class InternalError(AppError):
    """Our own fault. The log holds the reason, the caller gets a request id."""


class ValidationFailed(AppError):
    code, status, title = "VALIDATION_ERROR", 422, "The request is not valid"


class OperationIdReused(AppError):
    code, status, title = "OPERATION_ID_REUSED", 422, "This operation id was used with another body"


class NotFound(AppError):
    code, status, title = "NOT_FOUND", 404, "Not found"


class Busy(AppError):
    code, status, title, retryable = "BUSY", 409, "Busy", True


class Unauthenticated(AppError):
    code, status, title = "UNAUTHENTICATED", 401, "An API key is needed"


class Forbidden(AppError):
    code, status, title = "FORBIDDEN", 403, "Not allowed"


class QuotaExceeded(AppError):
    code, status, title = "QUOTA_EXCEEDED", 403, "The quota is used up"


class PayloadTooLarge(AppError):
    code, status, title = "PAYLOAD_TOO_LARGE", 413, "The body is too large"


class UnsupportedMedia(AppError):
    code, status, title = "UNSUPPORTED_MEDIA", 415, "This kind of file is not supported"


class RangeNotSatisfiable(AppError):
    code, status, title = "VALIDATION_ERROR", 416, "The range lies outside the file"


class MethodNotAllowed(AppError):
    code, status, title = "METHOD_NOT_ALLOWED", 405, "Method not allowed"


class QueueFull(AppError):
    code, status, title, retryable = "QUEUE_FULL", 429, "The queue is full", True


class StorageFull(AppError):
    """The disk refused a write; nothing half made was left behind."""

    code, status, title, retryable = "INTERNAL_ERROR", 507, "No space is left to store this", True


class CorruptDocument(AppError):
    """A document that cannot be read was set aside under a name that the detail gives."""

    title = "A stored document is damaged"


class EngineFailed(AppError):
    """The engine answered with a failure that trying again will not mend."""

    code, status, title = "ENGINE_FAILED", 502, "The engine failed"


class EngineFault(EngineFailed):
    """The engine failed in a way that may pass (5xx, dropped connection): worth another try."""

    retryable = True


class EngineUnavailable(AppError):
    """The engine is not set up or cannot be reached. The detail names what is missing."""

    code, status, title, retryable = "ENGINE_UNAVAILABLE", 503, "No engine is available", True


class EngineTimeout(AppError):
    code, status, title, retryable = "ENGINE_TIMEOUT", 504, "The engine took too long", True


class Canceled(AppError):
    """The job was canceled while this ran. Not a failure; carries the state through the stack."""

    code, status, title = "CANCELED", 409, "The job was canceled"


def _tree(base: type[AppError]) -> list[type[AppError]]:
    return [base, *(leaf for child in base.__subclasses__() for leaf in _tree(child))]


def from_record(record: dict[str, Any]) -> AppError:
    """The error that :meth:`AppError.as_record` described; an unknown code is an InternalError."""
    code, retryable = record.get("code"), bool(record.get("retryable"))
    for kind in _tree(AppError):
        if kind.code == code and kind.retryable == retryable and kind is not AppError:
            return kind(str(record.get("detail", "")), errors=record.get("errors"))
    return InternalError(str(record.get("detail", "unknown error")))
