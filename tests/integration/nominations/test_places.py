"""Nominees and places: the last one of a cap goes to one of sixteen, a target is exceeded with a flag."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories.insiders import Insiders
from tests.factories.nominations import YUNXI, Call, nominee, three
from webapp.database import transaction
from webapp.imports.operations import Upload, import_file
from webapp.quotas.models import Quota


@pytest.fixture
def allot(demo_app: Flask) -> Callable[..., int]:
    """Imports a table of the province for the city of the demonstration; returns the plan."""

    def make(kind: str, places: int) -> int:
        table = f"地区,市级文明单位\n长沙市,90\n岳阳市,{places}\n合计,{places + 90}\n".encode()
        with demo_app.app_context(), transaction() as session:
            report = import_file(session, None, Upload("quotas", f"{kind}.csv", table, quota_kind=kind))
            return int(report.as_json()["plan"]["id"])

    return make


def test_of_sixteen_lists_one_gets_the_last_place(demo_app: Flask, allot: Callable[..., int]) -> None:
    office, plan = Insiders(demo_app), allot("cap", 1)
    counties = [c["value"] for c in counties_of(office)][:8]
    wanted = {"plan": str(plan), "counties": counties, "minimum": 1}
    calls = [Call(office, title=f"征集 {number}", **wanted) for number in (1, 2)]
    lists = [(call, county) for call in calls for county in counties]
    line = threading.Barrier(16)

    def prepared(place: int, call: Call, county: str) -> Callable[[], tuple[int, Any]]:
        person = next(p for p in office.with_role("county_reviewer") if p.get("/me")["region"]["code"] == county)
        task = person.find_task(call.instance)
        assert task is not None
        data = {"outcome": "submit", "nominees": [nominee(f"第{place}号精密制造有限公司")]}

        def send() -> tuple[int, Any]:
            line.wait()
            body = {"data": data, "version": task["version"]}
            path = f"/api/v1/tasks/{task['id']}/complete"
            answer = demo_app.test_client().post(path, json=body, headers=person.headers)
            return answer.status_code, answer.get_json()

        return send

    sends = [prepared(place, *one) for place, one in enumerate(lists)]
    with ThreadPoolExecutor(16) as pool:
        results = [one.result() for one in [pool.submit(send) for send in sends]]
    assert sorted(status for status, _answer in results) == [200] + [422] * 15
    refusals = [answer["errors"][0] for status, answer in results if status == 422]
    assert {(error["path"], error["code"]) for error in refusals} == {("nominees.0.honour", "quota_full")}
    assert all("名额 1 个已占满" in error["message"] for error in refusals)
    assert sum(len(call.read()["nominees"]) for call in calls) == 1
    with demo_app.app_context(), transaction() as session:
        row = session.scalars(select(Quota).where(Quota.plan_id == plan, Quota.region_code == "430600")).one()
        assert (row.reserved, row.used) == (1, 0)


def counties_of(office: Insiders) -> list[dict[str, str]]:
    definitions = office.person("city.reviewer1").get("/definitions")["items"]
    form = next(d for d in definitions if d["process"] == "nomination")["start_form"]
    return choices(form, "counties")


def choices(form: Any, key: str) -> list[dict[str, str]]:
    for component in form["components"]:
        if component.get("key") == key:
            return list(component["values"])
        if component.get("components") and (found := choices(component, key)):
            return found
    return []


def test_what_exceeds_a_target_is_taken_flagged_and_shown(demo_app: Flask, allot: Callable[..., int]) -> None:
    office, plan = Insiders(demo_app), allot("target", 2)
    call = Call(office, plan=str(plan))
    call.submit(YUNXI, three("云溪"))
    flags = [[flag["code"] for flag in n["flags"]] for n in call.read()["nominees"]]
    assert flags == [[], [], ["over_target"]]
    assert "岳阳市“市级文明单位”指标 2 个已报满" in call.read()["nominees"][2]["flags"][0]["message"]
    (row,) = office.person("city.reviewer1").get(f"/quotas/{plan}/board")["items"]
    assert (row["planned"], row["reserved"], row["used"], row["free"], row["excess"]) == (2, 3, 0, 2, 1)
    call.do("review_nominations", outcome="return", reason="请补充理由。")
    call.submit(YUNXI, three("云溪"))
    assert [len(n["flags"]) for n in call.read()["nominees"]] == [0, 0, 1]
