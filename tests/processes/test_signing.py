"""Multi-instances: all must sign, any one decides, one after the other; rounds are apart, nobody is skipped."""

from tests.processes.drawing import chain, choice, diagram, element, end, flow, signing, start, task
from tests.processes.playing import Played
from workflows import signers_to_come


def signed(characteristics: str) -> bytes:
    return diagram(
        start(),
        task("sign", characteristics),
        task("look"),
        choice("again", default="again-end"),
        end(),
        chain("start", "sign", "look", "again", "end"),
        flow("again", "sign", "outcome == 'again'"),
    )


THREE = {"signers": ["a", "b", "c"]}


def test_all_sign_at_once_and_votes_come_in_the_order_of_signing() -> None:
    played = Played(signed(signing()), THREE)
    assert [t.data["signer"] for t in played.step.opened] == ["a", "b", "c"]
    for signer in ("c", "a", "b"):
        played.do("sign", {"vote": f"{signer} says yes"}, signer=signer)
    assert played.task("look").data == THREE | {"votes": ["c says yes", "a says yes", "b says yes"]}


def test_answers_without_a_named_result_are_the_result_with_their_signer() -> None:
    played = Played(signed(signing()), {"signers": ["a"]})
    played.do("sign", {"outcome": "pass", "score": 9})
    assert played.task("look").data["votes"] == [{"signer": "a", "outcome": "pass", "score": 9}]


def test_the_task_behind_the_signers_is_no_signer() -> None:
    played = Played(signed(signing()), {"signers": ["a"]})
    played.do("sign", {"vote": "yes"})
    assert "vote" not in played.do("look", {"outcome": "fine"}).data


def test_one_after_the_other() -> None:
    played = Played(signed(signing(sequential=True)), THREE)
    for place, signer in enumerate("abc"):
        later = signers_to_come(played.definition, played.step.state, "sign", played.world)
        assert later == THREE["signers"][place + 1 :]
        assert [t.data["signer"] for t in played.open] == [signer]
        played.do("sign", {"vote": signer})
    assert played.task("look").data["votes"] == ["a", "b", "c"]


def test_a_condition_over_the_votes_ends_the_signing() -> None:
    two_thirds = "3 * len([v for v in votes if v == 'yes']) >= 2 * instances"
    played = Played(signed(signing(condition=two_thirds)), THREE)
    played.do("sign", {"vote": "yes"}, signer="a")
    played.do("sign", {"vote": "no"}, signer="b")
    assert played.elements == ["sign"]
    played.do("sign", {"vote": "yes"}, signer="c")
    assert played.elements == ["look"]


def test_any_one_is_enough_and_closes_the_others() -> None:
    played = Played(signed(signing(condition="completed == 1")), THREE)
    step = played.do("sign", {"vote": "yes"}, signer="b")
    assert sorted((c.how, c.element) for c in step.closed) == [("cancelled", "sign")] * 2 + [("completed", "sign")]
    assert played.elements == ["look"]


def test_in_sequence_the_condition_counts_those_still_to_come() -> None:
    played = Played(signed(signing(condition="completed * 2 > instances", sequential=True)), THREE)
    played.do("sign", {"vote": "yes"})
    played.do("sign", {"vote": "yes"})
    assert played.elements == ["look"]


def test_a_second_round_begins_without_votes() -> None:
    played = Played(signed(signing()), THREE)
    for _ in range(2):
        for signer in "abc":
            played.do("sign", {"vote": signer, "note": "x"}, signer=signer)
        assert played.task("look").data["votes"] == ["a", "b", "c"]
        assert "note" not in played.task("look").data
        played.do("look", {"outcome": "again"})
    assert played.elements == ["sign"] * 3


def test_each_instance_of_a_subprocess_has_data_of_its_own() -> None:
    inside = start("s") + task("ask") + task("check") + end("e") + chain("s", "ask", "check", "e")
    drawn = diagram(
        start(), element("subProcess", "consult", signing() + inside), task("look"), end(),
        chain("start", "consult", "look", "end"),
    )  # fmt: skip
    played = Played(drawn, THREE)
    for signer in ("b", "c", "a"):
        played.do("ask", {"vote": f"from {signer}"}, signer=signer)
    for signer in "abc":
        assert played.task("check", signer=signer).data["vote"] == f"from {signer}"
        played.do("check", signer=signer)
    assert played.task("look").data == THREE | {"votes": ["from a", "from b", "from c"]}


def test_a_number_of_instances_instead_of_a_list() -> None:
    count = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>n + 1</bpmn:loopCardinality>"
        '<bpmn:inputDataItem id="signer"/></bpmn:multiInstanceLoopCharacteristics>'
    )
    played = Played(signed(count), {"n": 1})
    assert [t.data["signer"] for t in played.open] == [0, 1]


def test_a_list_of_a_thousand() -> None:
    played = Played(signed(signing(condition="completed == 2")), {"signers": list(range(1000))})
    assert len(played.open) == 1000
    played.do("sign", {"vote": 1}, signer=500)
    played.do("sign", {"vote": 1}, signer=501)
    assert played.elements == ["look"]
