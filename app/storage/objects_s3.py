"""A bucket of any store that speaks S3 (Amazon, MinIO, R2, OSS's own S3 address), by boto3, with V4 signatures.

Checksums are the signed SHA-256 of every body, which each of these stores knows and verifies; the newer trailing
ones of the library are sent only where a call cannot do without, because not every store takes them. boto3 tries
again by itself, part by part (https://boto3.amazonaws.com/v1/documentation/api/latest/guide/retries.html).
A process that dies leaves the parts that it sent to the store: give the bucket a rule that ends such uploads.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.core.config import Settings, SettingsError
from app.storage.objects_remote import Content, Fault, HalfSent, Page, Seen

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 15.0
"""Without a byte in either direction."""
TRIES = 4
PART_BYTES = 16 * 1024 * 1024
"""Files of this size or more go up in parts of it."""
_THREADS = 3
_SHA256 = "sha256"
_PASSING = frozenset({"SlowDown", "RequestTimeout", "Throttling", "TooManyRequests"})
_ARGUMENTS = {
    "Content-Type": "ContentType",
    "Content-Disposition": "ContentDisposition",
    "Cache-Control": "CacheControl",
}


class S3Bucket:
    """Implements :class:`app.storage.objects_remote.Bucket`. Raises SettingsError for addresses that cannot be."""

    pauses_s: tuple[float, ...] = ()

    def __init__(
        self,
        settings: Settings,
        *,
        tries: int = TRIES,
        timeouts_s: tuple[float, float] = (CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S),
        part_bytes: int = PART_BYTES,
    ) -> None:
        try:
            import boto3  # type: ignore[import-untyped]
            from boto3.s3.transfer import TransferConfig  # type: ignore[import-untyped]
            from botocore.config import Config  # type: ignore[import-untyped]
            from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]
            from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]
        except ImportError as error:
            raise SettingsError(f"OBJECTS=s3 needs the package boto3: {error}") from None
        for name in ("boto3", "botocore", "s3transfer"):
            # On DEBUG they would write the headers of every request.
            logging.getLogger(name).setLevel(logging.WARNING)
        self.errors: tuple[type[Exception], ...] = (ClientError, BotoCoreError, ResponseParserError)
        self.title = f"S3 bucket {settings.s3_bucket}"
        self._name = settings.s3_bucket
        self._timeouts_s = timeouts_s
        self._transfer = TransferConfig(
            multipart_threshold=part_bytes, multipart_chunksize=part_bytes, max_concurrency=_THREADS
        )
        session = boto3.session.Session(
            aws_access_key_id=settings.s3_access_key_id,
            aws_secret_access_key=settings.s3_secret_access_key.get_secret_value(),
            region_name=settings.s3_region,
        )
        config = Config(
            signature_version="s3v4",
            connect_timeout=timeouts_s[0],
            read_timeout=timeouts_s[1],
            retries={"total_max_attempts": tries, "mode": "standard"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if settings.s3_path_style else "virtual", "payload_signing_enabled": True},
        )
        shown = settings.s3_public_endpoint
        try:
            self._client: Any = session.client("s3", endpoint_url=_address(settings.s3_endpoint), config=config)
            self._shown: Any = (
                session.client("s3", endpoint_url=_address(shown), config=config) if shown else self._client
            )
        except (ValueError, BotoCoreError) as error:
            raise SettingsError(f"S3_ENDPOINT, S3_REGION: {error}") from None

    def fault(self, error: Exception) -> Fault:
        from botocore import exceptions as kinds  # type: ignore[import-untyped]

        if isinstance(error, kinds.ClientError):
            return _told(error.response)
        if isinstance(error, kinds.SSLError):
            return Fault("its certificate cannot be trusted, or it does not speak TLS", False)
        if isinstance(error, kinds.ConnectTimeoutError):
            return Fault("it could not be reached in time", True)
        if isinstance(error, kinds.ReadTimeoutError):
            return Fault(f"no answer within {self._timeouts_s[1]:g} s", True)
        if isinstance(error, (kinds.HTTPClientError, kinds.ConnectionError)):
            return Fault("there is no connection to it, or it broke", True)
        if isinstance(error, kinds.BotoCoreError):
            # Names of arguments and the like, found out before anything is sent.
            return Fault(str(error), False)
        return Fault("its answer cannot be read", True)

    def look(self, name: str) -> Seen | None:
        from botocore.exceptions import ClientError

        try:
            head = self._client.head_object(Bucket=self._name, Key=name)
        except ClientError as error:
            if _status(error.response) == 404:
                return None
            raise
        return Seen(head["ContentLength"], head["Metadata"].get(_SHA256, ""), head["LastModified"].timestamp())

    def checksum(self, source: Path) -> str:
        """None: each store has another one, and refuses a body that is not what was signed."""
        return ""

    def send(self, name: str, source: Path, content: Content) -> None:
        with source.open("rb") as file:
            self._client.upload_fileobj(file, self._name, name, ExtraArgs=_arguments(content), Config=self._transfer)

    def refresh(self, name: str, content: Content) -> None:
        """A copy onto itself; the metadata must be given again for the store to allow it."""
        self._client.copy_object(
            Bucket=self._name,
            Key=name,
            CopySource={"Bucket": self._name, "Key": name},
            MetadataDirective="REPLACE",
            **_arguments(content),
        )

    def remove(self, name: str) -> None:
        self._client.delete_object(Bucket=self._name, Key=name)

    def page(self, prefix: str, after: str) -> Page:
        more = {"ContinuationToken": after} if after else {}
        found = self._client.list_objects_v2(Bucket=self._name, Prefix=prefix, MaxKeys=1000, **more)
        return Page([one["Key"] for one in found.get("Contents", [])], found.get("NextContinuationToken", ""))

    def sign(self, name: str, method: str, good_for_s: int) -> str:
        call = "head_object" if method == "HEAD" else "get_object"
        return str(
            self._shown.generate_presigned_url(call, Params={"Bucket": self._name, "Key": name}, ExpiresIn=good_for_s)
        )

    def half_sent(self) -> Iterator[HalfSent]:
        """None: boto3 keeps no notes, and gives an upload up itself when it fails."""
        return iter(())


def _address(text: str) -> str | None:
    """With a scheme, as the library wants it; None for none: Amazon's own, which it finds by the region."""
    text = text.strip().rstrip("/")
    return f"https://{text}" if text and "://" not in text else text or None


def _arguments(content: Content) -> dict[str, Any]:
    said = {_ARGUMENTS[header]: value for header, value in content.headers.items()}
    return {**said, "Metadata": {_SHA256: content.sha256}}


def _status(response: Any) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _told(response: Any) -> Fault:
    """The store's own answer: code, status and message. An answer to ``HEAD`` has only the status."""
    status, error = _status(response), response.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", "")).strip()
    what = f"status {status}" if code in ("", str(status)) else f"{code} ({status})"
    request = response.get("ResponseMetadata", {}).get("RequestId", "")
    said = f"{what}{': ' if message else ''}{message}{f' (request {request})' if request else ''}"
    return Fault(said, status >= 500 or status == 429 or code in _PASSING)
