"""Where a webhook may lead, and how it is signed.

Signed as standardwebhooks.com describes: ``webhook-signature`` is ``v1,`` and the base64 of HMAC-SHA256 over
``{webhook-id}.{webhook-timestamp}.{body}``, by the bytes that the secret after ``whsec_`` stands for in base64.
"""

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from webapp.config import Network

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_CHARACTERS = 500
_PREFIX = "whsec_"
_NAME = re.compile(r"(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ASSIGNED = ipaddress.ip_network("2000::/3")
"""All that is given out of IPv6 for the open internet (RFC 4291 §2.4); the standard library takes more for global."""
_DOCUMENTATION = ipaddress.ip_network("3fff::/20")


@dataclass(frozen=True)
class Place:
    """Where a URL leads."""

    scheme: str
    host: str
    port: int
    path: str


def host_name(typed: str) -> str | None:
    """A host as it is compared: lower case, Chinese names in their ASCII form; None where it is none."""
    text = typed.strip().rstrip(".").lower()
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        pass
    try:
        text = text.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    return text if _NAME.fullmatch(text) else None


def place_of(url: str) -> Place | None:
    """Where a URL leads; None where it is not a plain address of a web server."""
    if len(url) > MOST_CHARACTERS or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = {"https": 443, "http": 80}.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        return None
    host = host_name(parts.hostname or "")
    if not host or not port or parts.username is not None or parts.password is not None or parts.fragment:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port, path) if path.isascii() else None


def is_own(address: Address, networks: Iterable[Network]) -> bool:
    """Whether an address lies in a private network that the installation was started with."""
    return any(address in network for network in networks if network.version == address.version)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet; of one that wraps an IPv4 address, whether that does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None:
            return False
        if address not in _ASSIGNED or address in _DOCUMENTATION:
            return False
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not (special or address.is_link_local or address.is_private)


def secret_of(key: str, salt: str) -> str:
    """The secret of a webhook, made from the key of the installation."""
    made = hmac.new(key.encode(), f"webhook:{salt}".encode(), hashlib.sha256).digest()
    return _PREFIX + base64.b64encode(made).decode()


def signature(secret: str, event: str, timestamp: int, body: bytes) -> str:
    """What the receiver compares."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    signed = hmac.new(key, f"{event}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"
