"""Structure: files, ids, connections, what cannot be reached or left, gateways, parallel branches."""

import pytest

from tests.unit.workflows_xml.drawing import end, flows, found, node, problems, process, start, task, whole
from workflows.checks import check_definition


def gate(key: str, kind: str = "exclusive", default: str | None = None) -> str:
    return node(f"{kind}Gateway", key, **({"default": default} if default else {}))


def test_a_sound_diagram_has_no_problems() -> None:
    assert check_definition(whole()) == []
    assert found(whole()) == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<a>", id="not well-formed"),
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param(b"\x00" * 100, id="zeros"),
    ],
)
def test_what_cannot_be_read_is_one_problem(data: bytes) -> None:
    assert found(data) == [("unreadable", "")]


def test_a_file_without_a_process() -> None:
    assert found(b"<html/>") == [("no_process", "")]


def test_a_file_without_an_executable_process_is_still_checked() -> None:
    codes = dict(found(whole(node("userTask", "lonely")).replace(b'isExecutable="true"', b'isExecutable="false"')))
    assert codes["not_executable"] == "p"
    assert codes["unreachable"] == "lonely"


def test_documentary_pools_beside_an_executable_process_are_left_alone() -> None:
    other = b'<process id="q" isExecutable="false"><userTask id="loose"/></process></definitions>'
    assert found(whole().replace(b"</definitions>", other)) == []


def test_ids() -> None:
    codes = found(whole(task("first"), "<task/>", node("userTask", "End"), node("userTask", "x [child]")))
    assert {("id_repeated", "first"), ("id_missing", ""), ("id_reserved", "End")} <= set(codes)
    assert ("id_reserved", "x [child]") in codes


def test_dangling_flows_and_boundary_events() -> None:
    timer = "<timerEventDefinition><timeDuration>'P1D'</timeDuration></timerEventDefinition>"
    codes = found(whole(flows("first > nowhere"), node("boundaryEvent", "b", timer, attachedToRef="gone")))
    assert {("flow_dangling", "first_to_nowhere"), ("boundary_dangling", "b")} <= set(codes)


def test_a_flow_across_the_border_of_a_subprocess() -> None:
    inside = start("s") + task("inner") + end("e") + flows("s > inner > e")
    data = process(
        start(), node("subProcess", "sub", inside), end(), flows("begin > sub > finish", "first > inner"), task("first")
    )
    assert ("flow_crosses_border", "first_to_inner") in found(data)


def test_starts_and_ends_of_each_level() -> None:
    codes = found(process(start("a"), start("b"), node("subProcess", "sub", task("t")), flows("a > sub", "b > sub")))
    assert {("several_starts", "b"), ("no_start", "sub"), ("no_end", "sub"), ("no_end", "p")} <= set(codes)


def test_only_the_first_of_a_lost_piece_is_named() -> None:
    codes = found(whole(task("lost"), task("behind"), flows("lost > behind > finish")))
    assert [c for c in codes if c[0] == "unreachable"] == [("unreachable", "lost")]


def test_a_lost_circle_is_named_once() -> None:
    data = whole(task("x"), task("y"), gate("g", default="g_to_x"), flows("x > y > g > x", "g > finish [score == 1]"))
    assert [c for c in found(data) if c[0] == "unreachable"] == [("unreachable", "x")]


def test_dead_ends() -> None:
    data = process(start(), task("first", "fill"), end(), flows("begin > first"))
    assert ("dead_end", "first") in found(data)


def test_a_circle_without_a_way_out() -> None:
    data = process(start(), task("x", "fill"), task("y"), end(), flows("begin > x > y > x"))
    codes = found(data)
    assert ("endless", "x") in codes
    assert ("loop_without_choice", "x") in codes


def test_a_circle_through_a_boundary_event_is_left_by_completing_the_task() -> None:
    timer = "<timerEventDefinition><timeDuration>'P1D'</timeDuration></timerEventDefinition>"
    late = node("boundaryEvent", "late", timer, attachedToRef="a")
    assert found(process(start(), task("a", "fill"), late, end(), flows("begin > a > finish", "late > a"))) == []


def test_a_circle_without_anybody_to_wait_for() -> None:
    script = node("scriptTask", "count", "<script>score = score + 1</script>")
    data = whole(
        script, gate("again", default="again_to_finish"), flows("count > again > finish", "again > count [score == 2]")
    )
    assert ("automatic_loop", "count") in found(data)


def test_gateways_need_defaults_and_conditions() -> None:
    choice = gate("g") + flows("begin > g > a [score == 1]", "g > b [score == 2]", "a > finish", "b > finish")
    parts = (start(), task("a", "fill"), task("b", "fill"), end())
    assert ("default_missing", "g") in found(process(*parts, choice))
    assert ("default_unknown", "g") in found(process(*parts, choice.replace('id="g"', 'id="g" default="a_to_finish"')))
    bare = gate("g", default="g_to_b") + flows("begin > g > a > finish", "g > b > finish")
    assert ("condition_missing", "g_to_a") in found(process(*parts, bare))
    double = gate("g", default="g_to_b") + flows(
        "begin > g > a [score == 1]", "g > b [score == 2]", "a > finish", "b > finish"
    )
    assert ("condition_on_default", "g_to_b") in found(process(*parts, double))


def test_a_gateway_that_only_merges_needs_neither() -> None:
    data = process(start(), task("first", "fill"), gate("merge"), end(), flows("begin > first > merge > finish"))
    assert not {c for c, _ in found(data)} & {"default_missing", "condition_missing"}


def test_two_ways_out_of_a_task() -> None:
    data = process(start(), task("a", "fill"), end("x"), end("y"), flows("begin > a > x", "a > y [score == 1]"))
    assert {("branch_without_gateway", "a"), ("condition_ignored", "a_to_y")} <= set(found(data))


def test_event_based_gateways() -> None:
    timer = "<timerEventDefinition><timeDuration>'P1D'</timeDuration></timerEventDefinition>"
    data = process(
        start(), task("first", "fill"), gate("g", "eventBased"), end(), task("t"),
        node("intermediateCatchEvent", "x", timer), node("intermediateCatchEvent", "y", timer),
        flows("begin > first > g > x > finish", "g > y > finish", "g > t > finish"),
    )  # fmt: skip
    assert {("event_gateway_target", "g"), ("event_gateway_timers", "g")} <= set(found(data))


def fork(*lines: str, nodes: str = "", join: str = "parallel") -> list[tuple[str, str]]:
    """Problems of fork > a, b ... join > finish with further lines."""
    common = process(
        start(), gate("fork", "parallel"), gate("join", join), end(), task("a", "fill"), task("b", "fill"),
        flows("begin > fork > a", "fork > b", *lines), nodes,
    )  # fmt: skip
    return [c for c in found(common) if c[0] in PARALLEL]


PARALLEL = {"join_bypassed", "join_behind_choice", "merge_behind_fork", "branch_goes_back", "too_complex"}


def test_a_plain_parallel_block_is_fine() -> None:
    assert fork("a > join", "b > join > finish") == []


def test_a_return_inside_one_branch_is_fine() -> None:
    choice = gate("g", default="g_to_join")
    assert fork("a > g > join", "g > a [score == 1]", "b > join > finish", nodes=choice) == []


def test_a_branch_that_can_leave_to_an_end_of_its_own() -> None:
    leave = gate("g", default="g_to_join") + end("early")
    assert fork("a > g > join", "g > early [score == 1]", "b > join > finish", nodes=leave) == [
        ("join_bypassed", "join")
    ]


def test_a_branch_that_a_boundary_event_takes_past_the_join() -> None:
    timer = "<timerEventDefinition><timeDuration>'P1D'</timeDuration></timerEventDefinition>"
    late = node("boundaryEvent", "late", timer, attachedToRef="a") + end("early")
    assert fork("a > join", "late > early", "b > join > finish", nodes=late) == [("join_bypassed", "join")]
    beside = late.replace('attachedToRef="a"', 'attachedToRef="a" cancelActivity="false"')
    assert fork("a > join", "late > early", "b > join > finish", nodes=beside) == []


def test_a_join_of_two_branches_of_three_is_fine() -> None:
    more = gate("half", "parallel") + task("c", "fill")
    assert fork("fork > c > join", "a > half", "b > half > join > finish", nodes=more) == []


def test_a_merge_behind_a_fork_lets_every_token_pass() -> None:
    assert fork("a > join", "b > join > finish", join="exclusive") == [("merge_behind_fork", "join")]


def test_a_branch_back_to_before_the_fork() -> None:
    back = gate("again") + gate("g", default="g_to_join")
    codes = fork("a > g > join", "g > again [score == 1]", "again > fork", "b > join > finish", nodes=back)
    assert ("branch_goes_back", "fork") in codes


def test_a_join_behind_a_choice_waits_for_ever() -> None:
    data = process(
        start(), gate("g", default="g_to_a"), gate("join", "parallel"), end(), task("a", "fill"), task("b", "fill"),
        flows("begin > g > a > join > finish", "g > b [region == 'x']", "b > join"),
    )  # fmt: skip
    assert ("join_behind_choice", "join") in found(data)


def test_a_nested_block_is_fine() -> None:
    inner = gate("fork2", "parallel") + gate("join2", "parallel") + task("c", "fill") + task("d", "fill")
    assert fork("a > fork2 > c > join2", "fork2 > d > join2 > join", "b > join > finish", nodes=inner) == []


def test_every_message_is_chinese_and_says_what_to_do() -> None:
    data = whole(node("complexGateway", "x"), node("userTask", "y"), flows("first > nowhere"))
    for problem in problems(data).values():
        assert any("\u4e00" <= char <= "\u9fff" for char in problem.message)
        assert "请" in problem.message
