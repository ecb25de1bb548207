"""The registry as outside clients read it."""

import pytest
from sqlalchemy import select

from webapp.demo.passwords import DOCUMENTED
from webapp.registry.models import Organisation


@pytest.fixture
def ask(demo_app):
    """Asks the API as a user of the demonstration."""

    def ask_as(username, path):
        client = demo_app.test_client()
        answer = client.post("/api/v1/tokens", json={"username": username, "password": DOCUMENTED})
        return client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {answer.get_json()['token']}"})

    return ask_as


def test_units_are_listed_within_the_subtree(ask):
    found = ask("yunxi.reviewer1", "/units").get_json()
    assert (found["total"], found["page"], len(found["items"])) == (5, 1, 5)
    assert {unit["region"] for unit in found["items"]} == {"430603"}
    found = ask("city.reviewer1", "/units?q=税务局&region=430602&per_page=1").get_json()
    assert (found["total"], len(found["items"])) == (2, 1)
    assert ask("yunxi.reviewer1", "/units?region=430602").get_json()["total"] == 0
    assert ask("gongan.consultee", "/units").get_json()["total"] == 0


def test_a_unit_is_described_to_those_who_may_see_it(ask):
    (unit,) = ask("yunxi.unit1.clerk", "/units").get_json()["items"]
    described = ask("yunxi.reviewer1", f"/units/{unit['id']}").get_json()
    assert described["name"] == unit["name"] == "云溪区水利局"
    assert [(a["honour"], a["term"], a["granted_name"]) for a in described["awards"]] == [
        ("provincial_model", "2018年", "云溪区水利局")
    ]
    assert ask("pingjiang.reviewer1", f"/units/{unit['id']}").status_code == 404
    assert ask("pingjiang.unit1.clerk", f"/units/{unit['id']}").status_code == 404


def test_offices_are_no_units(ask, records):
    office = records.scalars(select(Organisation.id).where(Organisation.kind == "office")).first()
    assert ask("province.officer1", f"/units/{office}").status_code == 404
