"""Post to a server of others: only to a public address, the one that was looked at, once, without following it.

The name is resolved here and the connection goes to the resolved address, so that a second answer of the name server
cannot lead elsewhere. Addresses of private networks are refused, except those that the installation was started with.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from webapp.config import Network
from webapp.webhooks.rules import Address, Place, is_own, is_public

SECONDS = 10.0
_MOST_BYTES = 2000


class PostError(Exception):
    """What was sent was not taken; the message (Chinese) says why, ``code`` is what the server answered, if it did."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What a server said to a post that it took."""

    code: int


def post(
    place: Place, body: bytes, headers: Mapping[str, str], networks: Sequence[Network], seconds: float = SECONDS
) -> Answer:
    """Post once.

    Args:
        place: where; that its host may be told at all is for the caller to know.
        networks: private networks that may be reached all the same, there also without TLS.
        seconds: for everything together.

    Raises:
        PostError: it may not go there, or the server did not take it.
    """
    connection = _Pinned(place, _resolve(place, networks), seconds)
    watchdog = threading.Timer(seconds, connection.cut)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request("POST", place.path, body, dict(headers))
        answer = connection.getresponse()
        said = answer.read(_MOST_BYTES)
        if connection.is_cut:  # what has come so far may look like a whole answer
            raise TimeoutError
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise PostError(_words(TimeoutError() if connection.is_cut else error)) from error
    finally:
        watchdog.cancel()
        connection.close()
    if 200 <= answer.status < 300:
        return Answer(answer.status)
    raise PostError(_refusal(answer.status, said), answer.status)


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever its name resolves to meanwhile."""

    def __init__(self, place: Place, address: Address, seconds: float) -> None:
        super().__init__(place.host, place.port, timeout=seconds)
        self.default_port = 443 if place.scheme == "https" else 80
        self.is_cut = False
        self._address = str(address)
        self._context = ssl.create_default_context() if place.scheme == "https" else None

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._context is not None:
            self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        if self.is_cut:  # while there was nothing to cut yet; nobody would end it any more
            raise TimeoutError

    def cut(self) -> None:
        """End it from outside: its time is over."""
        self.is_cut = True
        sock = self.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def _resolve(place: Place, networks: Sequence[Network]) -> Address:
    """The address to connect to; one that is not allowed among several makes the name suspicious as a whole."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise PostError(f"找不到主机“{place.host}”") from error
    addresses = [ipaddress.ip_address(str(one[4][0]).partition("%")[0]) for one in found]
    for address in addresses:
        if is_own(address, networks):
            continue
        if not is_public(address):
            raise PostError(f"主机“{place.host}”指向内部地址 {address}，已拒绝")
        if place.scheme != "https":
            raise PostError("发往公网的推送必须使用 https")
    return addresses[0]


def _refusal(code: int, said: bytes) -> str:
    if 300 <= code < 400:
        return f"对方要求转到别的网址（{code}），推送不跟随跳转；请改填最终的网址"
    words = " ".join(said.decode("utf-8", "replace").split())[:200]
    return f"对方答复 {code}" + (f"：{words}" if words else "")


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"对方的证书不可信（{error.verify_message}）"
    if isinstance(error, ConnectionRefusedError):
        return "对方拒绝连接"
    if isinstance(error, TimeoutError):
        return "对方没有在规定时间内答复"
    return f"连接失败：{str(error)[:300] or type(error).__name__}"
