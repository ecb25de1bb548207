"""A city with a batch of its own settings, and a case in it."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.factories.api_client import Case, Office

COUNTY_CLERK = "yunxi.unit1.clerk"


@pytest.fixture
def office(demo_app: Flask) -> Office:
    return Office(demo_app)


@pytest.fixture
def new_batch(office: Office) -> Callable[..., int]:
    """Opens a batch: nobody drawn, departments asked, no quota, unless told otherwise."""

    def make(**settings: Any) -> int:
        city = office.person("city.reviewer1")
        form = city.get("/batches/form")["form"]
        departments = [c for g in form["components"] for c in g["components"] if c.get("key") == "departments"]
        honours = [c for g in form["components"] for c in g["components"] if c.get("key") == "honours"]
        data = {
            "title": "2026 年度文明单位申报（岳阳市及所辖各县市区、屈原管理区、南湖新区、经济技术开发区）",
            "document_number": "岳市文明委〔2026〕3号",
            "term": "2026年度",
            "opens_on": "2020-01-01",
            "closes_on": "2040-12-31",
            "honours": [choice["value"] for choice in honours[0]["values"]],
            "pass_mark": 80,
            "sampling_percent": 0,
            "notice_days": 5,
            "consultation_days": 10,
            "departments": [choice["value"] for choice in departments[0]["values"]][:3],
            "indicators": [{"label": "组织领导", "max_score": 40}, {"label": "创建成效", "max_score": 60}],
        }
        return int(city.post("/batches", {"data": data | settings}, 201)["id"])

    return make


@pytest.fixture
def declare(office: Office, new_batch: Callable[..., int]) -> Callable[..., Case]:
    """Starts a declaration in a batch of its own."""

    def make(honour: str = "city", clerk: str = COUNTY_CLERK, **settings: Any) -> Case:
        return Case(office, office.person(clerk), batch=str(new_batch(**settings)), honour=honour)

    return make
