"""Posts go to the address that was looked at, once, and nowhere inside."""

import ipaddress
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.factories.web_receiver import Receiver, web_receiver
from webapp.webhooks.posting import PostError, post
from webapp.webhooks.rules import Place, place_of

HERE = (ipaddress.ip_network("127.0.0.0/8"),)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with web_receiver() as found:
        yield found


def place(url: str) -> Place:
    found = place_of(url)
    assert found is not None
    return found


def refusal(url: str, networks: Any = (), seconds: float = 5) -> str:
    with pytest.raises(PostError) as caught:
        post(place(url), b"{}", {}, networks, seconds)
    return str(caught.value)


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let each name resolve to the next answer; returns the names that were asked for."""
    asked, left = [], list(answers)

    def answer(name: str, port: int, **_options: object) -> list[Any]:
        asked.append(name)
        families = {4: socket.AF_INET, 6: socket.AF_INET6}
        found = left.pop(0)
        return [(families[ipaddress.ip_address(a).version], socket.SOCK_STREAM, 6, "", (a, port)) for a in found]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


def test_it_arrives(receiver: Receiver) -> None:
    answer = post(place(f"http://127.0.0.1:{receiver.port}/hook?a=1"), b'{"a": 1}', {"X-Own": "1"}, HERE)

    assert answer.code == 204
    assert receiver.bodies == [b'{"a": 1}']
    assert receiver.headers[0]["host"] == f"127.0.0.1:{receiver.port}"
    assert receiver.headers[0]["x-own"] == "1"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "127.1", "0x7f.1"])
def test_nothing_goes_inside(receiver: Receiver, host: str) -> None:
    assert "内部地址" in refusal(f"http://{host}:{receiver.port}/") or host == "[::1]"
    assert receiver.bodies == []


@pytest.mark.parametrize("answer", [["10.0.0.1"], ["8.8.8.8", "169.254.169.254"], ["::ffff:127.0.0.1"]])
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, answer: list[str]) -> None:
    resolving(monkeypatch, answer)

    assert "内部地址" in refusal("https://oa.example.cn/")


def test_a_name_that_changes_leads_nowhere_else(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """The second answer of the name server would lead inside; nobody asks for it."""
    asked = resolving(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
    connected: list[Any] = []
    real = socket.socket.connect
    monkeypatch.setattr(
        "webapp.webhooks.posting.socket.create_connection",
        lambda address, timeout: (connected.append(address), _connect(real, address, timeout))[1],
    )

    post(place(f"http://oa.example.cn:{receiver.port}/"), b"{}", {}, HERE)

    assert asked == ["oa.example.cn"]
    assert connected == [("127.0.0.1", receiver.port)]
    assert receiver.headers[0]["host"].startswith("oa.example.cn:")


def _connect(real: Any, address: tuple[str, int], timeout: float) -> socket.socket:
    made = socket.socket()
    made.settimeout(timeout)
    real(made, address)
    return made


def test_public_addresses_want_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["8.8.8.8"])

    assert "https" in refusal("http://oa.example.cn/")


def test_it_follows_nobody(receiver: Receiver) -> None:
    with web_receiver() as other:
        receiver.code, receiver.location = 307, f"http://127.0.0.1:{other.port}/"

        assert "不跟随跳转" in refusal(f"http://127.0.0.1:{receiver.port}/", HERE)

        assert other.bodies == []


def test_time_is_limited_also_against_drops(receiver: Receiver) -> None:
    receiver.delay = 2.0
    assert "规定时间" in refusal(f"http://127.0.0.1:{receiver.port}/", HERE, 0.3)
    receiver.delay, receiver.drips = 0.0, True
    assert "规定时间" in refusal(f"http://127.0.0.1:{receiver.port}/", HERE, 0.3)


def test_time_is_limited_also_while_the_encryption_begins() -> None:
    """A server that sends a byte of its greeting now and then, each within the time that one read may take."""
    sent: list[bytes] = []

    def drip(listener: socket.socket) -> None:
        with suppress(OSError), listener.accept()[0] as peer:
            peer.recv(1000)
            peer.sendall(b"\x16\x03\x03\x3f\x00")
            for _ in range(200):
                peer.sendall(b"\x02")
                sent.append(b"\x02")
                time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        dripping = threading.Thread(target=drip, args=(listener,))
        dripping.start()
        assert "规定时间" in refusal(f"https://127.0.0.1:{listener.getsockname()[1]}/", HERE, 0.3)
        dripping.join()

    assert len(sent) < 200


def test_nothing_is_sent_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch, receiver: Receiver) -> None:
    """Nobody would end a connection that came about too late."""
    receiver.drips = True
    real = socket.create_connection

    def slowly(address: tuple[str, int], _timeout: float) -> socket.socket:
        time.sleep(0.4)
        return real(address)

    monkeypatch.setattr("webapp.webhooks.posting.socket.create_connection", slowly)

    assert "规定时间" in refusal(f"http://127.0.0.1:{receiver.port}/", HERE, 0.1)
    assert receiver.bodies == []


def test_what_is_refused_and_what_is_not_there(receiver: Receiver) -> None:
    receiver.code = 500
    assert "500" in refusal(f"http://127.0.0.1:{receiver.port}/", HERE)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert "拒绝连接" in refusal(f"http://127.0.0.1:{closed.getsockname()[1]}/", HERE)
    assert "找不到主机" in refusal("https://name.invalid/", HERE)
