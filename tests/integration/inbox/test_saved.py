"""Lists under a name: private or shared, counted, one of them first; and what others put into one's lists."""

from datetime import timedelta

import pytest

from tests.factories.api_client import Office
from webapp import clock
from webapp.accounts.models import User
from webapp.acts.models import CarbonCopy, Snooze
from webapp.database import transaction
from webapp.tasks.models import Task, TaskCandidate

FIRST, COLLEAGUE, ELSEWHERE = "yunxi.reviewer1", "yunxi.reviewer2", "pingjiang.reviewer1"


@pytest.fixture
def people(own_crowd, demo_app):
    crowd, office = own_crowd(5), Office(demo_app)
    return crowd, office


def test_a_shared_filter_is_for_the_office_and_counts_for_each(people):
    crowd, office = people
    owner, colleague, stranger = map(office.person, (FIRST, COLLEAGUE, ELSEWHERE))
    state = {"view": "available", "severity": "serious"}
    made = owner.post("/filters", {"name": "严重逾期的", "state": state, "shared": True}, 201)
    owner.post("/filters", {"name": "只给自己", "state": {"q": "岳阳"}, "start": True}, 201)
    assert [one["name"] for one in owner.get("/filters")["items"]] == ["严重逾期的", "只给自己"]
    (seen,) = colleague.get("/filters")["items"]
    assert (seen["state"], seen["count"], seen["own"]) == (state, 1, False)
    assert stranger.get("/filters")["items"] == []
    refused = colleague.http.delete(f"/api/v1/filters/{made['id']}", headers=colleague.headers)
    assert refused.status_code == 403
    hidden = stranger.http.delete(f"/api/v1/filters/{made['id']}", headers=stranger.headers)
    assert hidden.status_code == 404
    assert owner.http.delete(f"/api/v1/filters/{made['id']}", headers=owner.headers).status_code == 204
    assert colleague.get("/filters")["items"] == []
    assert len(crowd.tasks) == 5


def test_a_filter_opens_first_and_is_on_the_page(people, browse):
    _crowd, _office = people
    reviewer = browse(FIRST)
    kept = {"name": "岳阳的", "list": "view=inbox&q=岳阳&sort=-unit", "start": "1"}
    assert reviewer.post("/tasks/filters", kept).status_code == 302
    assert "sort=-unit" in reviewer.get("/").location
    assert "岳阳的" in reviewer.read("/tasks")
    assert reviewer.post("/tasks/filters", {"name": " ", "list": "view=inbox"}).status_code == 422
    assert browse(COLLEAGUE).get("/").location == "/tasks"


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"name": ""},
        {"name": "长" * 31, "state": {}},
        {"name": "x", "state": {"severity": "awful"}},
        {"name": "x", "state": {"unknown": "1"}},
        {"name": "x", "state": [], "shared": "yes"},
    ],
)
def test_a_wrong_filter_is_refused_with_its_place(people, wrong):
    _crowd, office = people
    answer = office.person(FIRST).post("/filters", wrong, 422)
    assert answer["errors"]


def test_tasks_that_are_put_off_leave_other_lists_until_their_day(people, demo_app):
    crowd, office = people
    person = office.person(FIRST)
    _add(
        demo_app, lambda user, now: Snooze(task_id=crowd.tasks[0], user_id=user, until=now + timedelta(days=3), at=now)
    )
    assert [item["id"] for item in person.get("/tasks?view=snoozed")["items"]] == [str(crowd.tasks[0])]
    assert person.get("/tasks?view=available")["total"] == 4
    assert office.person(COLLEAGUE).get("/tasks?view=available")["total"] == 5
    office.pass_time(days=4)
    assert person.get("/tasks?view=snoozed")["total"] == 0
    assert person.get("/tasks?view=available")["total"] == 5


def test_copies_and_what_others_entrusted_have_lists_of_their_own(people, demo_app, browse):
    crowd, office = people
    person, task = office.person(FIRST), crowd.tasks[2]
    for words in ("请知悉", "再看一次"):
        _add(demo_app, _copy(demo_app, task, words))
    with demo_app.app_context(), transaction() as session:
        user, absent = _id(session, FIRST), _id(session, COLLEAGUE)
        row = session.get_one(TaskCandidate, (crowd.tasks[1], user))
        row.reason, row.on_behalf_of = "deputy", absent
    assert [item["id"] for item in person.get("/tasks?view=cc")["items"]] == [str(task)]
    assert [item["id"] for item in person.get("/tasks?view=delegated")["items"]] == [str(crowd.tasks[1])]
    page = browse(FIRST).read("/tasks?view=delegated")
    assert "代 县级审核员乙" in page
    assert "再看一次" in browse(FIRST).read("/tasks?view=cc")
    assert browse(FIRST).get("/tasks/export?view=cc").status_code == 200


def _copy(app, task, words):
    with app.app_context(), transaction() as session:
        instance = session.get_one(Task, task).instance_id
    return lambda user, now: CarbonCopy(
        instance_id=instance, task_id=task, user_id=user, sent_by=user, sent_at=now, words=words
    )


def _add(app, make):
    with app.app_context(), transaction() as session:
        session.add(make(_id(session, FIRST), clock.now()))


def _id(session, username):
    return session.query(User).filter(User.username == username).one().id
