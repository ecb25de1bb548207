"""What changed between two statements: the right one is compared, and only what reads otherwise counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    found = changes_between(before, after)
    assert [(one.path, one.label, one.before, one.after) for one in found] == [
        ("a", "甲", "1", "2"),
        ("b", "组 › 乙", "", "新"),
    ]


def test_a_list_counts_as_one_with_the_rows_that_went_and_came():
    row = (Shown("名称", "list.0.name", "县级"), Shown("年份", "list.0.year", "2018"))
    longer = (Shown("名称", "list.1.name", "市级"), Shown("年份", "list.1.year", ""))
    before, after = [Shown("荣誉", "list", rows=(row,))], [Shown("荣誉", "list", rows=(row, longer))]
    (one,) = changes_between(before, after)
    assert (one.path, one.gone, one.added) == ("list", (), ("市级",))
    (back,) = changes_between(after, before)
    assert (back.gone, back.added) == (("市级",), ())
    (emptied,) = changes_between(before, [Shown("荣誉", "list")])
    assert (emptied.gone, emptied.added, emptied.after) == (("县级，2018",), (), "")


def parts(before, after):
    (one,) = changes_between([Shown("甲", "a", before)], [Shown("甲", "a", after)])
    return list(one.parts)


def test_texts_that_are_alike_are_woven_into_one():
    assert parts("全年开展活动十二次。", "全年开展活动十五次。") == [
        ("same", "全年开展活动十"),
        ("gone", "二"),
        ("new", "五"),
        ("same", "次。"),
    ]
    assert parts("甲乙", "甲乙丙") == [("same", "甲乙"), ("new", "丙")]


@pytest.mark.parametrize(("before", "after"), [("", "新"), ("旧", ""), ("完全不同的一句话", "另外写了别的什么内容")])
def test_texts_that_have_nothing_in_common_stand_side_by_side(before, after):
    assert parts(before, after) == []


@given(st.text("甲乙丙\n", max_size=40), st.text("甲乙丙\n", max_size=40))
def test_the_woven_text_holds_both(before, after):
    if before == after:
        return
    found = parts(before, after)
    if found:
        assert "".join(words for kind, words in found if kind != "new") == before
        assert "".join(words for kind, words in found if kind != "gone") == after


def test_long_texts_cost_no_time():
    found = parts("甲" * 20_000, "乙" * 20_000)
    assert found == []
