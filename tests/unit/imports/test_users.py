"""Planning an import of accounts, over facts made for each test."""

from dataclasses import replace

import pytest

from webapp.access import Actor
from webapp.accounts.management_rules import Post
from webapp.imports.headers import read_table
from webapp.imports.known import Reach
from webapp.imports.reading import read_sheet
from webapp.imports.users import Account, Employer, KnownPeople, plan_users

YUNXI = "430000/430600/430603"
SCHOOL = Employer(1, "云溪区第一中学", "12430603MB0X123456", Post("unit", "county", YUNXI))
OFFICE = Employer(2, "云溪区文明办", None, Post("office", "county", YUNXI))
CLERK = Account(7, "clerk", "王某", 1, frozenset({"unit_clerk"}), None, None)
COUNTY = Actor(
    5, "r", "审", frozenset({"county_reviewer"}), 2, "云溪区文明办", "office", "430603", "云溪区", "county", YUNXI
)
EVERYTHING = Reach(None, None, True, None)
OF_COUNTY = Reach(YUNXI, "430603", False, COUNTY)


def plan(text, *accounts, reach=EVERYTHING, employers=(SCHOOL, OFFICE)):
    people = KnownPeople(
        list(employers), {a.username: a for a in accounts}, {employer.id: employer.post for employer in employers}
    )
    content = "username,name,organisation,roles,email,mobile\n" + text
    return plan_users(read_table("users", read_sheet(content.encode())), people, reach)


def only(result):
    (item,) = result.report.items
    return item.status, {reason.code for reason in item.reasons}


@pytest.mark.parametrize("organisation", ["云溪区第一中学", "云溪区 第一中学", "12430603mb0x123456", "1"])
@pytest.mark.parametrize("roles", ["文明专干", "unit_clerk"])
def test_a_person_is_accepted_by_name_or_code_of_the_unit(organisation, roles):
    result = plan(f"z,赵某,{organisation},{roles},a@b.cn,13800138000\n".replace("z,", "zz,"))
    assert only(result) == ("accepted", set())
    ((_item, account),) = result.added
    assert account == Account(None, "zz", "赵某", 1, frozenset({"unit_clerk"}), "a@b.cn", "13800138000")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("a b,赵某,云溪区第一中学,文明专干", "username"),
        ("zz,,云溪区第一中学,文明专干", "name"),
        ("zz,赵某,别的学校,文明专干", "unknown_organisation"),
        ("zz,赵某,云溪区第一中学,校长", "unknown_role"),
        ("zz,赵某,云溪区第一中学,", "roles"),
        ("zz,赵某,云溪区第一中学,县级审核员", "misplaced_role"),
    ],
)
def test_what_cannot_be_right_is_refused(row, code):
    status, codes = only(plan(row + "\n"))
    assert status == "refused"
    assert code in codes


def test_wrong_contacts_are_kept_and_flagged():
    result = plan("Zhao,赵某,云溪区第一中学,文明专干,nowhere,123\n")
    assert only(result) == ("flagged", {"username_case", "wrong_email", "wrong_mobile"})
    assert result.added[0][1].mobile == "123"


def test_a_username_twice_is_refused():
    result = plan("zz,赵某,云溪区第一中学,文明专干\nZZ,钱某,云溪区第一中学,文明专干\n")
    assert [item.status for item in result.report.items] == ["accepted", "refused"]


def test_two_bodies_of_one_name_must_be_told_apart_by_code():
    twin = replace(SCHOOL, id=3, uscc=None)
    result = plan("zz,赵某,云溪区第一中学,文明专干\n", employers=(SCHOOL, twin))
    assert "ambiguous_organisation" in only(result)[1]


def test_a_known_account_changes_nothing_or_says_what_it_changes():
    assert plan("clerk,王某,云溪区第一中学,文明专干\n", CLERK).report.changes == 0
    result = plan("clerk,王某,云溪区第一中学,文明专干 单位负责人\n", CLERK)
    assert only(result) == ("flagged", {"account_changes"})
    assert result.changed[0].roles == {"unit_clerk", "unit_leader"}


def test_columns_that_the_file_lacks_leave_contacts_alone():
    reachable = replace(CLERK, email="a@b.cn", mobile="13800138000")
    content = "username,name,organisation,roles\nclerk,王某,云溪区第一中学,文明专干\n"
    people = KnownPeople([SCHOOL], {"clerk": reachable}, {1: SCHOOL.post})
    result = plan_users(read_table("users", read_sheet(content.encode())), people, EVERYTHING)
    assert result.report.changes == 0


def test_an_office_gives_only_the_roles_and_accounts_of_its_units():
    assert only(plan("zz,赵某,云溪区第一中学,文明专干\n", reach=OF_COUNTY))[0] == "accepted"
    assert "not_allowed" in only(plan("zz,赵某,云溪区文明办,县级审核员\n", reach=OF_COUNTY))[1]
    colleague = Account(8, "colleague", "李某", 2, frozenset({"county_reviewer"}), None, None)
    assert "username_taken" in only(plan("colleague,李某,云溪区第一中学,文明专干\n", colleague, reach=OF_COUNTY))[1]
    elsewhere = replace(CLERK, organisation_id=99)
    assert "username_taken" in only(plan("clerk,王某,云溪区第一中学,文明专干\n", elsewhere, reach=OF_COUNTY))[1]
