"""A reader chooses the language of the pages, and of nothing else."""

import re
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient, token_of
from tests.integration.language.conftest import Reader
from webapp.database import db
from webapp.instances.models import HistoryEntry
from webapp.language.marks import HAN

CLERK, REVIEWER, ADMINISTRATOR = "yunxi.unit1.clerk", "yunxi.reviewer1", "admin"


def test_everybody_finds_the_choice_and_comes_back(demo_client: FlaskClient) -> None:
    page = demo_client.get("/public/notices?q=a")
    assert 'lang="zh-CN"' in page.text
    assert "/public/language?next=/public/notices?q%3Da" in page.text
    choice = demo_client.get("/public/language?next=/public/notices?q%3Da")
    data = {"csrf_token": token_of(choice), "language": "en", "next": "/public/notices?q=a"}
    answer = demo_client.post("/public/language", data=data)
    assert answer.location == "/public/notices?q=a"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = demo_client.get(answer.location)
    assert 'lang="en"' in page.text
    assert "Public notices" in page.text
    demo_client.post("/public/language", data=data | {"language": "zh-CN"})
    assert 'lang="zh-CN"' in demo_client.get("/public/notices").text


def test_only_a_language_that_there_is_and_only_this_site(demo_client: FlaskClient) -> None:
    token = token_of(demo_client.get("/public/language"))
    answer = demo_client.post("/public/language", data={"csrf_token": token, "language": "fr"})
    assert answer.status_code == 400
    assert "没有这种语言" in answer.text
    data = {"csrf_token": token, "language": "en", "next": "//elsewhere.example/"}
    assert demo_client.post("/public/language", data=data).location == "/"
    assert demo_client.post("/public/language", data={"language": "en"}).status_code == 409


def test_an_unknown_cookie_is_chinese(demo_client: FlaskClient) -> None:
    demo_client.set_cookie("language", "fr")
    assert 'lang="zh-CN"' in demo_client.get("/login").text


def test_refusals_are_said_in_english(read_in_english: Reader) -> None:
    missing = read_in_english(REVIEWER).get("/instances/999999")
    assert missing.status_code == 404
    assert not HAN.search(main_of(missing.text))
    forbidden = read_in_english(CLERK).get("/administration")
    assert forbidden.status_code == 403
    assert not HAN.search(main_of(forbidden.text))


def test_a_decision_made_in_english_is_kept_in_chinese(demo_app: Flask, read_in_english: Reader) -> None:
    _case, task = submitted(demo_app)
    browser = read_in_english(REVIEWER)
    address, version = f"/tasks/{task}/complete", {"version": "0"}
    wrong = browser.post(address, version | {"outcome": "return"})
    assert wrong.status_code == 422
    assert "“需要补正的内容”" in summary_of(wrong.text)  # the words of the form are those of the process
    assert not HAN.search(re.sub("“[^”]*”", "", summary_of(wrong.text)))
    reasons = {"reasons.0.field": "staff_count", "reasons.0.reason": "写得太短", "opinion": "同意"}
    assert browser.post(address, version | {"outcome": "return"} | reasons).status_code == 302
    assert "Submitted" in browser.read("/tasks")
    with demo_app.app_context():
        line = db.session.scalars(select(HistoryEntry).where(HistoryEntry.task_id == UUID(task))).one()
        assert line.comment == "同意"


def test_a_page_that_asks_for_json_is_answered_in_english(demo_app: Flask, read_in_english: Reader) -> None:
    _case, task = submitted(demo_app)
    browser, ask = read_in_english("yunxi.reviewer2"), {"Accept": "application/json"}
    assert re.fullmatch(r"\d\d:\d\d", browser.post(f"/tasks/{task}/draft", headers=ask).get_json()["saved_at"])
    gone = browser.post(f"/tasks/{UUID(int=0)}/draft", {"version": "0"}, headers=ask)
    assert (gone.status_code, bool(HAN.search(gone.get_json()["detail"]))) == (404, False)


def test_documents_and_files_are_chinese_for_everybody(demo_app: Flask, read_in_english: Reader) -> None:
    case, _task = submitted(demo_app)
    browser, chinese = read_in_english(CLERK), PageClient(demo_app, CLERK)
    sheet = re.compile("打印时间.*")
    address = f"/instances/{case.id}/print"
    mine, theirs = (sheet.sub("", re.sub('value="[^"]*"', "", one.read(address))) for one in (browser, chinese))
    assert mine == theirs


@pytest.mark.parametrize("address", ["/imports/unit", "/instances", "/calendar/days/2026-10-01", "/tasks?view=done"])
def test_what_a_browser_sends_back_is_the_same(demo_app: Flask, read_in_english: Reader, address: str) -> None:
    chinese, english = PageClient(demo_app, ADMINISTRATOR), read_in_english(ADMINISTRATOR)
    assert values_of(english.get(address).text) == values_of(chinese.get(address).text) != []


def submitted(app: Flask) -> tuple[Case, str]:
    """A declaration at the county review, and that task."""
    office = Office(app)
    case = Case(office, office.person(CLERK), batch="1", honour="city").submitted()
    return case, case.who("review_county")[1]["id"]


def main_of(page: str) -> str:
    """What stands between the frame of a page."""
    return page.partition("<main")[2].partition("</main>")[0]


def summary_of(page: str) -> str:
    """The list of errors above a form."""
    return page.partition('class="alert alert-danger')[2].partition("</ul>")[0]


def values_of(page: str) -> list[str]:
    """The names and values of the fields of a page, but for the token."""
    tags = re.findall("<(?:input|option|button|select)[^>]*>", page)
    found = [re.findall(r'(?:name|value)="([^"]*)"', tag) for tag in tags if "csrf_token" not in tag]
    return [value for values in found for value in values]
