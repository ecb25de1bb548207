"""What changed between two statements: the right one is compared, and only what reads otherwise counts."""

from forms.showing import Shown
from webapp.instances.changes import before_return, changes_between
from webapp.instances.models import Submission

DECLARED_IN = ("fill", "correct")


def submitted(element, **answers):
    return Submission(element=element, answers=answers)


def test_the_statement_before_the_last_return_is_compared():
    first, slip, fixed = submitted("fill", n=1), submitted("fill", n=2), submitted("correct", n=3)
    returned, passed = submitted("review", reasons=[{"field": "n"}]), submitted("review", reasons=[])
    newest_first = [passed, submitted("seal"), fixed, returned, submitted("seal"), slip, first]
    assert before_return(newest_first, DECLARED_IN) is slip


def test_nothing_is_compared_while_the_unit_has_not_answered():
    first, returned = submitted("fill"), submitted("review", reasons=[{"field": "n"}])
    assert before_return([returned, first], DECLARED_IN) is None
    assert before_return([submitted("fill"), first], DECLARED_IN) is None
    assert before_return([], DECLARED_IN) is None


def test_only_what_reads_otherwise_counts():
    before = [Shown("甲", "a", "1"), Shown("组", items=(Shown("乙", "b", ""), Shown("丙", "c", "同")))]
    after = [
        Shown("甲", "a", "2"),
        Shown("组", items=(Shown("乙", "b", "新"), Shown("丙", "c", "同"))),
        Shown("说明", "d", "x"),
    ]
    assert changes_between(before, after) == {"a": "1", "b": ""}


def test_a_list_counts_as_one():
    row = (Shown("名称", "list.0.name", "县级"), Shown("年份", "list.0.year", "2018"))
    longer = (Shown("名称", "list.1.name", "市级"), Shown("年份", "list.1.year", ""))
    before, after = [Shown("荣誉", "list", rows=(row,))], [Shown("荣誉", "list", rows=(row, longer))]
    assert changes_between(before, after) == {"list": "县级，2018"}
