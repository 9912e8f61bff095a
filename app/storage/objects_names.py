"""Names of objects in a bucket: our keys, with as little in front as can be.

``default/story/u/s/film.mp4`` of the open service is ``story/u/s/film.mp4`` there, and ``acme/story/...`` of a named
tenant is ``tenants/acme/story/...``; the prefix of the settings stands before all. Every key has one name and no
name two keys, so whatever a tenant or a folder is called, nobody's file takes another's place.
"""

from __future__ import annotations

from app.core.config import SettingsError
from app.core.errors import ValidationFailed
from app.core.ids import checked

OPEN_TENANT = "default"
"""Whose keys stand without their tenant: everybody where no API keys are set."""
_NAMED = "tenants"


class Names:
    """Raises SettingsError for a prefix that is no path of ids."""

    def __init__(self, prefix: str) -> None:
        try:
            parts = [checked(part, "OBJECTS_PREFIX") for part in prefix.strip("/").split("/") if prefix.strip("/")]
        except ValidationFailed as error:
            raise SettingsError(f"OBJECTS_PREFIX: each folder: {error.detail}") from None
        self.prefix = "".join(f"{part}/" for part in parts)
        """What all names begin with; empty or with a slash at its end."""

    def of(self, key: str) -> str:
        """The name of a key, never with a leading slash. Raises ValidationFailed for what is no key."""
        parts = [checked(part, "file key") for part in key.split("/")]
        if len(parts) < 2:
            raise ValidationFailed("file key must begin with its tenant")
        if parts[0] == OPEN_TENANT and parts[1] != _NAMED:
            return self.prefix + "/".join(parts[1:])
        # Also the open tenant's own folder "tenants", which would else look like the folder of all others.
        return f"{self.prefix}{_NAMED}/{'/'.join(parts)}"

    def key(self, name: str) -> str | None:
        """The key that has this name; None if none has: somebody else's object in the same bucket."""
        if not name.startswith(self.prefix):
            return None
        inner = name.removeprefix(self.prefix)
        named = inner == _NAMED or inner.startswith(f"{_NAMED}/")
        key = inner.partition("/")[2] if named else f"{OPEN_TENANT}/{inner}"
        try:
            return key if self.of(key) == name else None
        except ValidationFailed:
            return None
