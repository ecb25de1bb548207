"""A place under a cap: taken on submission, used on approval, given back else; lines and shares of a plan."""

from collections.abc import Callable

import pytest

from tests.factories.api_client import Case, Office
from tests.integration.quotas.conftest import YUNXI, PlacedBatch
from webapp.quotas.rules import is_agency

PlaceBatch = Callable[..., PlacedBatch]
ONE = [{"honour": "city", "region": None, "cap": 1}]
SUBMIT = {"outcome": "submit"}


def refused(case: Case) -> str:
    """Why a submission is not taken."""
    person, task = case.who("attach_sealed_form")
    (error,) = person.complete(task, 422, **SUBMIT)["errors"]
    assert (error["path"], error["code"]) == ("outcome", "quota_full")
    return str(error["message"])


def test_a_place_is_held_from_the_submission_to_the_end(place_batch: PlaceBatch, office: Office) -> None:
    batch = place_batch(quotas=ONE)
    case = batch.declare()
    assert batch.board() == {(None, ""): (1, 0, 0, 1)}
    case.do("attach_sealed_form", outcome="submit")
    assert batch.board() == {(None, ""): (1, 1, 0, 0)}
    case.do("review_county", outcome="return")
    assert batch.board() == {(None, ""): (1, 1, 0, 0)}
    case.do("correct_declaration").do("attach_sealed_form", outcome="submit").do("review_county", outcome="pass")
    case.assessed()
    assert batch.board() == {(None, ""): (1, 1, 0, 0)}
    case.do("publish_notice")
    office.pass_time(days=30)
    case.do("decide_award", outcome="approve")
    assert batch.board() == {(None, ""): (1, 0, 1, 0)}


def test_taking_a_submission_back_frees_its_place_and_no_other(place_batch: PlaceBatch) -> None:
    batch = place_batch(quotas=ONE)
    case = batch.declare().do("attach_sealed_form", outcome="submit")
    case.clerk.post(f"/instances/{case.id}/recall", {"reason": "漏附一页"})
    assert case.open_steps() == ["attach_sealed_form"]
    assert batch.board() == {(None, ""): (1, 0, 0, 1)}
    case.do("attach_sealed_form", outcome="submit").do("review_county", outcome="return")
    case.do("correct_declaration").do("attach_sealed_form", outcome="submit")
    case.clerk.post(f"/instances/{case.id}/recall", {"reason": "再改一处"})
    assert batch.board() == {(None, ""): (1, 1, 0, 0)}, "held since the first submission"


@pytest.mark.parametrize("end", ["withdraw", "reject"])
def test_a_place_is_given_back_and_somebody_else_gets_it(place_batch: PlaceBatch, end: str) -> None:
    batch = place_batch(quotas=ONE, over_cap="block")
    case = batch.declare().do("attach_sealed_form", outcome="submit")
    other = batch.declare("junshan.unit1.clerk")
    assert refused(other).endswith("名额 1 个已占满。")
    if end == "withdraw":
        case.clerk.post(f"/instances/{case.id}/withdraw", {"reason": "改报下一批"})
    else:
        case.do("review_county", outcome="reject")
    assert batch.board() == {(None, ""): (1, 0, 0, 1)}
    other.do("attach_sealed_form", outcome="submit")
    assert batch.board() == {(None, ""): (1, 1, 0, 0)}


def test_the_fullest_row_decides_and_is_named(place_batch: PlaceBatch) -> None:
    quotas = [{"honour": "city", "region": None, "cap": 5}, {"honour": "city", "region": YUNXI, "cap": 1}]
    batch = place_batch(quotas=quotas, over_cap="block")
    batch.declare().do("attach_sealed_form", outcome="submit")
    assert "云溪区“市级文明单位”名额 1 个已占满" in refused(batch.declare("yunxi.unit2.clerk"))
    batch.declare("junshan.unit1.clerk").do("attach_sealed_form", outcome="submit")
    assert batch.board() == {(None, ""): (5, 2, 0, 3), (YUNXI, ""): (1, 1, 0, 0)}


def admitted(batch: PlacedBatch, clerk: str, honour: str = "city") -> bool:
    """Whether a submission finds a place."""
    case = batch.declare(clerk, honour)
    person, task = case.who("attach_sealed_form")
    answers = person.answers(task["form"], **SUBMIT)
    path = f"/api/v1/tasks/{task['id']}/complete"
    answer = person.http.post(path, json={"data": answers, "version": task["version"]}, headers=person.headers)
    assert answer.status_code in {200, 422}, answer.get_json()
    return bool(answer.status_code == 200)


def test_a_line_that_is_listed_apart_has_places_of_its_own(place_batch: PlaceBatch) -> None:
    quotas = [
        {"honour": "city", "region": None, "cap": 1},
        {"honour": "city", "region": None, "line": "non_public", "cap": 1},
    ]
    batch = place_batch(quotas=quotas, over_cap="block")
    assert admitted(batch, "private.clerk"), "takes the place of non-public units"
    assert admitted(batch, "yunxi.unit1.clerk"), "the general place is still free"
    assert not admitted(batch, "private2.clerk")
    assert not admitted(batch, "junshan.unit1.clerk")
    assert batch.board() == {(None, ""): (1, 1, 0, 0), (None, "non_public"): (1, 1, 0, 0)}


def test_shares_of_a_plan_are_ceilings_beside_its_places(place_batch: PlaceBatch, office: Office) -> None:
    """S4 二（五）: at most half for administrative bodies, at least a quarter kept for the grassroots."""
    quotas = [{"honour": "city", "region": None, "cap": 5}]
    shares = {"administrative_percent": 50, "grassroots_percent": 25}
    batch = place_batch(quotas=quotas, over_cap="block", **shares)
    assert batch.board() == {
        (None, ""): (5, 0, 0, 5),
        (None, "administrative"): (2, 0, 0, 2),
        (None, "above_grassroots"): (3, 0, 0, 3),
    }
    found = [a for a in office.accounts if "unit_clerk" in a["role"] and is_agency(a["organisation"], None)]
    first, second, third = (account["username"] for account in found[:3])
    assert [admitted(batch, clerk) for clerk in (first, second, third)] == [True, True, False]
    assert admitted(batch, "private.clerk"), "non-public units are grassroots and no administrative body"
    assert admitted(batch, "school.clerk")
    assert not admitted(batch, "hospital.clerk"), "a quarter is kept for the grassroots"
    assert batch.board() == {
        (None, ""): (5, 4, 0, 1),
        (None, "administrative"): (2, 2, 0, 0),
        (None, "above_grassroots"): (3, 3, 0, 0),
    }
    settings = office.person("city.reviewer1").get(f"/batches/{batch.id}")["data"] | {"administrative_percent": 20}
    city = office.person("city.reviewer1")
    answer = city.http.put(f"/api/v1/batches/{batch.id}", json={"data": settings}, headers=city.headers)
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "held")
