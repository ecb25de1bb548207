"""会签, 或签, 依次 and by ratio as the step declares them; signers come, go and are replaced while it runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.processes.drawing import chain, diagram, element, end, signing, start, sub, task
from tests.processes.playing import Played
from workflows import add_signer, remove_signer, replace_signer
from workflows.errors import SignersError
from workflows.signing_rules import read_rule


def drawn(rule: str, *, sequential: bool = False) -> bytes:
    declared = f'<bpmn:extensionElements><wm:signing {rule} approve="pass" outcome="outcome"/></bpmn:extensionElements>'
    step = element("userTask", "sign", declared + signing(sequential=sequential))
    return diagram(start(), step, task("after"), end(), chain("start", "sign", "after", "end"))


def play(rule: str, outcomes: str, count: int = 3, *, sequential: bool = False) -> Played:
    """`outcomes`: y and n in the order in which people sign."""
    played = Played(drawn(rule + ' result="passed"', sequential=sequential), {"signers": list(range(1, count + 1))})
    for outcome in outcomes:
        found = played.open[0]
        played.do("sign", {"outcome": "pass" if outcome == "y" else "refuse"}, signer=found.data["signer"])
    return played


@pytest.mark.parametrize(
    ("rule", "outcomes", "passed"),
    [
        ('rule="all"', "yyy", True),
        ('rule="all"', "yn", False),
        ('rule="any"', "ny", True),
        ('rule="any"', "nnn", False),
        ('rule="ratio" ratio="2/3"', "yy", True),
        ('rule="ratio" ratio="0.6"', "nn", False),
        ('rule="all" hear_all="true"', "nyy", False),
        ('rule="any" hear_all="true"', "ynn", True),
    ],
)
@pytest.mark.parametrize("sequential", [False, True])
def test_signers_decide_as_the_step_declares(rule: str, outcomes: str, passed: bool, sequential: bool) -> None:
    before = play(rule, outcomes[:-1], sequential=sequential)
    assert "after" not in before.elements
    played = play(rule, outcomes, sequential=sequential)
    assert played.elements == ["after"]
    assert played.task("after").data["passed"] is passed
    assert len(played.task("after").data["votes"]) == len(outcomes)


@pytest.mark.parametrize("rule", ['rule="all"', 'rule="any"', 'rule="ratio" ratio="1/2"'])
def test_an_empty_list_of_signers_is_never_a_silent_pass(rule: str) -> None:
    played = Played(drawn(rule), {"signers": []})
    assert played.step.failed_entering is not None
    assert "名单" in played.step.failed_entering.message


def change(played: Played, verb: object, signer: int, item: int, **how: object) -> None:
    found = played.task("sign", signer=signer)
    made = verb(played.definition, played.step.state, found.id, item, played.world, **how)  # type: ignore[operator]
    played.step = made


def signers(played: Played) -> list[int]:
    return sorted(found.data["signer"] for found in played.open)


def test_one_more_signs_at_the_same_time() -> None:
    played = Played(drawn('rule="all"'), {"signers": [1, 2]})
    change(played, add_signer, 1, 9)
    assert signers(played) == [1, 2, 9]
    for _ in range(3):
        played.do("sign", {"outcome": "pass"})
    assert played.elements == ["after"]


@pytest.mark.parametrize(("before", "order"), [(True, [9, 1, 2]), (False, [1, 9, 2])])
def test_one_more_signs_in_turn(before: bool, order: list[int]) -> None:
    played = Played(drawn('rule="all"', sequential=True), {"signers": [1, 2]})
    change(played, add_signer, 1, 9, before=before)
    for who in order:
        assert signers(played) == [who]
        played.do("sign", {"outcome": "pass"})
    assert [vote["signer"] for vote in played.task("after").data["votes"]] == order


def test_one_fewer_may_be_the_one_that_was_waited_for() -> None:
    played = play('rule="all"', "yy")
    change(played, remove_signer, 3, 3)
    assert played.elements == ["after"]


def test_in_turn_somebody_further_down_is_left_out() -> None:
    played = play('rule="all"', "", sequential=True)
    change(played, remove_signer, 1, 2)
    played.do("sign", {"outcome": "pass"})
    assert signers(played) == [3]


def test_the_last_signer_stays_and_nobody_stands_twice() -> None:
    played = play('rule="all"', "", count=1)
    with pytest.raises(SignersError, match="至少"):
        change(played, remove_signer, 1, 1)
    with pytest.raises(SignersError, match="已在名单"):
        change(played, add_signer, 1, 1)
    with pytest.raises(SignersError, match="没有这名"):
        change(played, remove_signer, 1, 5)


def test_a_vote_names_the_one_who_was_put_in_anothers_place() -> None:
    played = play('rule="all"', "", count=1)
    change(played, replace_signer, 1, 7)
    played.do("sign", {"outcome": "pass"})
    assert played.task("after").data["votes"] == [{"outcome": "pass", "signer": 7}]


def test_a_signer_whose_work_is_a_subprocess_comes_and_goes() -> None:
    body = sub("visit", start("s"), task("look"), end("e"), chain("s", "look", "e"), signing())
    played = Played(diagram(start(), body, end(), chain("start", "visit", "end")), {"signers": [1]})
    found = played.task("look", signer=1)
    played.step = add_signer(played.definition, played.step.state, found.id, 2, played.world)
    assert [t.data["signer"] for t in played.open] == [1, 2]
    played.step = remove_signer(played.definition, played.step.state, found.id, 1, played.world)
    assert [t.data["signer"] for t in played.open] == [2]


@given(st.lists(st.booleans(), min_size=1, max_size=12), st.sampled_from(["all", "any", "1/2", "2/3", "0.9"]))
def test_an_early_end_never_differs_from_hearing_everybody(approvals: list[bool], kind: str) -> None:
    rule = {"rule": kind} if kind in {"all", "any"} else {"rule": "ratio", "ratio": kind}
    read = read_rule(rule | {"approve": "pass"})
    votes = [{"outcome": "pass" if approves else "refuse"} for approves in approvals]
    heard = next(n for n in range(len(votes) + 1) if read.is_settled(votes[:n], len(votes)))
    assert read.has_passed(votes[:heard], len(votes)) == read.has_passed(votes, len(votes))
