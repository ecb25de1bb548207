"""The page of one task: what it takes, what it keeps, and that nothing a browser sends breaks it."""

from io import BytesIO

import pytest
from werkzeug.datastructures import FileStorage

from tests.factories.api_client import PDF

REVIEWER = "yunxi.reviewer1"


def upload(name="材料.pdf", content=PDF):
    return (BytesIO(content), name)


@pytest.fixture
def filling(declare):
    case = declare("county")
    return case, case.who("fill_declaration")[1]


def test_a_form_starts_with_what_the_registry_knows(filling, browse):
    _case, task = filling
    assert 'value="云溪区水利局"' in browse("yunxi.unit1.clerk").read(f"/tasks/{task['id']}")


def test_a_form_is_posted_in_parts_only_where_it_takes_files(filling, declare, browse):
    _case, task = filling
    assert "multipart/form-data" in browse("yunxi.unit1.clerk").read(f"/tasks/{task['id']}")
    reviewer, task = declare("city").submitted().who("review_county")
    assert "multipart/form-data" not in browse(reviewer.username).read(f"/tasks/{task['id']}")


def test_files_are_kept_while_answers_are_corrected(filling, browse):
    case, task = filling
    clerk = browse("yunxi.unit1.clerk")
    data = {"version": "0", "leader": "欧阳建国", "materials": upload(), "photos": upload("照片.jpg", b"no picture")}
    answer = clerk.post(f"/tasks/{task['id']}/complete", data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "欧阳建国" in answer.text
    assert "材料.pdf" in answer.text
    assert "与扩展名" in answer.text
    assert case.open_steps() == ["fill_declaration"]


def test_ids_of_foreign_files_are_neither_named_nor_taken(filling, office, browse):
    _case, task = filling
    foreign = office.person("pingjiang.unit1.clerk").upload("别人的材料.pdf")
    data = {"version": "0", "materials": [str(foreign), "99999999999999999999", "-1", "x"]}
    answer = browse("yunxi.unit1.clerk").post(f"/tasks/{task['id']}/complete", data)
    assert answer.status_code == 422
    assert "别人的材料" not in answer.text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"version": "x"},
        {"version": "-1", "outcome": ["submit", "edit"]},
        {"version": "0", "staff_count": "9" * 5000, "honours_held.0.year": "\x00", "honours_held.9999.name": "x"},
        {"version": "0", "row-remove": "honours_held.0", "row-add": "nothing"},
        {"version": "0", "unknown": "x"},
    ],
)
def test_nothing_that_is_posted_breaks_the_page(filling, browse, data):
    case, task = filling
    answer = browse("yunxi.unit1.clerk").post(f"/tasks/{task['id']}/complete", data)
    assert answer.status_code in {200, 409, 422}
    assert case.open_steps() == ["fill_declaration"]


def test_a_page_saves_its_draft_by_itself(filling, browse):
    _case, task = filling
    clerk, leader = browse("yunxi.unit1.clerk"), browse("yunxi.unit1.leader")
    address = f"/tasks/{task['id']}/draft"
    saved = clerk.post(address, {"leader": "欧阳建国", "list": "view=inbox"}, headers={"Accept": "application/json"})
    assert set(saved.get_json()) == {"saved_at"}
    assert "欧阳建国" in clerk.read(f"/tasks/{task['id']}")
    assert "欧阳建国" not in leader.read(f"/tasks/{task['id']}")
    late = browse(REVIEWER).post(address, {"leader": "x"}, headers={"Accept": "application/json"})
    assert late.status_code in {403, 404}
    assert late.is_json


def test_reloading_the_address_of_a_form_opens_the_task(filling, browse):
    _case, task = filling
    for verb in ("complete", "draft"):
        assert (
            browse("yunxi.unit1.clerk").get(f"/tasks/{task['id']}/{verb}").location.startswith(f"/tasks/{task['id']}")
        )


def test_what_was_answered_before_is_proposed_to_the_unit_alone(declare, browse):
    case = declare("county").submitted().do("review_county", outcome="return")
    clerk, task = case.who("correct_declaration")
    assert "清源县人民路 12 号" in browse("yunxi.unit1.clerk").read(f"/tasks/{task['id']}")
    assert task["id"] in [item["id"] for item in clerk.get("/tasks?view=available&returned=1&per_page=100")["items"]]
    case.do("correct_declaration").do("attach_sealed_form", outcome="submit")
    person, task = case.who("review_county")
    assert task["data"] == {}
    page = browse(person.username).read(f"/tasks/{task['id']}")
    assert "县级初审（第 2 次）" in page


def test_a_page_costs_no_more_after_many_rounds(declare, browse, counted):
    case = declare("county").submitted()
    costs = []
    for _round in range(3):
        person, task = case.who("review_county")
        reviewer = browse(person.username)
        reviewer.read(f"/tasks/{task['id']}")
        with counted() as statements:
            reviewer.read(f"/tasks/{task['id']}")
        costs.append(len(statements))
        case.do("review_county", outcome="return").do("correct_declaration")
        case.do("attach_sealed_form", outcome="submit")
    assert costs[0] == costs[1] == costs[2] <= 12


def test_deciding_costs_one_statement_more_than_through_the_api(declare, browse, counted):
    costs = {}
    for honour, way in (("county", "api"), ("city", "page")):
        case = declare(honour).submitted()
        person, task = case.who("review_county")
        reviewer = browse(person.username)
        with counted() as statements:
            if way == "api":
                answers = {"data": {"outcome": "pass", "opinion": "同意"}, "version": task["version"]}
                person.post(f"/tasks/{task['id']}/complete", answers)
            else:
                posted = {"version": str(task["version"]), "outcome": "pass", "opinion": "同意"}
                assert reviewer.post(f"/tasks/{task['id']}/complete", posted).status_code == 302
        costs[way] = len(statements)
    assert costs["page"] <= costs["api"] + 1


def test_fifty_megabytes_are_refused_at_their_field(filling, browse):
    _case, task = filling
    large = FileStorage(BytesIO(PDF + bytes(50 * 1024 * 1024)), "全部材料.pdf")
    answer = browse("yunxi.unit1.clerk").post_in_memory(
        f"/tasks/{task['id']}/complete", {"version": "0", "leader": "欧阳建国", "materials": large}
    )
    assert answer.status_code == 422
    assert "超过 20 MB 的上限" in answer.text
    assert "欧阳建国" in answer.text
