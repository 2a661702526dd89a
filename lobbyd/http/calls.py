"""A call: who asks, from where, with what; and what is answered."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from typing import Any

import attrs

from ..config import Config, Network, read_host
from ..errors import Refused, invalid
from ..lobby.model import Identity
from ..lobby.operations import Caller

MIN_CLIENT_KEY, MAX_CLIENT_KEY = 16, 128


@attrs.frozen
class Answer:
    """Status, JSON content and headers of a good answer.

    ``content`` is None for no body, bytes where it is encoded already. ``stream`` writes to
    the request itself, for as long as it likes.
    """

    status: int = 200
    content: Any = None
    headers: dict[str, str] = attrs.Factory(dict)
    stream: Callable[[Any], Awaitable[bytes]] | None = None


def client_address(request: Any, config: Config) -> str:
    """The client's address; from X-Forwarded-For where the peer is a trusted proxy."""
    peer = _own(request.getClientAddress())
    forwarded = request.getHeader(b"x-forwarded-for")
    if not forwarded or not config.trusted_proxies:
        return peer
    # from the right: each hop that we trust vouches for the one before it
    for hop in reversed(forwarded.decode("latin-1").split(",")):
        if not is_in(peer, config.trusted_proxies):
            break
        try:
            peer = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            break
    return peer


@lru_cache(maxsize=4096)
def address_group(address: str) -> bytes:
    """What limits count by: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address.encode()
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return mapped.packed if mapped.version == 4 else mapped.packed[:8]


def caller_of(request: Any, config: Config, udp_port: int, address: bytes) -> Caller:
    """Who asks, by the group of its address, key and token."""
    key: bytes | None = request.getHeader(b"lobbyd-client-key")
    if key is not None and not is_key(key.decode("latin-1"), MIN_CLIENT_KEY, MAX_CLIENT_KEY):
        raise invalid(
            "Lobbyd-Client-Key",
            f"{MIN_CLIENT_KEY} to {MAX_CLIENT_KEY} ASCII characters, always the same",
        )
    digest = None if key is None else hashlib.sha256(key).digest()
    return Caller(Identity(digest, address), bearer_of(request), udp_of(request, config, udp_port))


def is_key(text: str, shortest: int, longest: int) -> bool:
    """Whether a header's value can be a random key: visible ASCII, of such a length."""
    return shortest <= len(text) <= longest and all("!" <= letter <= "~" for letter in text)


def bearer_of(request: Any) -> str | None:
    """The bearer token, None without one."""
    header: bytes | None = request.getHeader(b"authorization")
    if header is None:
        return None
    scheme, _, token = header.decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused("token_invalid", "Send Authorization: Bearer and the token.")
    return token.strip()


def udp_of(request: Any, config: Config, udp_port: int) -> tuple[str, int]:
    """Host and port that this client is told for UDP."""
    host = config.advertise_host or _request_host(request)
    return host, config.advertise_port or udp_port


def _request_host(request: Any) -> str:
    """The host that the client used, without port; our own address where that is no host."""
    header: bytes = request.getHeader(b"host") or b""
    return (len(header) <= _LONGEST_HOST and _host_in(header)) or _own(request.getHost())


_LONGEST_HOST = 300
"""Bytes of a Host header: a host has 253, and a port comes behind it."""


@lru_cache(maxsize=1024)
def _host_in(header: bytes) -> str:
    """The host of a Host header; empty where it names none."""
    host = header.decode("ascii", "replace")
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    try:
        return read_host(host)
    except ValueError:
        return ""


def _own(address: Any) -> str:
    return str(getattr(address, "host", ""))


def is_in(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address belongs to one of the networks."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)
