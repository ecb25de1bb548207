"""An installation behind a proxy that ends TLS: the cookie stays encrypted, addresses are those of the people."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask, request

from tests.conftest import close
from webapp import create_app
from webapp.access import public
from webapp.config import Settings
from webapp.database import db
from webapp.mail.settings import base_url, get_settings


@pytest.fixture
def behind_tls(settings: Settings, database_url: str) -> Iterator[Flask]:
    application = create_app(replace(settings, url="https://wm.example.cn", proxies=1), database_url)

    @public
    def who() -> str:
        return f"{request.remote_addr} {request.scheme}"

    application.add_url_rule("/who", "who", who)
    yield application
    close(application)


def test_the_cookie_travels_encrypted_only(behind_tls: Flask, app: Flask) -> None:
    told = behind_tls.test_client().get("/login", base_url="https://wm.example.cn")

    assert "; Secure" in told.headers["Set-Cookie"]
    assert told.headers["Strict-Transport-Security"] == "max-age=31536000"
    plain = app.test_client().get("/login")
    assert "; Secure" not in plain.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in plain.headers


def test_only_the_last_word_about_an_address_counts(behind_tls: Flask) -> None:
    headers = {"X-Forwarded-For": "6.6.6.6, 198.51.100.7", "X-Forwarded-Proto": "https"}

    assert behind_tls.test_client().get("/who", headers=headers).text == "198.51.100.7 https"


def test_links_of_mails_lead_there(behind_tls: Flask) -> None:
    with behind_tls.app_context():
        assert base_url(get_settings(db.session())) == "https://wm.example.cn"
