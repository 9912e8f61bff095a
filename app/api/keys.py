"""Who is calling: API keys and the tenants that they belong to."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence

from starlette.datastructures import Headers

from app.core.config import SettingsError
from app.core.errors import Unauthenticated

DEFAULT_TENANT = "default"
_TENANT = re.compile(r"[A-Za-z0-9_\-][A-Za-z0-9._\-]{0,63}", re.ASCII)
_RESERVED = frozenset({"open", "outbox", "tasks"})
"""First parts of document keys that belong to the service itself."""
_OPEN_PATHS = frozenset({"/", "/health", "/docs", "/docs/oauth2-redirect", "/openapi.json"})
_OPEN_PREFIXES = ("/static/", "/files/")
"""Files are let through here because a signed link needs no key: their route decides itself."""


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


class Keys:
    """The configured keys: ``key`` or ``tenant:key``. None: everybody is the tenant ``default``.

    Raises SettingsError for an entry that cannot be used.
    """

    def __init__(self, entries: Sequence[str]) -> None:
        self._tenants: list[tuple[bytes, str]] = []
        for entry in entries:
            tenant, colon, key = entry.partition(":")
            if not colon:
                tenant, key = DEFAULT_TENANT, entry
            if not key or not _TENANT.fullmatch(tenant) or tenant in _RESERVED:
                raise SettingsError(
                    "API_KEYS: an entry must be a key or tenant:key, with a tenant of A-Z a-z 0-9 . _ -"
                )
            self._tenants.append((_digest(key), tenant))

    @property
    def needed(self) -> bool:
        return bool(self._tenants)

    def tenant(self, headers: Headers) -> str | None:
        """The tenant of the key in ``X-API-Key`` or ``Authorization: Bearer``; None without a key.

        Raises Unauthenticated for a key that nobody has. Takes the same time for every key.
        """
        if not self._tenants:
            return DEFAULT_TENANT
        key = headers.get("x-api-key", "")
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if not key and scheme.lower() == "bearer":
            key = token.strip()
        if not key:
            return None
        given, found = _digest(key), None
        for digest, tenant in self._tenants:
            if hmac.compare_digest(digest, given):
                found = tenant
        if found is None:
            raise Unauthenticated("This API key is not known.")
        return found

    def admit(self, path: str, headers: Headers) -> str | None:
        """The tenant that calls ``path``; None on paths that need no key. Raises Unauthenticated."""
        if path in _OPEN_PATHS:
            return None
        tenant = self.tenant(headers)
        if tenant is None and not path.startswith(_OPEN_PREFIXES):
            raise Unauthenticated("Send an API key as X-API-Key or as Authorization: Bearer.")
        return tenant
