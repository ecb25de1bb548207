"""Where webhooks may lead, and what their receivers check."""

import base64
import hashlib
import hmac
import ipaddress

import pytest

from webapp.webhooks.rules import host_name, is_own, is_public, place_of, secret_of, signature


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "39.156.66.10", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_addresses_of_the_open_internet(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "239.1.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:808:808::1",
        "2002:a00:1::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:db8::1",
        "3fff::1",
        "fec0::1",
        "feff::a00:1",
        "5f00::1",
        "::7f00:1",
    ],
)
def test_addresses_that_are_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


def test_networks_of_ones_own() -> None:
    networks = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8"))
    assert is_own(ipaddress.ip_address("10.1.2.3"), networks)
    assert is_own(ipaddress.ip_address("fd00::1"), networks)
    assert not is_own(ipaddress.ip_address("10.2.2.3"), networks)
    assert not is_own(ipaddress.ip_address("::ffff:10.1.2.3"), networks)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://OA.example.cn/hook?a=1", ("https", "oa.example.cn", 443, "/hook?a=1")),
        ("https://oa.example.cn.:8443", ("https", "oa.example.cn", 8443, "/")),
        ("http://[fd00::1]/x", ("http", "fd00::1", 80, "/x")),
        ("https://文明办.中国/", ("https", "xn--fiqz9sd0jq09a.xn--fiqs8s", 443, "/")),
    ],
)
def test_what_is_an_address(url: str, place: tuple[str, str, int, str]) -> None:
    found = place_of(url)
    assert found is not None
    if "文明办" in url:
        assert found.host.endswith(".xn--fiqs8s")
    else:
        assert (found.scheme, found.host, found.port, found.path) == place


@pytest.mark.parametrize(
    "url",
    [
        "",
        "oa.example.cn/hook",
        "ftp://oa.example.cn/",
        "file:///etc/passwd",
        "https://user:pass@oa.example.cn/",
        "https://@oa.example.cn/",
        "https://oa.example.cn/#x",
        "https://oa.example.cn:99999/",
        "https://oa.example.cn:0/",
        "https://oa.example.cn\\@127.0.0.1/",
        "https://oa.example.cn/a b",
        "https://oa.example.cn/\r\nX: y",
        "https://-a.example.cn/",
        "https://a..b/",
        "https:///x",
        "https://[::1",
        "https://oa.example.cn/路",
        "https://oa.example.cn/" + "a" * 500,
    ],
)
def test_what_is_none(url: str) -> None:
    assert place_of(url) is None


def test_hosts_are_compared_in_one_form() -> None:
    assert host_name(" OA.Example.CN. ") == "oa.example.cn"
    assert host_name("[::1]") == "::1"
    assert host_name("https://a") is None


def test_the_signature_is_what_receivers_compute() -> None:
    secret = secret_of("key", "salt")
    assert secret != secret_of("key", "other") != secret_of("other", "salt")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, b"e.12.{}", hashlib.sha256).digest()).decode()

    assert signature(secret, "e", 12, b"{}") == f"v1,{expected}"
