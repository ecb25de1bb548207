"""Who may be paired with whom, one to one, and that each refusal names its rule and where it stands."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.factories.api_client import Office
from tests.factories.form_answers import fill_in
from tests.factories.page_client import PageClient
from tests.factories.pairing_client import PRIVATE, Pair, Programme, remind

SECOND = "示例洞庭物流有限公司"
SOURCE = "豫文明办〔2021〕5号 二（四）"


def helpers(programme: Programme) -> list[dict[str, Any]]:
    return list(programme.city.get("/pairings/helpers")["items"])


def test_only_offices_national_units_and_provincial_models_help(programme: Programme) -> None:
    found = helpers(programme)
    assert all(h["kind"] == "office" or {"national", "provincial_model"} & set(h["honours"]) for h in found)
    programme.name(PRIVATE)
    school = programme.unit("示例平江实验学校")
    answer = programme.propose(school, programme.unit(PRIVATE), 422)
    assert answer["errors"][0]["code"] == "helper_kind"
    assert SOURCE in answer["detail"]


def test_only_non_public_units_are_helped_and_only_upwards(programme: Programme) -> None:
    answer = programme.name("示例市直档案馆", expect=422)
    assert answer["errors"][0]["code"] == "not_non_public"
    assert SOURCE in answer["detail"]


def test_joint_building_takes_any_holder_and_any_unit(office: Office) -> None:
    joint = Programme(office, "joint")
    joint.name("示例平江实验学校")
    holder = joint.city.get("/pairings/helpers?kind=joint")["items"][0]
    pairing = joint.propose(holder["id"], joint.unit("示例平江实验学校"))
    assert joint.confirm(pairing["id"])["status"] == "confirmed"


def test_cross_region_pairs_lie_in_different_counties(office: Office) -> None:
    cross = Programme(office, "cross_region")
    cross.name(PRIVATE)
    same = next(h for h in cross.city.get("/pairings/helpers?kind=cross_region&region=430603")["items"])
    answer = cross.propose(same["id"], cross.unit(PRIVATE), 422)
    assert answer["errors"][0]["code"] == "same_county"
    assert "锡管党委〔2020〕6号 三.11" in answer["detail"]


def test_second_pair_needs_a_reason_and_a_leader(programme: Programme) -> None:
    programme.name(PRIVATE, SECOND)
    helper = helpers(programme)[0]["id"]
    first = programme.propose(helper, programme.unit(PRIVATE))
    second = programme.propose(helper, programme.unit(SECOND))
    programme.confirm(first["id"])
    refused = programme.confirm(second["id"], expect=409)
    assert refused["errors"][0]["code"] == "one_to_one"
    assert SOURCE in refused["detail"]
    assert PRIVATE in refused["detail"]
    waiting = programme.confirm(second["id"], reason="同行业仅此一家")
    assert (waiting["status"], waiting["exception"]) == ("proposed", {"reason": "同行业仅此一家", "approved": False})
    done = programme.confirm(second["id"], "city.leader")
    assert (done["status"], done["exception"]) == ("confirmed", {"reason": "同行业仅此一家", "approved": True})


def test_of_two_who_confirm_the_same_helper_one_wins_and_the_other_hears_with_whom(
    office: Office, programme: Programme
) -> None:
    programme.name(PRIVATE, SECOND)
    helper = helpers(programme)[0]["id"]
    pairs = [programme.propose(helper, programme.unit(name))["id"] for name in (PRIVATE, SECOND)]
    people = [office.person("city.reviewer1"), office.person("city.reviewer2")]
    together = threading.Barrier(2)

    def confirm(place: int) -> tuple[int, Any]:
        together.wait()
        person = people[place]
        answer = person.http.post(f"/api/v1/pairings/{pairs[place]}/confirm", json={}, headers=person.headers)
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(confirm, range(2)), key=lambda answer: answer[0])
    assert [status for status, _ in answers] == [200, 409]
    assert answers[1][1]["errors"][0]["code"] == "one_to_one"
    assert "已与" in answers[1][1]["detail"]


def test_same_pair_is_confirmed_once(office: Office, programme: Programme) -> None:
    programme.name(PRIVATE)
    pairing = programme.propose(helpers(programme)[0]["id"], programme.unit(PRIVATE))["id"]
    people = [office.person("city.reviewer1"), office.person("city.reviewer2")]
    together = threading.Barrier(2)

    def confirm(place: int) -> int:
        together.wait()
        person = people[place]
        return int(person.http.post(f"/api/v1/pairings/{pairing}/confirm", json={}, headers=person.headers).status_code)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, range(2))) == [200, 409]


def test_matching_keeps_what_is_pinned_and_lists_the_rest_with_reasons(programme: Programme) -> None:
    programme.name(PRIVATE, SECOND)
    done = programme.match()
    assert (done["status"], done["progress"], done["pairs"]) == ("done", 100, 2)
    assert all(one["reasons"] for one in done["rest"])
    for pair in programme.proposals():
        assert round(sum(line["points"] for line in pair["reasons"]), 2) == pair["score"]
    pinned = programme.proposals()[0]
    programme.city.post(f"/pairings/{pinned['id']}/pin")
    programme.match()
    assert pinned["id"] in {pair["id"] for pair in programme.proposals()}


def test_pair_that_did_not_work_out_is_not_proposed_again(programme: Programme, confirmed: Callable[[], Pair]) -> None:
    pair = confirmed()
    before = pair.read()
    answer = pair.city.post(f"/pairings/{pair.id}/end", {"outcome": "rematched", "reason": "行业差别大"})
    assert (answer["status"], answer["outcome"]) == ("ended", "rematched")
    programme.match()
    (again,) = programme.proposals()
    assert again["helper"]["id"] != before["helper"]["id"]


def test_process_can_be_started_from_its_form(office: Office) -> None:
    city = office.person("city.reviewer1")
    form = next(d for d in city.get("/definitions")["items"] if d["process"] == "pairing")["start_form"]
    data = fill_in(form, reason="")
    started = city.post("/instances", {"process": "pairing", "data": data}, 201)
    assert {task["element"] for task in started["tasks"]} == {"sign_agreement_helper", "sign_agreement_helped"}


def test_units_neither_manage_nor_see_other_pairs(office: Office, confirmed: Callable[[], Pair]) -> None:
    pair = confirmed()
    stranger, side = office.person("school.clerk"), office.person("private.clerk")
    stranger.get(f"/pairings/{pair.id}", 404)
    assert side.get("/pairings")["total"] == 1
    side.post(f"/pairings/{pair.id}/confirm", {}, 403)
    side.get("/pairings/board", 403)
    side.post(f"/pairings/{pair.id}/log", {"data": {}}, 409)


def test_visits_stay_with_offices_and_need_a_pair_at_work(office: Office, confirmed: Callable[[], Pair]) -> None:
    pair = confirmed()
    county = office.person("yunxi.reviewer1")
    said = {"visited_on": "2021-04-12", "verdict": "sham", "findings": "没有台账"}
    county.post(f"/pairings/{pair.id}/visits", said, 409)
    pair.working()
    county.post(f"/pairings/{pair.id}/visits", said | {"visited_on": "2021-04-13"}, 422)
    county.post(f"/pairings/{pair.id}/visits", said, 201)
    county.post(f"/pairings/{pair.id}/visits", {"purpose": "了解企业需要"}, 201)
    pair.do("inspect_pairing", verdict="real")
    assert [v["verdict"] for v in pair.read(county)["visits"]] == ["real", "sham"]
    assert [v["announced"] for v in pair.read(office.person("private.clerk"))["visits"]] == [True]


def test_missing_months_remind_both_and_then_the_counties_once(office: Office, confirmed: Callable[[], Pair]) -> None:
    pair = confirmed().working()
    assert remind(office) == 0
    office.pass_time(days=20)  # 2 May: April is over
    assert (remind(office), remind(office)) == (1, 0)
    office.pass_time(days=10)  # 12 May
    assert (remind(office), remind(office)) == (1, 0)
    assert pair.read()["missing_months"] == ["2021-04"]


def test_months_that_passed_at_once_are_chased_each_in_one_message(
    office: Office, confirmed: Callable[[], Pair]
) -> None:
    pair = confirmed().working()
    office.pass_time(days=110)  # 31 July: April, May and June are over, June for more than ten days
    assert (remind(office), remind(office)) == (2, 0)
    assert pair.read()["missing_months"] == ["2021-04", "2021-05", "2021-06"]
    for username in ("private.clerk", "yunxi.reviewer1"):
        bell = PageClient(office.app, username).read("/notifications")
        assert bell.count("缺少2021年04月、2021年05月、2021年06月帮创记录") == 1
    office.pass_time(days=3)  # 3 August
    assert (remind(office), remind(office)) == (1, 0)
    assert "缺少2021年07月帮创记录" in PageClient(office.app, "private.clerk").read("/notifications")


def test_list_to_the_province_keeps_the_printed_date_on_a_holiday(programme: Programme) -> None:
    report = programme.city.get(f"/pairings/programmes/{programme.id}")["report"]
    assert report["on"] == "2021-05-01"
    assert "日期不顺延" in report["rest_day"]
    assert "4月30日" in report["rest_day"]
    for ending, start in (("docx", b"PK"), ("xlsx", b"PK")):
        path = f"/api/v1/pairings/programmes/{programme.id}/list?format={ending}"
        answer = programme.city.http.get(path, headers=programme.city.headers)
        assert (answer.status_code, answer.data[:2]) == (200, start)
    programme.city.post(f"/pairings/programmes/{programme.id}/report")
    programme.city.post(f"/pairings/programmes/{programme.id}/report", {}, 409)
