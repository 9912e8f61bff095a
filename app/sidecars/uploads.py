"""A multipart body (RFC 7578) written to disk as it arrives: one JSON field ``request`` and any number of files.

The parser is python-multipart's; what is added are limits, checked names and a fingerprint of everything.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from app.core.errors import PayloadTooLarge, ValidationFailed

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")
_MAX_REQUEST_BYTES = 4_000_000
_MAX_FILES = 64


class Upload:
    """Feed it the body's chunks, then ``finish``; the files lie in ``folder`` under their fields' names."""

    def __init__(self, content_type: str, folder: Path, max_bytes: int) -> None:
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary", b"")
        if kind != b"multipart/form-data" or not boundary:
            raise ValidationFailed("The body must be multipart/form-data")
        self.files: dict[str, Path] = {}
        self._folder, self._left, self._max = folder, max_bytes, max_bytes
        self._request = bytearray()
        self._hashes: dict[str, Any] = {}
        self._header, self._value = bytearray(), bytearray()
        self._disposition = b""
        self._field = ""
        self._file: BinaryIO | None = None
        self._whole = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
                "on_header_end": self._header_ended,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_part_end": self._close,
                "on_end": self._ended,
            },
        )

    def feed(self, chunk: bytes) -> None:
        """Raises ValidationFailed for a body that is none, PayloadTooLarge beyond the limit, OSError of the disk."""
        self._left -= len(chunk)
        if self._left < 0:
            raise PayloadTooLarge(f"The body has more than {self._max} bytes")
        try:
            self._parser.write(chunk)
        except MultipartParseError as error:
            raise ValidationFailed("The body is no proper multipart/form-data") from error

    def finish(self) -> tuple[dict[str, Any], str]:
        """The request and the fingerprint of it and of its files. Raises ValidationFailed for half a body."""
        self.drop()
        if not self._whole:
            raise ValidationFailed("The body ended in its middle")
        try:
            request = json.loads(self._request)
        except ValueError:
            raise ValidationFailed("The field request is missing or is no JSON") from None
        if not isinstance(request, dict):
            raise ValidationFailed("The field request must be a JSON object")
        parts = {name: digest.hexdigest() for name, digest in self._hashes.items()}
        whole = json.dumps([request, parts], sort_keys=True, separators=(",", ":"))
        return request, hashlib.sha256(whole.encode()).hexdigest()

    def drop(self) -> None:
        """Close what is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._disposition = b""

    def _header_ended(self) -> None:
        if bytes(self._header).lower() == b"content-disposition":
            self._disposition = bytes(self._value)
        self._header.clear()
        self._value.clear()

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field == "request":
            if self._request:
                raise ValidationFailed("The field request is there twice")
            return
        if not NAME.fullmatch(self._field):
            raise ValidationFailed(f"A file cannot be called {self._field[:60]!r}")
        suffix = PurePosixPath(options.get(b"filename", b"").decode("utf-8", "replace")).suffix
        name = self._field if not _SUFFIX.fullmatch(suffix) or self._field.endswith(suffix) else self._field + suffix
        path = self._folder / name
        if self._field in self.files or path in self.files.values():
            raise ValidationFailed(f"The file {self._field} is there twice")
        if len(self.files) >= _MAX_FILES:
            raise PayloadTooLarge(f"A run takes at most {_MAX_FILES} files")
        self._file = path.open("xb")
        self.files[self._field] = path
        self._hashes[self._field] = hashlib.sha256()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = data[start:end]
        if self._file is not None:
            self._file.write(part)
            self._hashes[self._field].update(part)
        else:
            self._request += part
            if len(self._request) > _MAX_REQUEST_BYTES:
                raise PayloadTooLarge(f"The field request has more than {_MAX_REQUEST_BYTES} bytes")

    def _close(self) -> None:
        self.drop()

    def _ended(self) -> None:
        self._whole = True
