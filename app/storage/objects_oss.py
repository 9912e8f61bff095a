"""A bucket of Alibaba Cloud OSS, by oss2 (https://github.com/aliyun/aliyun-oss-python-sdk), with V4 signatures.

Large files go up in parts, checked by CRC64; which parts are there is noted in a folder of ours, so that a further
try sends only the others. The notes are oss2's own JSON, one file per upload.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

from app.core.config import Settings, SettingsError
from app.storage.atomic import make_folder
from app.storage.objects_remote import Content, Fault, HalfSent, Page, Seen

CONNECT_TIMEOUT_S = 5.0
ANSWER_TIMEOUT_S = 20.0
"""Without a byte in either direction."""
PAUSES_S = (0.5, 1.0, 2.0, 4.0)
PART_BYTES = 10 * 1024 * 1024
"""Files of this size or more go up in parts of it."""
_THREADS = 3
_SHA256 = "x-oss-meta-sha256"
_CRC64 = "x-oss-hash-crc64ecma"
_PASSING = frozenset({"RequestTimeout", "TooManyRequests"})
_HOST = re.compile(r"oss-((?!accelerate)[a-z]+-[a-z0-9-]+?)(-internal)?\.aliyuncs\.com")
_DUAL_STACK_HOST = re.compile(r"([a-z]+-[a-z0-9-]+)\.oss\.aliyuncs\.com")


class OssBucket:
    """Implements :class:`app.storage.objects_remote.Bucket`; ``folder`` is for notes about uploads in parts.

    Raises SettingsError for a region that is not said and cannot be found, and names that cannot be.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        pauses_s: tuple[float, ...] = PAUSES_S,
        timeouts_s: tuple[float, float] = (CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S),
        part_bytes: int = PART_BYTES,
    ) -> None:
        try:
            import oss2  # type: ignore[import-untyped]
            from requests.exceptions import RequestException
        except ImportError as error:
            raise SettingsError(f"OBJECTS=oss needs the package oss2: {error}") from None
        # On DEBUG it would write the headers of every request, a security token among them.
        logging.getLogger("oss2").setLevel(logging.WARNING)
        self._oss2: Any = oss2
        self._notes = folder / "parts"
        self._part_bytes = part_bytes
        self._timeouts_s = timeouts_s
        self.pauses_s = pauses_s
        self.title = f"OSS bucket {settings.oss_bucket}"
        self.errors: tuple[type[Exception], ...] = (oss2.exceptions.OssError, RequestException, ParseError)
        endpoint = _address(settings.oss_endpoint)
        shown = _address(settings.oss_domain or settings.oss_public_endpoint) or endpoint
        region = settings.oss_region.removeprefix("oss-") or region_of(endpoint)
        if not region:
            raise SettingsError("OSS_REGION: is not to be seen in OSS_ENDPOINT, so it must be said (cn-hangzhou)")
        secret, token = (
            settings.oss_access_key_secret.get_secret_value(),
            settings.oss_security_token.get_secret_value(),
        )
        if token:
            auth = oss2.StsAuth(settings.oss_access_key_id, secret, token, auth_version=oss2.AUTH_VERSION_4)
        else:
            auth = oss2.AuthV4(settings.oss_access_key_id, secret)
        try:
            self._bucket = oss2.Bucket(
                auth,
                endpoint,
                settings.oss_bucket,
                # New accounts may not use the mainland's public endpoints: then the domain stands in both settings.
                is_cname=endpoint == _address(settings.oss_domain),
                region=region,
                connect_timeout=timeouts_s,
                enable_crc=True,
            )
            self._shown = oss2.Bucket(
                auth, shown, settings.oss_bucket, is_cname=bool(settings.oss_domain), region=region
            )
        except oss2.exceptions.ClientError as error:
            raise SettingsError(f"OSS_ENDPOINT, OSS_BUCKET: {str(error.body).removeprefix('ClientError: ')}") from None

    def fault(self, error: Any) -> Fault:
        kinds = self._oss2.exceptions
        if isinstance(error, kinds.ServerError):
            return _told(error)
        if isinstance(error, kinds.InconsistentError):
            return Fault("the CRC64 of what arrived is not that of what was sent", True)
        if isinstance(error, kinds.RequestError):
            return _network(error.exception, self._timeouts_s[1])
        if isinstance(error, kinds.OssError):
            return Fault(str(error.body), False)
        return _network(error, self._timeouts_s[1])

    def look(self, name: str) -> Seen | None:
        kinds = self._oss2.exceptions
        try:
            head = self._bucket.head_object(name)
        except kinds.NotFound as error:
            if isinstance(error, kinds.NoSuchBucket):
                raise
            return None
        return Seen(
            int(head.content_length or 0),
            head.headers.get(_SHA256, ""),
            float(head.last_modified or 0),
            head.headers.get(_CRC64, ""),
        )

    def checksum(self, source: Path) -> str:
        crc = self._oss2.utils.Crc64()
        with source.open("rb") as file:
            while block := file.read(1 << 20):
                crc.update(block)
        return str(crc.crc)

    def send(self, name: str, source: Path, content: Content) -> None:
        headers = {**content.headers, _SHA256: content.sha256}
        if content.size_bytes < self._part_bytes:
            self._bucket.put_object_from_file(name, str(source), headers=headers)
            return
        make_folder(self._notes)
        try:
            self._oss2.resumable_upload(
                self._bucket,
                name,
                str(source),
                store=self._oss2.ResumableStore(root=str(self._notes.parent), dir=self._notes.name),
                headers=headers,
                multipart_threshold=self._part_bytes,
                part_size=self._part_bytes,
                num_threads=_THREADS,
            )
        except self._oss2.exceptions.InconsistentError:
            # A damaged part is there now, and the library would take it for a good one when it goes on.
            for half in self.half_sent():
                if half.name == name:
                    half.give_up()
            raise

    def refresh(self, name: str, content: Content) -> None:
        """A copy onto itself; the headers must be given again for the store to allow it."""
        headers = {**content.headers, _SHA256: content.sha256, "x-oss-metadata-directive": "REPLACE"}
        self._bucket.copy_object(self._bucket.bucket_name, name, name, headers=headers)

    def remove(self, name: str) -> None:
        self._bucket.delete_object(name)

    def page(self, prefix: str, after: str) -> Page:
        found = self._bucket.list_objects_v2(prefix=prefix, continuation_token=after, max_keys=1000)
        return Page([one.key for one in found.object_list], found.next_continuation_token if found.is_truncated else "")

    def sign(self, name: str, method: str, good_for_s: int) -> str:
        return str(self._shown.sign_url(method, name, good_for_s, slash_safe=True))

    def half_sent(self) -> Iterator[HalfSent]:
        for note in list(self._notes.glob("*")):
            if record := _record(note):
                yield HalfSent(str(record["key"]), note, partial(self._give_up, note, record))

    def _give_up(self, note: Path, record: dict[str, Any]) -> None:
        if record["bucket"] == self._bucket.bucket_name:
            # The store may have forgotten it first.
            with suppress(self._oss2.exceptions.NoSuchUpload):
                self._bucket.abort_multipart_upload(record["key"], record["upload_id"])
        note.unlink(missing_ok=True)


def region_of(endpoint: str) -> str:
    """``cn-hangzhou`` from ``https://oss-cn-hangzhou-internal.aliyuncs.com``; empty if it is not to be seen there."""
    host = urlsplit(endpoint).hostname or ""
    match = _HOST.fullmatch(host) or _DUAL_STACK_HOST.fullmatch(host)
    return match[1] if match else ""


def _address(text: str) -> str:
    """With a scheme: the library would take http, and show everybody on the way what is sent."""
    text = text.strip().rstrip("/")
    return f"https://{text}" if text and "://" not in text else text


def _record(note: Path) -> dict[str, Any]:
    """What a note says: bucket, key, upload_id. A half written one only is there, to be removed; empty: it is gone."""
    try:
        record = json.loads(note.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError:
        record = None
    known = isinstance(record, dict) and {"bucket", "key", "upload_id"} <= record.keys()
    return dict(record) if known else {"bucket": "", "key": note.name}


def _told(error: Any) -> Fault:
    """The store's own answer: code, status and message. Its body is not repeated: it holds what was signed."""
    code, message = str(error.code or ""), str(error.message or "").strip()
    status = int(error.status)
    what = f"{code} ({status})" if code else f"status {status}"
    request = f" (request {error.request_id})" if error.request_id else ""
    return Fault(
        f"{what}{': ' if message else ''}{message}{request}", status >= 500 or status == 429 or code in _PASSING
    )


def _network(error: Exception, timeout_s: float) -> Fault:
    """No answer, or none that can be read. The library's own words are not repeated: they may hold whole addresses."""
    from requests import exceptions

    if isinstance(error, exceptions.SSLError):
        return Fault("its certificate cannot be trusted, or it does not speak TLS", False)
    if isinstance(error, exceptions.ConnectTimeout):
        return Fault("it could not be reached in time", True)
    if isinstance(error, exceptions.Timeout):
        return Fault(f"no answer within {timeout_s:g} s", True)
    if isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, exceptions.MissingSchema)):
        return Fault("OSS_ENDPOINT is no address", False)
    if isinstance(error, exceptions.ConnectionError):
        return Fault("there is no connection to it, or it broke", True)
    return Fault(f"its answer cannot be read ({type(error).__name__})", True)
