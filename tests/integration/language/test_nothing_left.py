"""Every page that a person comes to in English: what is still Chinese on it is no text of the program.

Names, what people wrote, the words of processes and forms, and what files and documents are called by stay Chinese.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po
from flask import Flask
from sqlalchemy import text

from tests.factories.api_client import Case, Office
from tests.factories.page_client import PageClient
from tests.integration.language.conftest import Reader
from webapp.config import ROOT
from webapp.database import transaction
from webapp.language.extracting import DATA
from webapp.language.speaking import CATALOGUE

RUN = re.compile("[\u4e00-\u9fff]+")
NUMBERS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+")
NO_PAGES = re.compile(
    r"/logout|/mail/templates/|export|\.zip|\.xlsx|/static|/print|document|paper|\.ics|/attachments|\.docx|\.pdf"
)
READ_ALOUD = {"title", "aria-label", "placeholder", "alt", "data-label", "data-confirm"}
AS_TYPED = {"code", "pre", "kbd", "samp", "text"}  # the last is what a picture has in it, drawn to fit
MOST_PAGES, EACH = 220, 2


class Words(HTMLParser):
    """What people read on a page, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"} | AS_TYPED
        self.words += [value for name, value in attrs if name in READ_ALOUD and value]
        self.links += [value for name, value in attrs if tag == "a" and name == "href" and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"} | AS_TYPED

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def pages(browser: PageClient) -> Iterator[tuple[str, Words]]:
    """The pages that links lead to, a few of each kind."""
    waiting, met, kinds = ["/", "/tasks", "/public/notices", "/help/", "/public/language"], set(), Counter[str]()
    while waiting and sum(kinds.values()) < MOST_PAGES:
        address = waiting.pop(0)
        parts = urlsplit(address)
        kind = f"{NUMBERS.sub('#', parts.path)}?{sorted(name for name, _ in parse_qsl(parts.query))}"
        if address in met or kinds[kind] >= EACH or NO_PAGES.search(parts.path):
            continue
        met.add(address)
        answer = browser.get(address)
        if answer.status_code in {301, 302}:
            waiting.append(answer.location)
        elif answer.mimetype == "text/html" and answer.status_code == 200:
            kinds[kind] += 1
            words = Words()
            words.feed(answer.text)
            yield address, words
            found = (urlsplit(urljoin(address, link)) for link in words.links)
            waiting += [one._replace(fragment="").geturl() for one in found if not one.netloc]


def read_messages() -> list[Message]:
    with CATALOGUE.open("rb") as file:
        return list(read_po(file))


@pytest.fixture
def stays_chinese(demo_app: Flask) -> str:
    """All that no page translates: the database, shipped processes, files and documents, examples of what to type."""
    query = """SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'
        AND table_name NOT IN ('audit_entries', 'mail_messages', 'incidents')
        AND data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')"""
    shipped = [path for kind in ("bpmn", "dmn", "json") for path in (ROOT / "workflows").rglob(f"*.{kind}")]
    shipped += [path for path in (ROOT / "forms").rglob("*.json")]
    shipped += [path for pattern in DATA for path in ROOT.glob(pattern) if path.is_file()]
    with demo_app.app_context(), transaction() as session:
        columns = session.execute(text(query)).all()
        held = [
            value
            for table, column in columns
            for value in session.scalars(text(f'SELECT DISTINCT "{column}"::text FROM "{table}"'))
            if value and RUN.search(value)
        ]
    examples = [str(message.string) for message in read_messages()]
    return "\n".join([*held, *examples, *(path.read_text(encoding="utf-8") for path in shipped)])


@pytest.mark.parametrize(
    "username", ["admin", "city.reviewer1", "city.leader", "yunxi.reviewer1", "yunxi.unit1.clerk", "designer"]
)
def test_what_is_chinese_on_an_english_page_is_data(
    demo_app: Flask, read_in_english: Reader, stays_chinese: str, username: str
) -> None:
    office = Office(demo_app)
    Case(office, office.person("yunxi.unit1.clerk"), batch="1", honour="city").submitted()
    left: dict[str, set[str]] = {}
    seen = 0
    for address, words in pages(read_in_english(username)):
        seen += 1
        for said in words.words:
            if any(run not in stays_chinese for run in RUN.findall(said)):
                left.setdefault(said.strip(), set()).add(address)
    assert seen > 25
    assert {said: sorted(addresses)[:2] for said, addresses in left.items()} == {}
