"""What a diagram may declare for the end of a step's time, and what publishing refuses."""

import pytest

from tests.factories.small_world import assigned
from tests.processes.drawing import boundary, chain, diagram, end, start, timer
from workflows.checks import Facts, FormFacts, check_definition

FACTS = Facts(
    forms={"decide": FormFacts({"outcome": "string"}, "outcome", ("agree", "silent"))},
    roles=frozenset({"county_reviewer", "city_reviewer"}),
    start_variables=frozenset({"city_region"}),
)


def faults(overdue: str, *, deadline: str = 'working_days="5"', more: str = "") -> list[str]:
    drawn = diagram(
        start(),
        assigned("decide", deadline=deadline, more=f"<wm:overdue {overdue}/>"),
        end(),
        chain("start", "decide", "end"),
        more,
    )
    return [p.message for p in check_definition(drawn, FACTS) if p.code == "overdue_unclear" and p.severity == "error"]


@pytest.mark.parametrize(
    "overdue",
    [
        "",
        'act="mail"',
        'act="hand_over" roles="city_reviewer" region="city_region"',
        'act="hand_over" after="5" person="city_region"',
        'act="decide" after="0" outcome="silent"',
    ],
)
def test_what_can_happen_is_accepted(overdue: str) -> None:
    assert faults(overdue) == []


@pytest.mark.parametrize(
    ("overdue", "said"),
    [
        ('act="delete"', "只能是"),
        ('act="mail" outcome="silent"', "不认识“outcome”"),
        ('act="decide" roles="city_reviewer" outcome="silent"', "不认识“roles”"),
        ('act="decide"', "没有写由系统作出哪个结果"),
        ('act="decide" outcome="perhaps"', "agree、silent"),
        ('act="decide" outcome="silent" after="-1"', "0 到 250"),
        ('act="decide" outcome="silent" after="999"', "0 到 250"),
        ('act="hand_over"', "没有说清转给谁"),
        ('act="hand_over" region="city_region"', "至少写一个角色"),
        ('act="hand_over" roles="mayor" region="city_region"', "mayor"),
        ('act="hand_over" roles="city_reviewer" region="city_region" organisation="x"', "恰好设置一个"),
        ('act="hand_over" roles="city_reviewer" region="city_region" persons="no"', "persons"),
    ],
)
def test_what_cannot_happen_is_refused_with_what_to_write(overdue: str, said: str) -> None:
    (message,) = faults(overdue)
    assert said in message


def test_it_needs_a_deadline_and_no_other_end_of_the_time() -> None:
    assert any("没有办理期限" in message for message in faults('act="decide" outcome="silent"', deadline=""))
    timed = boundary("late", "decide", timer("end_of_working_day(5)")) + end("other") + chain("late", "other")
    assert any("冲突" in message for message in faults('act="decide" outcome="silent"', more=timed))


def test_an_expression_that_names_nothing_is_found() -> None:
    drawn = diagram(
        start(),
        assigned("decide", deadline='working_days="5"', more='<wm:overdue act="hand_over" person="nobody_here"/>'),
        end(),
        chain("start", "decide", "end"),
    )
    assert any("nobody_here" in p.message and "到期处理" in p.message for p in check_definition(drawn, FACTS))
