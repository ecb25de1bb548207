"""Lists of tasks: narrowed, sorted, searched and counted the same way on the page, in the file and through the API."""

import re
from io import BytesIO

import pytest
from openpyxl import load_workbook

from tests.factories.api_client import Office
from tests.factories.statements import counted

IDS = re.compile(r'id="t-([0-9a-f-]{36})"')


def rows(reviewer, query=""):
    return IDS.findall(reviewer.read(f"/tasks?{query}"))


def test_the_most_urgent_come_first_under_their_severity(reviewer, crowd):
    page = reviewer.read("/tasks")
    assert IDS.findall(page) == [str(task) for task in crowd.tasks]
    body = page[page.index("<tbody>") :]
    places = [body.index(f"</svg>{name}</span>") for name in ("严重逾期", "已逾期", "即将到期", "未到期")]
    assert places == sorted(places)
    assert "逾期 2 个工作日" in page or "逾期 1 个工作日" in page or "逾期 3 个工作日" in page
    assert "首次提交" in page


@pytest.mark.parametrize("length", [2, 3, 5])
def test_any_part_of_a_name_is_found(reviewer, crowd, length):
    for place, name in enumerate(crowd.names):
        part = name[1 : 1 + length]
        expected = {str(task) for task, other in zip(crowd.tasks, crowd.names, strict=True) if part in other}
        assert set(rows(reviewer, f"q={part}")) == expected, (part, place)


@pytest.mark.parametrize(
    "typed", ["yyszjrmfy", "YYSZJ", "zjrmfy", "岳阳市 人民法院", "人民法院 yys", "法院　岳阳", "（中级）人民"]
)
def test_initials_and_several_words_are_found(reviewer, crowd, typed):
    expected = {name for name in crowd.names if "人民法院" in name and "岳阳" in name}
    found = {
        name for name, task in zip(crowd.names, crowd.tasks, strict=True) if str(task) in rows(reviewer, f"q={typed}")
    }
    assert "岳阳市中级人民法院" in found <= expected


def test_numbers_and_people_are_found(reviewer, read_office, crowd):
    case = read_office.person(crowd.reviewer).get(f"/tasks?view=available&q={crowd.names[0]}")["items"][0]
    assert rows(reviewer, f"q={case['number']}") == [str(crowd.tasks[0])]
    clerk = read_office.person("yunxi.unit1.clerk").get("/me")["name"]
    assert len(rows(reviewer, f"q={clerk}")) == len(crowd.tasks)


@pytest.mark.parametrize("typed", ["没有这个单位", "%25", "_", "\\", "岳 阳", "zzzzz", "《》", "'; DROP"])
def test_what_is_nowhere_is_not_found(reviewer, typed):
    assert rows(reviewer, f"q={typed}") == [] or typed == "岳 阳"


def test_filters_narrow_page_file_and_api_alike(reviewer, read_office, crowd):
    person = read_office.person(crowd.reviewer)
    queries = {
        "": 12,
        "process=declaration": 12,
        "process=other": 0,
        "element=review_county": 12,
        "element=decide_city": 0,
        "honour=city": 12,
        "honour=national": 0,
        "region=430600": 12,
        "region=430626": 0,
        "severity=serious": 3,
        "severity=overdue": 3,
        "severity=soon": 2,
        "severity=normal": 4,
        "returned=1": 0,
        "q=岳阳市&severity=serious": None,
        "due_from=2020-01-01&due_to=2020-12-31": 0,
        "due_from=2020-01-01": 12,
        "opened_to=2020-01-01": 0,
    }
    for query, expected in queries.items():
        found = rows(reviewer, query)
        assert expected in {None, len(found)}, query
        book = load_workbook(BytesIO(reviewer.get(f"/tasks/export?{query}").data))
        assert book.worksheets[0].max_row == len(found) + 1, query
        items = person.get(f"/tasks?view=available&per_page=100&{query}")
        assert [item["id"] for item in items["items"]] == found, query
        assert items["total"] == len(found)


def test_the_file_has_the_columns_and_the_order_of_the_page(reviewer):
    book = load_workbook(BytesIO(reviewer.get("/tasks/export?view=inbox&sort=-number&cols=number,region").data))
    header, *lines = book.worksheets[0].iter_rows(values_only=True)
    assert header[:3] == ("单位", "地区", "编号")
    numbers = [line[2] for line in lines]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize(
    "sort", ["unit", "-unit", "number", "-due", "honour,-number", "step,region,unit", "round,-opened"]
)
def test_every_order_is_complete_and_paged_without_gaps(reviewer, crowd, sort):
    whole = rows(reviewer, f"sort={sort}&per_page=100")
    assert sorted(whole) == sorted(str(task) for task in crowd.tasks)
    assert rows(reviewer, f"sort={sort}&per_page=20") == whole
    page = reviewer.read(f"/tasks?sort={sort}")
    assert 'aria-sort="' in page


NONSENSE = ["x", "-1", "99999999999999999999", "%00", "%27%3B--", "%F0%9F%92%A9", "a" * 300, "2026-02-30", "1,1,1", ""]


@pytest.mark.parametrize(
    "name",
    ["view", "q", "process", "element", "instance", "batch", "region", "honour", "severity", "due_from", "due_to",
     "opened_from", "opened_to", "returned", "unread", "sort", "cols", "page", "per_page", "by1", "col", "list"],
)  # fmt: skip
def test_nonsense_in_an_address_never_breaks_a_list(reviewer, read_office, crowd, name):
    person = read_office.person(crowd.reviewer)
    for value in NONSENSE:
        assert reviewer.get(f"/tasks?view=inbox&{name}={value}").status_code in {200, 302}, value
        assert reviewer.get(f"/tasks/export?view=inbox&{name}={value}").status_code == 200, value
        answer = person.http.get(f"/api/v1/tasks?{name}={value}", headers=person.headers)
        assert answer.status_code in {200, 422}, (value, answer.text)


def test_what_was_not_understood_is_said(reviewer):
    assert "不能识别，已略去：severity、page" in reviewer.read("/tasks?severity=awful&page=-4")


def test_pages_take_as_many_statements_whatever_they_show(reviewer, read_app):
    def cost(query):
        with counted(read_app) as made:
            reviewer.read(f"/tasks?{query}")
        return len(made.own)

    cost("")
    assert cost("") == cost("severity=normal&honour=city") == cost("sort=unit,-number&per_page=1000") <= 8
    assert cost("q=岳阳") == cost("q=没有这个单位") == cost("") + 1


def test_a_task_is_unread_until_the_person_opens_it(own_crowd, browse):
    crowd = own_crowd(2)
    reviewer = browse(crowd.reviewer)
    assert len(rows(reviewer, "unread=1")) == 2
    reviewer.read(f"/tasks/{crowd.tasks[0]}")
    assert rows(reviewer, "unread=1") == [str(crowd.tasks[1])]
    assert reviewer.read("/tasks").count("未读 </span>") == 1


def test_a_renamed_unit_is_found_by_its_new_name(own_crowd, browse, demo_app):
    crowd = own_crowd(2)
    reviewer = browse(crowd.reviewer)
    case = Office(demo_app).person(crowd.reviewer).get("/tasks?view=available")["items"][0]
    unit = Office(demo_app).person("city.reviewer1").get(f"/units?q={case['unit']}")["items"][0]
    renamed = browse("city.reviewer1").post(f"/units/{unit['id']}/name", {"name": "岳阳市数据和政务服务局"})
    assert renamed.status_code == 302, renamed.text
    assert rows(reviewer, "q=政务服务") == [case["id"]]
    assert rows(reviewer, "q=sjhzw") == [case["id"]]
