"""A service of the declaration fails: the person's decision stands, the administrator mends it, the case goes on."""

from flask import Flask

from tests.factories.api_client import Case
from tests.factories.broken_service import broken
from tests.factories.insiders import Insiders
from tests.factories.page_client import PageClient
from webapp import clock
from webapp.database import transaction
from webapp.instances.incidents import BACK_OFF
from webapp.instances.jobs import retry_incidents


def reviewed(app: Flask) -> Case:
    """A declaration whose assessment was passed while no place could be reserved."""
    office = Insiders(app)
    batch = office.person("city.reviewer1").get("/batches")["items"][0]["id"]
    case = Case(office, office.person("yunxi.unit1.clerk"), batch=str(batch), honour="city").submitted()
    case.do("review_county", outcome="pass").consulted()
    with broken("reserve_quota"):
        case.assessed()
    return case


def test_the_decision_stands_and_a_retry_goes_on(demo_app: Flask) -> None:
    case = reviewed(demo_app)
    clerk, admin = case.clerk, case.office.person("admin")

    seen = clerk.get(f"/instances/{case.id}")
    assert (seen["status"], seen["incidents"], seen["tasks"]) == ("running", [], [])
    acts = [line["act"] for line in clerk.get(f"/instances/{case.id}/history")["items"]]
    assert acts[-2:] == ["pass", "incident"]
    (incident,) = admin.get(f"/instances/{case.id}")["incidents"]
    assert (incident["element"], incident["kind"]) == ("reserve_quota", "engine")
    assert "名额台账无法读取" in incident["message"]

    clerk.post(f"/instances/{case.id}/retry", expect=403)
    with broken("reserve_quota"):
        assert admin.post(f"/instances/{case.id}/retry")["incidents"][0]["retries"] == 1
    admin.post(f"/instances/{case.id}/retry", {"data": {"nonsense": 1}}, 422)

    mended = admin.post(f"/instances/{case.id}/retry")
    assert mended["incidents"] == []
    assert mended["tasks"] != []
    admin.post(f"/instances/{case.id}/retry", expect=409)


def test_the_machine_goes_on_by_itself(demo_app: Flask) -> None:
    case = reviewed(demo_app)
    with demo_app.app_context():
        with transaction() as session:
            clock.advance(session, BACK_OFF[0])
        retry_incidents()

    assert case.read()["tasks"] != []


def test_the_administrator_sees_the_cause_and_the_unit_sees_nothing_of_it(demo_app: Flask) -> None:
    case = reviewed(demo_app)
    admin, clerk = PageClient(demo_app, "admin"), PageClient(demo_app, "yunxi.unit1.clerk")

    listed = admin.read("/administration/incidents")
    assert "名额台账无法读取" in listed
    shown = admin.read(f"/instances/{case.id}")
    assert "故障" in shown
    assert "名额台账无法读取" not in clerk.read(f"/instances/{case.id}")
