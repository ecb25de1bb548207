"""A client that costs little: one thread, keep-alive connections, requests that were written beforehand."""

import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEAD_END = b"\r\n\r\n"
_PATIENCE = 30.0


@dataclass
class Load:
    """What came of the requests of one or several slices."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers per second."""
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of the answers came."""
        return 1000 * statistics.quantiles(self.latencies, n=100, method="inclusive")[round(share * 100) - 1]

    def add(self, other: "Load") -> None:
        """Count another slice."""
        self.seconds += other.seconds
        self.latencies += other.latencies


class UnexpectedAnswerError(Exception):
    """Something else was answered than a completion is."""


class _Connection:
    """One client: at most one request on its way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._sent_at = 0.0
        self._received = b""

    def send(self, request: bytes) -> None:
        self._received = b""
        self._sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, status: bytes) -> float | None:
        """The seconds since the request was sent, once its whole answer is here."""
        more = self.socket.recv(65536)
        self._received += more
        head, end, body = self._received.partition(_HEAD_END)
        if not more or (end and not head.startswith(b"HTTP/1.1 " + status)):
            raise UnexpectedAnswerError(self._received[:2000].decode(errors="replace"))
        if not end or len(body) < _length(head):
            return None
        return time.perf_counter() - self._sent_at


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise UnexpectedAnswerError(head.decode())


def drive(port: int, requests: Iterator[bytes], *, clients: int, seconds: float, status: int) -> Load:
    """Keep ``clients`` requests on their way for a while; every answer must have ``status``.

    Raises:
        UnexpectedAnswerError: one had not.
    """
    expected = str(status).encode()
    with selectors.DefaultSelector() as selector:
        connections = [_Connection(port) for _ in range(clients)]
        began = time.perf_counter()
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests))
        load = Load()
        busy = clients
        while busy:
            for key, _ in selector.select(_PATIENCE):
                took = key.data.receive(expected)
                if took is None:
                    continue
                load.latencies.append(took)
                if time.perf_counter() - began < seconds:
                    key.data.send(next(requests))
                else:
                    busy -= 1
        load.seconds = time.perf_counter() - began
        for connection in connections:
            connection.socket.close()
    return load


def request(method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
    """One HTTP request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + _HEAD_END + body
