"""What an installation may set, and what is refused with one clear line."""

import ipaddress

import pytest

from webapp.config import ConfigurationError, load_settings


@pytest.mark.parametrize(
    ("typed", "kept", "encrypted"),
    [
        ("", "", False),
        ("https://wm.example.cn/", "https://wm.example.cn", True),
        ("http://10.1.2.3:8080", "http://10.1.2.3:8080", False),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
    ],
)
def test_the_address_of_the_installation(
    monkeypatch: pytest.MonkeyPatch, typed: str, kept: str, encrypted: bool
) -> None:
    monkeypatch.setenv("WENMING_URL", typed)

    settings = load_settings()

    assert (settings.url, settings.is_encrypted) == (kept, encrypted)


@pytest.mark.parametrize(
    "typed", ["wm.example.cn", "ftp://wm", "https://", "https://a b", "https://a/path", "https://a@b"]
)
def test_an_address_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    monkeypatch.setenv("WENMING_URL", typed)

    with pytest.raises(ConfigurationError, match="WENMING_URL"):
        load_settings()


def test_networks_that_webhooks_may_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WENMING_WEBHOOK_NETWORKS", "10.1.0.0/16, fd00::/8")
    expected = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/8"))
    assert load_settings().webhook_networks == expected

    monkeypatch.setenv("WENMING_WEBHOOK_NETWORKS", "10.1.0.1/16")
    with pytest.raises(ConfigurationError, match="WENMING_WEBHOOK_NETWORKS"):
        load_settings()
