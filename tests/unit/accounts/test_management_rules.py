from dataclasses import replace

import pytest

from webapp.access import Actor
from webapp.accounts.management_rules import (
    GRANTS,
    PLACES,
    Post,
    grantable_roles,
    is_username,
    may_manage,
    misplaced_roles,
    reaches,
)
from webapp.accounts.models import ROLES

CITY = Actor(
    1, "c", "市", frozenset({"city_reviewer"}), 1, "市文明办", "office", "430600", "岳阳市", "city", "430000/430600"
)
COUNTY = replace(
    CITY, user_id=2, roles=frozenset({"county_reviewer"}), region_level="county", region_path="430000/430600/430603"
)
ABOVE = replace(
    CITY, user_id=3, roles=frozenset({"administrator"}), region_code=None, region_level=None, region_path=""
)
UNIT_HERE = Post("unit", "county", "430000/430600/430603")
UNIT_THERE = Post("unit", "county", "430000/430600/430602")
CLERK = frozenset({"unit_clerk"})


def test_every_role_has_a_place_and_a_rule_for_who_gives_it():
    assert set(PLACES) == set(ROLES)
    assert frozenset().union(*GRANTS.values()) == set(ROLES)


def test_a_county_looks_after_its_own_units_only():
    assert may_manage(COUNTY, 9, CLERK, UNIT_HERE)
    assert not may_manage(COUNTY, 9, CLERK, UNIT_THERE)
    assert not may_manage(COUNTY, 9, CLERK, Post("unit", None, None))


def test_nobody_reaches_a_region_whose_code_merely_begins_alike():
    assert not reaches(COUNTY, Post("unit", "county", "430000/430600/4306031"))


def test_nobody_manages_their_own_account_or_a_colleague_or_those_above():
    office = Post("office", "county", "430000/430600/430603")
    assert not may_manage(COUNTY, COUNTY.user_id, CLERK, UNIT_HERE)
    assert not may_manage(COUNTY, 9, frozenset({"county_reviewer"}), office)
    assert may_manage(CITY, 9, frozenset({"county_reviewer"}), office)
    assert not may_manage(CITY, 9, frozenset({"city_reviewer"}), Post("office", "city", CITY.region_path))


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator"}))
def test_nobody_but_an_administrator_makes_administrators(role):
    actor = replace(CITY, roles=frozenset({role}))
    assert "administrator" not in grantable_roles(actor)
    assert role not in grantable_roles(actor)


def test_an_administrator_above_all_regions_reaches_everything_even_what_is_not_placed():
    assert reaches(ABOVE, UNIT_THERE)
    assert reaches(ABOVE, Post("unit", None, None))


@pytest.mark.parametrize(
    ("role", "post", "fits"),
    [
        ("unit_clerk", UNIT_HERE, True),
        ("unit_clerk", Post("office", "county", "x"), False),
        ("county_reviewer", Post("office", "county", "x"), True),
        ("county_reviewer", Post("office", "city", "x"), False),
        ("city_leader", Post("office", "city", "x"), True),
        ("department_consultee", Post("department", "city", "x"), True),
        ("no_such_role", UNIT_HERE, False),
    ],
)
def test_roles_mean_something_only_where_their_work_is(role, post, fits):
    assert (misplaced_roles(frozenset({role}), post) == frozenset()) is fits


@pytest.mark.parametrize("name", ["ab", "张三.文明办", "a@b.cn", "x" * 64])
def test_usernames_that_can_be_typed(name):
    assert is_username(name)


@pytest.mark.parametrize("name", ["", "a", "a b", "a\nb", "a/b", "x" * 65, "a\u200bb"])
def test_usernames_that_nobody_could_type(name):
    assert not is_username(name)
