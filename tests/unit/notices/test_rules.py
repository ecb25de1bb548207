"""Which cases an objection is about."""

from webapp.notices.rules import named_cases

CASES = {1: "岳阳县人民法院", 2: "岳阳县人民法院第一法庭", 3: "岳阳市财政局"}


def test_a_named_unit_is_meant_alone() -> None:
    assert named_cases("反映岳阳市财政局的问题", CASES) == [3]


def test_the_longest_name_counts() -> None:
    assert named_cases("岳阳县人民法院第一法庭态度生硬", CASES) == [2]


def test_without_a_name_every_case_is_meant() -> None:
    assert named_cases("名单中有单位不符合条件", CASES) == [1, 2, 3]
