"""Outgoing HTTP to addresses that a request names: public addresses only, decided where the connection is made.

A check of the URL alone is not enough, because a name may resolve to something else a moment later
(DNS rebinding). So the filter sits in the resolver that the connection uses and again where its socket is made;
redirects are not followed and no proxy settings are taken from the environment.
The blocked networks are those of IANA's special-purpose registries (RFC 6890) and the cloud metadata addresses.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from app.core.errors import EngineFault, PayloadTooLarge, ValidationFailed

_BLOCKED_V4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
    168.63.129.16/32"""
_BLOCKED_V6 = """::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16
    fc00::/7 fe80::/10 fec0::/10 ff00::/8"""
_BLOCKED = [ipaddress.ip_network(net) for net in f"{_BLOCKED_V4} {_BLOCKED_V6}".split()]
_CHUNK = 1 << 16
_ENDS_IN_NUMBER = re.compile(r"(^|\.)(\d+|0x[0-9a-f]*)\.?$", re.IGNORECASE)
"""``127.1``, ``2130706433``, ``0x7f.1``: addresses in disguise (the URL standard's "ends in a number")."""


_HOST_NAME = re.compile(r"[\w.-]+")


class BlockedAddress(OSError):
    """The connection was refused here: the name leads to an address that requests may not name."""


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """The literal address in a host (``[v6]`` and ``%scope`` allowed), v4-mapped v6 unmapped; None for a name."""
    try:
        address = ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_public(text: str) -> bool:
    """Whether a literal address may be called on behalf of a request."""
    address = _address(text)
    if address is None:
        return False
    return not any(address.version == net.version and address in net for net in _BLOCKED)


def _allowed(host: str, allowed_hosts: Sequence[str]) -> bool:
    """Whether the owner let requests name this host: a name, an address or a subnet in the settings."""
    host = host.strip("[]").rstrip(".").lower()
    address = _address(host)
    for entry in allowed_hosts:
        if entry.strip("[]").rstrip(".").lower() == host:
            return True
        with suppress(ValueError):
            if address is not None and address in ipaddress.ip_network(entry, strict=False):
                return True
    return False


def check_url(url: str, allowed_hosts: Sequence[str], name: str = "callback_url") -> None:
    """Refuse early what can be seen in the URL itself: scheme, user info, port, private literal address.

    Raises ValidationFailed naming ``name``. The address behind a host name is checked when connecting.
    """

    def refuse(reason: str) -> ValidationFailed:
        detail = f"{name} {reason}"
        return ValidationFailed(detail, errors=[{"type": "url", "loc": [name], "msg": detail}])

    try:
        parts = urlsplit(url)
        host, port = _ascii_digits(parts.hostname or ""), parts.port
    except ValueError:
        raise refuse("is not a URL") from None
    if parts.scheme not in ("http", "https") or not host or any(char.isspace() for char in url):
        raise refuse("must be an http or https URL")
    if parts.username is not None or port == 0 or len(url) > 2048:
        raise refuse("must not carry a user name, port 0 or more than 2048 characters")
    if _address(host) is None and (_ENDS_IN_NUMBER.search(host) or not _HOST_NAME.fullmatch(host)):
        raise refuse("must write its host as a name or as an address in the usual dotted form")
    if _allowed(host, allowed_hosts):
        return
    local_name = host.rstrip(".") == "localhost" or host.rstrip(".").endswith(".localhost")
    if local_name or (_address(host) is not None and not is_public(host)):
        raise refuse(f"must not lead to a private address ({host}); the owner can allow it in CALLBACK_ALLOWED_HOSTS")


def _ascii_digits(host: str) -> str:
    """The host as its resolver will read it: full-width and circled characters, ideographic stops (UTS #46)."""
    return unicodedata.normalize("NFKC", host).replace("\u3002", ".").lower()


class _Guard(AbstractResolver):
    """Resolves names for one session and lets only permitted addresses through, to the socket itself."""

    def __init__(self, allowed_hosts: Sequence[str]) -> None:
        self._allowed_hosts = allowed_hosts
        self._inner = aiohttp.ThreadedResolver()
        self._granted: set[str] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if _allowed(host, self._allowed_hosts):
            self._granted.update(result["host"] for result in found)
            return found
        public = [result for result in found if is_public(result["host"])]
        if not public:
            raise BlockedAddress(f"{host} leads to no public address")
        return public

    async def close(self) -> None:
        await self._inner.close()

    def open_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """aiohttp's socket factory: the last look at the address, literal ones included."""
        family, kind, protocol, _, address = info
        host = str(address[0])
        if not (is_public(host) or host in self._granted or _allowed(host, self._allowed_hosts)):
            raise BlockedAddress(f"{host} is not a public address")
        return socket.socket(family, kind, protocol)


def guarded_session(allowed_hosts: Sequence[str], *, trusted: bool = False) -> aiohttp.ClientSession:
    """A client session; unless ``trusted`` (an address from the settings) it connects to public addresses only.

    Callers pass ``allow_redirects=False`` on every request.
    """
    if trusted:
        return aiohttp.ClientSession(trust_env=False)
    guard = _Guard(allowed_hosts)
    connector = aiohttp.TCPConnector(resolver=guard, socket_factory=guard.open_socket, use_dns_cache=False)
    return aiohttp.ClientSession(connector=connector, trust_env=False)


async def download(
    url: str, target: Path, max_bytes: int, allowed_hosts: Sequence[str], *, name: str = "url", timeout_s: float = 60
) -> str:
    """Fetch ``url`` into ``target`` and return its media type.

    Raises ValidationFailed (refused address, 3xx, 4xx), PayloadTooLarge over ``max_bytes``, EngineFault for
    what may pass (5xx, network). Nothing is left at ``target`` after an error.
    """
    check_url(url, allowed_hosts, name)
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with (
            guarded_session(allowed_hosts) as session,
            session.get(url, allow_redirects=False, timeout=timeout) as answer,
        ):
            if answer.status >= 500:
                raise EngineFault(f"{name} could not be fetched: its server answered {answer.status}")
            if answer.status != 200:
                raise ValidationFailed(f"{name} could not be fetched: its server answered {answer.status}")
            await _save(answer, target, max_bytes, name)
            return answer.content_type
    except BaseException as error:
        await asyncio.to_thread(target.unlink, missing_ok=True)
        if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, BlockedAddress):
            raise ValidationFailed(f"{name} must not lead to a private address") from None
        if isinstance(error, (aiohttp.ClientError, TimeoutError)):
            raise EngineFault(f"{name} could not be fetched: {type(error).__name__}") from None
        raise


async def _save(answer: aiohttp.ClientResponse, target: Path, max_bytes: int, name: str) -> None:
    size = 0
    with target.open("wb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > max_bytes:
                raise PayloadTooLarge(f"{name} is larger than {max_bytes} bytes")
            file.write(chunk)
