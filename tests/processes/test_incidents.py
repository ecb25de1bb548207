"""What fails after a person's decision is an incident that can be mended and retried; it is never raised."""

from dataclasses import replace

import pytest

from tests.processes.drawing import (
    boundary,
    chain,
    choice,
    diagram,
    element,
    end,
    flow,
    fork,
    script,
    service,
    signing,
    some,
    start,
    sub,
    task,
    timer,
)
from tests.processes.playing import Played, context
from workflows import NothingToRetryError, complete


class Flaky:
    """A service that fails until it is mended."""

    def __init__(self) -> None:
        self.broken = True

    def __call__(self, **_arguments: object) -> str:
        if self.broken:
            raise ConnectionError("档案系统没有应答")
        return "done"


def served(name: str = "archive") -> bytes:
    return diagram(
        start(),
        task("decide"),
        service("archive", f'name="{name}" result="archived"'),
        task("look"),
        end(),
        chain("start", "decide", "archive", "look", "end"),
    )


def test_a_failing_service_keeps_the_decision_and_is_retried() -> None:
    archive = Flaky()
    played = Played(served(), world=context(archive=archive))
    step = played.do("decide", {"verdict": "yes"})
    (incident,) = step.incidents
    assert (incident.element, incident.error_type, incident.message) == (
        "archive",
        "ConnectionError",
        "档案系统没有应答",
    )
    assert "ConnectionError" in incident.trace
    assert [c.element for c in step.closed] == ["decide"]
    assert played.elements == []
    assert step.end is None

    assert played.again().incidents[0].task_id == incident.task_id
    archive.broken = False
    played.again()
    assert played.task("look").data == {"verdict": "yes", "archived": "done"}


def test_there_must_be_something_to_retry() -> None:
    played = Played(served(), world=context(archive=Flaky()))
    with pytest.raises(NothingToRetryError):
        played.again()


def test_a_missing_service_is_an_incident() -> None:
    step = Played(served("unknown")).do("decide")
    assert step.incidents[0].error_type == "ServiceMissingError"


def test_a_result_that_cannot_be_stored_is_an_incident() -> None:
    played = Played(served(), world=context(archive=lambda: context().now))
    assert played.do("decide").incidents[0].error_type == "DataNotAllowedError"


def test_exceptions_let_through_leave_the_engine() -> None:
    played = Played(served(), world=context(archive=Flaky()))
    played.world = replace(played.world, let_through=(ConnectionError,))
    with pytest.raises(ConnectionError):
        played.do("decide")


@pytest.mark.parametrize("text", ["found = look()", "found = 1 if look() else 2"])
def test_they_are_let_through_from_functions_of_expressions_as_well(text: str) -> None:
    drawn = diagram(start(), task("go"), script("ask", text), end(), chain("start", "go", "ask", "end"))
    played = Played(drawn)
    played.world = replace(played.world, let_through=(ConnectionError,), functions={"look": Flaky()})
    with pytest.raises(ConnectionError):
        played.do("go")


def guarded(gateway: str) -> bytes:
    return diagram(
        start(),
        task("decide"),
        gateway,
        task("yes"),
        task("no"),
        end(),
        chain("start", "decide", "verdict"),
        flow("verdict", "yes", "verdict == 'yes'"),
        flow("verdict", "no", "verdict == 'no'"),
        chain("yes", "end"),
        chain("no", "end"),
    )


@pytest.mark.parametrize("gateway", [choice("verdict"), some("verdict")], ids=["exclusive", "inclusive"])
def test_a_gateway_without_a_way_is_mended_by_data(gateway: str) -> None:
    played = Played(guarded(gateway))
    step = played.do("decide", {"verdict": "perhaps"})
    assert [(i.element, i.error_type) for i in step.incidents] == [("verdict", "NoWayOutError")]
    played.again({"verdict": "no"})
    assert played.elements == ["no"]


def test_a_condition_that_cannot_be_evaluated_names_what_is_missing() -> None:
    step = Played(guarded(choice("verdict"))).do("decide")
    assert step.incidents[0].error_type == "ExpressionError"
    assert "没有名为“verdict”的数据" in step.incidents[0].message


def test_other_branches_go_on_beside_a_failure() -> None:
    archive = Flaky()
    drawn = diagram(
        start(),
        fork("split"),
        service("archive", 'name="archive"'),
        task("talk"),
        some("join"),
        task("last"),
        end(),
        chain("start", "split", "archive", "join", "last", "end"),
        chain("split", "talk", "join"),
    )
    played = Played(drawn, world=context(archive=archive))
    assert [i.element for i in played.step.incidents] == ["archive"]
    step = played.do("talk")
    assert (step.incidents, step.end) == ([], None)
    archive.broken = False
    played.again()
    assert played.elements == ["last"]


def test_a_failed_inclusive_join_does_not_count_as_the_end() -> None:
    drawn = diagram(
        start(),
        fork("split"),
        task("a"),
        task("b"),
        some("join"),
        end("left"),
        end("right"),
        chain("start", "split", "a", "join"),
        chain("split", "b", "join"),
        flow("join", "left", "way == 1"),
        flow("join", "right", "way == 2"),
    )
    played = Played(drawn, {"way": 0})
    played.do("a")
    step = played.do("b")
    assert step.incidents[0].element == "join"
    assert step.end is None
    step = played.again({"way": 2})
    assert step.end is not None
    assert step.end.element == "right"


def signed(guard: bool = False) -> bytes:
    way = (
        choice("anybody", default="anybody-done")
        + chain("decide", "anybody", "done")
        + flow("anybody", "sign", "signers")
        if guard
        else chain("decide", "sign")
    )
    return diagram(
        start(), task("decide"), task("sign", signing()), task("done"), end(), chain("start", "decide"), way,
        chain("sign", "done", "end"),
    )  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"signers": []},
        {"signers": "me"},
        {"signers": None},
        {"signers": [None]},
        {"signers": {}},
        {"signers": [1] * 5000},
    ],
)
def test_nobody_to_sign_is_an_incident_and_no_silent_pass(data: dict[str, object]) -> None:
    played = Played(signed(), {"unit": 7})
    before = played.step.state
    decide = played.task("decide").id
    step = played.do("decide", data)
    assert step.failed_entering is not None
    assert (step.failed_entering.element, step.failed_entering.error_type) == ("sign", "SignersError")
    assert (step.state, step.opened, step.closed, step.way, step.data) == (before, [], [], [], {"unit": 7})

    replayed = complete(played.definition, step.state, decide, data | {"signers": ["a", "b"]}, played.world)
    assert [t.element for t in replayed.opened] == ["sign", "sign"]


def test_an_empty_list_may_be_guarded_by_the_diagram() -> None:
    played = Played(signed(guard=True))
    played.do("decide", {"signers": []})
    assert played.elements == ["done"]


@pytest.mark.parametrize("due", ["unknown", "7", "None", "'soon'", "'2026-05-01'", "'2026-05-01T00:00:00'", "'PT'"])
def test_a_timer_that_cannot_be_armed_changes_nothing(due: str) -> None:
    drawn = diagram(
        start(),
        task("decide"),
        task("answer"),
        boundary("overdue", "answer", timer(due)),
        end(),
        chain("start", "decide", "answer", "end"),
        chain("overdue", "end"),
    )
    played = Played(drawn)
    step = played.do("decide")
    assert step.failed_entering is not None
    assert (step.failed_entering.element, step.failed_entering.error_type) == ("overdue", "TimerNotArmedError")
    assert played.elements == ["decide"]


def test_an_automatic_circle_is_stopped() -> None:
    drawn = diagram(
        start(),
        task("decide"),
        script("count", "n = n + 1"),
        choice("again", default="again-count"),
        end(),
        chain("start", "decide", "count", "again", "count"),
        flow("again", "end", "n < 0"),
    )
    played = Played(drawn, {"n": 0})
    step = played.do("decide")
    assert step.failed_entering is not None
    assert step.failed_entering.error_type == "AutomaticLoopError"
    assert played.elements == ["decide"]


def test_an_automatic_standard_loop_is_stopped_as_well() -> None:
    loop = element("standardLoopCharacteristics", "loop", "<bpmn:loopCondition>True</bpmn:loopCondition>")
    count = element("scriptTask", "count", f"<bpmn:script>n = n + 1</bpmn:script>{loop}")
    drawn = diagram(start(), task("decide"), count, end(), chain("start", "decide", "count", "end"))
    step = Played(drawn, {"n": 0}).do("decide")
    assert step.failed_entering is not None
    assert step.failed_entering.error_type == "AutomaticLoopError"


def test_many_automatic_instances_are_no_circle() -> None:
    call = '<bpmn:extensionElements><wm:service name="count" number="signer" result="vote"/></bpmn:extensionElements>'
    drawn = diagram(
        start(),
        element("serviceTask", "count", call + signing()),
        task("look"),
        end(),
        chain("start", "count", "look", "end"),
    )
    played = Played(drawn, {"signers": list(range(200))}, context(count=lambda number: number))
    assert played.task("look").data["votes"] == list(range(200))


def test_a_start_that_cannot_enter_leaves_no_state() -> None:
    drawn = diagram(start(), task("sign", signing()), end(), chain("start", "sign", "end"))
    step = Played(drawn).step
    assert step.failed_entering is not None
    assert step.state == ""


def test_a_failure_inside_a_subprocess_is_found_and_retried() -> None:
    archive = Flaky()
    inside = sub(
        "body",
        start("s"),
        service("archive", 'name="archive"'),
        task("look"),
        end("e"),
        chain("s", "archive", "look", "e"),
    )
    played = Played(diagram(start(), inside, end(), chain("start", "body", "end")), world=context(archive=archive))
    assert [i.element for i in played.step.incidents] == ["archive"]
    archive.broken = False
    played.again()
    assert played.elements == ["look"]


def test_a_failing_script_assigns_nothing() -> None:
    drawn = diagram(
        start(), script("count", "a = 1\nb = 1 / zero"), task("look"), end(), chain("start", "count", "look", "end")
    )
    played = Played(drawn, {"zero": 0})
    assert played.step.incidents[0].error_type == "ExpressionError"
    played.again({"zero": 2})
    assert played.task("look").data == {"zero": 2, "a": 1, "b": 0.5}


def test_a_vote_that_an_inner_process_does_not_give_is_not_lost_silently() -> None:
    inside = element("subProcess", "consult", signing() + start("s") + task("ask") + end("e") + chain("s", "ask", "e"))
    played = Played(diagram(start(), inside, end(), chain("start", "consult", "end")), {"signers": ["a"]})
    step = played.do("ask", {"something": "else"})
    assert step.failed_entering is not None
    assert step.failed_entering.error_type == "SignersError"
