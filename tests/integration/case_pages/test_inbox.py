"""The inbox page: whose tasks, how many, at what cost; and the file of the same list."""

from io import BytesIO
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from webapp.inbox.rules import ListState

REVIEWER, COLLEAGUE, ELSEWHERE = "yunxi.reviewer1", "yunxi.reviewer2", "pingjiang.reviewer1"


def task_of(case, element="review_county"):
    return case.who(element)[1]["id"]


def test_the_page_costs_the_same_for_one_task_and_for_many(declare, browse, counted):
    declare("county").submitted()
    reviewer = browse(REVIEWER)
    reviewer.read("/tasks")
    with counted() as few:
        reviewer.read("/tasks")
    for honour in ("city", "provincial"):
        declare(honour).submitted()
    with counted() as many:
        page = reviewer.read("/tasks")
    assert page.count("SB20") == 3
    assert len(many) == len(few) <= 8


def test_counts_stand_on_every_tab(declare, browse):
    first, second = declare("county").submitted(), declare("city").submitted()
    reviewer = browse(REVIEWER)
    assert reviewer.post(f"/tasks/{task_of(first)}/claim").status_code == 302
    page = " ".join(reviewer.read("/tasks").split())
    for tab, count in (("待办", 2), ("我已领取", 1), ("可认领", 1), ("已办", 0)):
        assert f'{tab} <span class="count">{count}</span>' in page
    assert '待办 <span class="count">1</span>' in " ".join(browse(COLLEAGUE).read("/tasks").split())
    assert second.open_steps() == ["review_county"]


def test_a_claimed_task_can_be_put_back(declare, browse):
    case = declare("county").submitted()
    reviewer = browse(REVIEWER)
    task = task_of(case)
    reviewer.post(f"/tasks/{task}/claim")
    assert browse(COLLEAGUE).post(f"/tasks/{task}/claim").status_code == 409
    assert reviewer.post(f"/tasks/{task}/release").status_code == 302
    assert browse(COLLEAGUE).post(f"/tasks/{task}/claim").status_code == 302


def test_filters_narrow_list_and_file_alike(declare, browse):
    declare("county").submitted()
    declare("city").submitted()
    reviewer = browse(REVIEWER)
    for query, found in {"": 2, "q=县级": 1, "q=%25": 0, "element=assess_county": 0, "severity=normal": 2}.items():
        book = load_workbook(BytesIO(reviewer.get(f"/tasks/export?view=inbox&{query}").data))
        assert len(list(book.worksheets[0].iter_rows())) == found + 1, query
        assert reviewer.read(f"/tasks?view=inbox&{query}").count("SB20") == found, query


@pytest.mark.parametrize("query", ["view=nothing", "page=x", "page=0", "view=done", "view=started", "q=%00", "q=\\"])
def test_an_address_that_somebody_typed_opens_a_list(browse, query):
    assert browse(REVIEWER).get(f"/tasks?{query}").status_code in {200, 422}


def test_a_list_is_the_same_after_it_has_travelled(browse):
    state = ListState("available", {"q": "平江 & 云溪", "severity": "soon"}, ("-honour", "due"), ("due",), 3, 100)
    assert ListState.parse(state.text) == state
    assert ListState.parse("%%%&view=&page=-1") == ListState()


def test_next_of_an_empty_or_unknown_list_leads_back_to_it(browse):
    reviewer = browse(REVIEWER)
    for query in ("", f"done={uuid4()}", "done=nonsense&list=%25", "list=view%3Ddone"):
        assert reviewer.get(f"/tasks/next?{query}").status_code == 302


def test_people_elsewhere_neither_see_nor_open_a_task(declare, browse):
    case = declare("county").submitted()
    stranger = browse(ELSEWHERE)
    assert "SB20" not in stranger.read("/tasks")
    task = task_of(case)
    assert stranger.get(f"/tasks/{task}").status_code == 404
    for verb in ("complete", "draft", "claim"):
        assert stranger.post(f"/tasks/{task}/{verb}").status_code == 404, verb
    for path in ("", "/print"):
        assert stranger.get(f"/instances/{case.id}{path}").status_code == 404
    assert "SB20" not in stranger.read("/instances")


def test_a_unit_starts_with_what_is_asked_of_it(declare, browse):
    declare("county")
    page = browse("yunxi.unit1.clerk").read("/tasks")
    assert "现在需要您办理" in page
    assert "填写申报材料" in page
    assert "发起申报" in page
