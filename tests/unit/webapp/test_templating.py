from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask, url_for

from tests.conftest import make_settings
from webapp import create_app, templating
from webapp.access import public


@pytest.fixture
def frame_app(tmp_path) -> Flask:
    """The application without a database, with a page to stand on."""
    app = create_app(make_settings(tmp_path, demo=False), "postgresql://nowhere/none")

    @app.get("/standing/<int:number>")
    @public
    def standing(number: int) -> str:
        return templating.url_with(page=2, q=None, tone=["good", "bad"])

    return app


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (datetime(2026, 11, 20, 6, 30, tzinfo=UTC), "2026-11-20 14:30"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027-01-01 00:00"),
        (None, ""),
    ],
)
def test_instants_are_written_in_shanghai_time(moment, words):
    assert templating.instant(moment) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 1, 5), "2026年1月5日"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027年1月1日"),
        (None, ""),
    ],
)
def test_days_are_written_without_leading_zeros_and_taken_in_shanghai(value, words):
    assert templating.day(value) == words


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1_048_575, "1.0 MB"), (20 * 1024 * 1024, "20.0 MB")],
)
def test_sizes_are_said_in_the_unit_that_people_use(size, words):
    assert templating.filesize(size) == words


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "不到1分钟"),
        (timedelta(minutes=61), "1小时1分钟"),
        (timedelta(days=3, hours=4, minutes=5), "3天4小时"),
        (timedelta(seconds=-5), "不到1分钟"),
        (None, ""),
    ],
)
def test_durations_name_their_two_largest_units(length, words):
    assert templating.duration(length) == words


def test_roles_are_named_in_the_order_of_the_table():
    assert templating.role_names(frozenset({"inspector", "county_reviewer"})) == "县级审核员、测评员"


def test_address_of_the_page_keeps_what_is_not_changed(frame_app):
    answer = frame_app.test_client().get("/standing/7?q=税务&region=430600&page=9")
    assert answer.text == "/standing/7?region=430600&page=2&tone=good&tone=bad"


@pytest.mark.parametrize(
    ("referrer", "address"),
    [
        ("http://localhost/units?q=1", "/units?q=1"),
        ("http://elsewhere.example/units", "/"),
        ("http://localhost/here", "/"),
        ("javascript:alert(1)", "/"),
        (None, "/"),
    ],
)
def test_back_leads_only_to_another_page_of_this_site(frame_app, referrer, address):
    with frame_app.test_request_context("/here", headers={"Referer": referrer} if referrer else {}):
        assert templating.return_address() == address


def test_a_page_of_refusal_needs_no_database(frame_app):
    answer = frame_app.test_client().get("/no-such-page")
    assert answer.status_code == 404
    assert "没有找到" in answer.text
    assert "演示" not in answer.text


def test_no_page_holds_inline_scripts_or_styles(frame_app):
    text = frame_app.test_client().get("/login").text
    assert "<style" not in text
    assert " style=" not in text
    assert text.count("<script") == 1
    with frame_app.test_request_context():
        assert url_for("static", filename="dist/app.js") in text


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ _('第 %(number)s 页', number=name) }}", "第 &lt;b&gt; 页"),
        ("{{ _('已办 100%%') }}", "已办 100%"),
        ("{{ _('<i>') }}", "<i>"),
        ("{% autoescape false %}{{ _('致 %(name)s', name=name) }}{% endautoescape %}", "致 <b>"),
    ],
)
def test_texts_of_templates_are_filled_in_and_only_what_is_filled_in_is_escaped(frame_app, source, said):
    with frame_app.test_request_context():
        assert frame_app.jinja_env.from_string(source).render(name="<b>") == said
