"""Places at scale: sixteen who submit at once for the last one, and the boards of a plan and of a call."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import text

from tests.benchmarks.laboratory import Laboratory
from tests.conftest import close
from tests.factories.api_client import Case, Office
from tests.factories.insiders import Insiders
from webapp import create_app
from webapp.database import transaction

SUBMITTERS, ROUNDS = 16, 3
CALLS, NOMINEES = 400, 20_000
_REPEATS = 40
_PLAN = """
    WITH plan AS (
        INSERT INTO quota_plans (kind, title, period, region_code, over_cap, printed, differs, created_at)
        VALUES ('cap', 'bench', '2026', '430000', 'block', '{}', false, now()) RETURNING id
    ), rows AS (
        INSERT INTO quotas (plan_id, honour_code, region_code, line, is_cap, planned, reserved, used, position)
        SELECT plan.id, h.code, r.code, '', true, 1000000, 0, 0, 0 FROM plan, honours h, regions r
        WHERE r.path LIKE '430000/%' RETURNING id
    ) SELECT min(plan.id), count(rows.id) FROM plan, rows
"""
_CALLS = """
    INSERT INTO nomination_calls (title, document_number, paragraph, region_code, minimum, maximum, kinds, honour_codes,
        due_on, plan_id, status, created_by, created_at)
    SELECT 'bench ' || n, 'n', 'p', '430600', 3, 5, '{private}', '{city}', current_date, :plan, 'open', u.id, now()
    FROM generate_series(1, :calls) n, (SELECT min(id) AS id FROM users) u
"""
_LISTS = """
    INSERT INTO nomination_lists (call_id, county_code, status, submitted_at, late_days)
    SELECT c.id, r.code, 'submitted', now(), 0 FROM nomination_calls c, regions r
    WHERE r.parent_code = '430600' AND r.kind <> 'line'
"""
_NOMINEES = """
    INSERT INTO nominees (call_id, county_code, organisation_id, honour_code, kind, position, status, flags, facts,
        submitted_at)
    SELECT c.id, l.county_code, o.id, 'city', 'private', 1, 'submitted', '[]', '{}', now()
    FROM nomination_calls c JOIN nomination_lists l ON l.call_id = c.id
    JOIN LATERAL (SELECT id FROM organisations WHERE kind = 'unit'
        AND id % 12 = (SELECT count(*) FROM nomination_lists x WHERE x.call_id = c.id AND x.county_code < l.county_code)
        ORDER BY id LIMIT 5) o ON true
    LIMIT :nominees
"""


@dataclass
class QuotaFigures:
    """Winners and clear refusals by round, and seconds."""

    winners: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    rows: int = 0
    nominees: int = 0
    places: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)


def measure_quotas(laboratory: Laboratory) -> QuotaFigures:
    """Ask a warm application, as its people do."""
    found = QuotaFigures()
    app = create_app(laboratory.settings, laboratory.demonstration())
    try:
        office = Insiders(app)
        for number in range(ROUNDS):
            _compete(app, office, number, found)
        plan, call = _fill(app, found)
        for path, username, took in (
            (f"/quotas/{plan}/board", "province.officer1", found.places),
            (f"/nominations/{call}/board", "city.reviewer1", found.calls),
            (f"/nominations/{call}", "city.reviewer1", found.calls),
            ("/nominations", "city.reviewer1", found.calls),
        ):
            person = office.person(username)
            person.get(path)
            for _ in range(_REPEATS):
                began = time.perf_counter()
                person.get(path)
                took.append(time.perf_counter() - began)
    finally:
        close(app)
    return found


def _compete(app: Flask, office: Office, number: int, found: QuotaFigures) -> None:
    """Sixteen threads submit at once for one place of a plan that blocks."""
    city, clerks = (
        office.person("city.reviewer1"),
        [a["username"] for a in office.accounts if "unit_clerk" in a["role"]],
    )
    data = {
        "title": f"bench {number}",
        "document_number": f"岳市文明委〔2026〕{number + 1}号",
        "term": f"bench {number}",
        "opens_on": "2020-01-01",
        "closes_on": "2040-12-31",
        "honours": ["city"],
        "pass_mark": 60,
        "sampling_percent": 0,
        "notice_days": 5,
        "consultation_days": 10,
        "departments": [],
        "indicators": [{"label": "n", "max_score": 100}],
        "quotas": [{"honour": "city", "region": None, "cap": 1}],
        "over_cap": "block",
    }
    batch = city.post("/batches", {"data": data}, 201)["id"]
    cases = [
        Case(office, office.person(clerk), batch=str(batch), honour="city").do("fill_declaration")
        for clerk in clerks[:SUBMITTERS]
    ]
    line = threading.Barrier(SUBMITTERS)
    sends = [_sending(app, case, line) for case in cases]
    began = time.perf_counter()
    with ThreadPoolExecutor(SUBMITTERS) as pool:
        answers = [one.result() for one in [pool.submit(send) for send in sends]]
    found.answered.append(time.perf_counter() - began)
    found.winners.append(sum(status == 200 for status, _answer in answers))
    codes = [answer["errors"][0]["code"] for status, answer in answers if status == 422]
    found.refused.append(codes.count("quota_full"))


def _sending(app: Flask, case: Case, line: threading.Barrier) -> Callable[[], tuple[int, Any]]:
    person, task = case.who("attach_sealed_form")
    body = {"data": person.answers(task["form"], outcome="submit"), "version": task["version"]}

    def send() -> tuple[int, Any]:
        line.wait()
        path = f"/api/v1/tasks/{task['id']}/complete"
        answer = app.test_client().post(path, json=body, headers=person.headers)
        return answer.status_code, answer.get_json()

    return send


def _fill(app: Flask, found: QuotaFigures) -> tuple[int, int]:
    """A plan with a row for every honour in every region of the province, and many calls of one city."""
    with app.app_context(), transaction() as session:
        plan, found.rows = session.execute(text(_PLAN)).one()
        session.execute(text(_CALLS), {"plan": plan, "calls": CALLS})
        session.execute(text(_LISTS))
        made = session.execute(text(_NOMINEES), {"nominees": NOMINEES})
        found.nominees = made.rowcount  # type: ignore[attr-defined]
        call = session.execute(text("SELECT max(id) FROM nomination_calls")).scalar_one()
    with app.app_context(), transaction() as session:
        session.execute(text("ANALYZE"))
    return plan, call
