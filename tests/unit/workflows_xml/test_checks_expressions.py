"""Expressions: the permitted subset, scripts, and variables that nothing sets."""

import pytest

from tests.unit.workflows_xml.drawing import FACTS, end, flows, found, node, ours, problems, process, start, task
from workflows.checks import Facts
from workflows.expressions import Evaluator
from workflows.python_subset import FUNCTIONS, analyse, analyse_script


def choice(condition: str, form: str = "review", facts: Facts = FACTS) -> list[tuple[str, str]]:
    """Problems of a choice behind a task with that form."""
    gateway = node("exclusiveGateway", "g", default="g_to_no")
    data = process(
        start(), task("job", form), gateway, end("yes"), end("no"),
        flows("begin > job > g > no", f"g > yes [{condition}]"),
    )  # fmt: skip
    return found(data, facts)


PERMITTED = [
    "decision == 'pass'", "unit_id > 5 and not region", "decision in ('pass', 'return')", "len(region) >= 2",
    "-unit_id + 3 * 2 // 1 % 5", "region.startswith('43')", "any(x > 1 for x in [unit_id])",
    "{'a': 1}['a'] == unit_id",
    "unit_id if region else 0", "region[0:2] == '43'", "unit_id is None", "[x for x in (1, 2) if x]",
    "not (unit_id is not None)",
]  # fmt: skip
REFUSED = [
    "__import__('os').system('x')", "unit_id.__class__", "(lambda: 1)()", "open('/etc/passwd')._x",
    "x := 1", "import os",
    "unit_id = 5", "decision ==", "'%s'.format(unit_id)", "[*region]", "f(**region)", "1j", "b'x'", "f'{unit_id}'",
    "_secret", "unit_id << 3", "${decision}", "decision === 'pass'", "= decision", "a && b", "yield 1", "await x",
    "[].append(1)", "()()", "...", "1 if", "(" * 500, "-" * 900 + "1", "[" * 60 + "]" * 60, "x" * 5000, "\x00",
]  # fmt: skip


@pytest.mark.parametrize("text", PERMITTED)
def test_permitted(text: str) -> None:
    assert analyse(text).error is None
    names = {"decision": "pass", "unit_id": 7, "region": "430000"}
    Evaluator({}).value(text, names)  # what the check lets through, the evaluator takes


@pytest.mark.parametrize("text", REFUSED)
def test_refused(text: str) -> None:
    assert analyse(text).error


def test_the_functions_named_are_those_of_the_evaluator() -> None:
    assert set(Evaluator({}).functions) == FUNCTIONS


@pytest.mark.parametrize("text", ["decision == 'pass'", "unit_id > 5", "len(region) > 2"])
def test_sound_conditions(text: str) -> None:
    assert choice(text) == []


def test_conditions_outside_the_subset() -> None:
    assert choice("decision.__class__") == [("expression_refused", "g_to_yes")]


@pytest.mark.parametrize(("text", "hint"), [("${a}", "其他引擎"), ("= a", "FEEL"), ("a && b", "and")])
def test_foreign_dialects_get_a_hint(text: str, hint: str) -> None:
    gateway = node("exclusiveGateway", "g", default="g_to_no")
    data = process(
        start(), task("job"), gateway, end("yes"), end("no"), flows("begin > job > g > no", f"g > yes [{text}]")
    )
    assert hint in problems(data)["expression_refused"].message


def test_unknown_functions() -> None:
    assert choice("end_of_working_day(3) == decision") == []
    assert choice("launch(3) == decision") == [("function_unknown", "g_to_yes")]


def test_variables_that_nothing_sets() -> None:
    assert choice("desicion == 'pass'") == [("variable_unset", "g_to_yes")]


def test_an_unknown_form_is_one_problem_and_silences_what_may_hang_on_it() -> None:
    assert choice("anything == 'pass'", "new_form") == [("form_unknown", "job")]


def test_a_variable_read_before_the_unknown_form_is_still_judged() -> None:
    data = process(
        start(), node("serviceTask", "s", ours('<wm:service name="draw" unit="typo" result="r"/>')),
        task("job", "new_form"), end(), flows("begin > s > job > finish"),
    )  # fmt: skip
    assert set(found(data)) == {("variable_unset", "s"), ("form_unknown", "job")}


def test_an_unknown_form_inside_a_subprocess_silences_what_comes_behind_the_subprocess() -> None:
    inner = start("s") + task("job", "new_form") + end("e") + flows("s > job > e")
    gateway = node("exclusiveGateway", "g", default="g_to_no")
    data = process(
        start(), node("subProcess", "sub", inner), gateway, end("yes"), end("no"),
        flows("begin > sub > g > no", "g > yes [anything == 1]"),
    )  # fmt: skip
    assert found(data) == [("form_unknown", "job")]


def test_what_scripts_services_and_items_set_is_known() -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>people</loopDataInputRef><loopDataOutputRef>votes"
        '</loopDataOutputRef><inputDataItem id="one"/><outputDataItem id="vote"/></multiInstanceLoopCharacteristics>'
    )
    data = process(
        start(), node("scriptTask", "set", "<script>people = [1, 2]\nmore = people + [3]</script>"),
        node("serviceTask", "s", ours('<wm:service name="draw" unit="len(more)" result="drawn"/>')),
        task("sign", "fill", loop, region="", person="one"),
        node("serviceTask", "t", ours('<wm:service name="draw" unit="len(votes) + drawn" result="again"/>')),
        end(), flows("begin > set > s > sign > t > finish"),
    )  # fmt: skip
    assert found(data) == []
    outside = data.replace(b"len(votes)", b"len(one)")
    assert found(outside) == [("variable_unset", "t")]


def test_what_one_of_many_answers_is_not_seen_outside() -> None:
    loop = (
        "<multiInstanceLoopCharacteristics><loopDataInputRef>region</loopDataInputRef><loopDataOutputRef>votes"
        '</loopDataOutputRef><inputDataItem id="one"/><outputDataItem id="vote"/></multiInstanceLoopCharacteristics>'
    )
    gateway = node("exclusiveGateway", "g", default="g_to_no")
    data = process(
        start(), task("job", "review", loop), gateway, end("yes"), end("no"),
        flows("begin > job > g > no", "g > yes [decision == 'pass']"),
    )  # fmt: skip
    assert found(data) == [("variable_unset", "g_to_yes")]
    assert found(data.replace(b"decision == 'pass'", b"all(v['decision'] == 'pass' for v in votes)")) == []


def test_values_that_never_occur() -> None:
    assert choice("decision == 'refuse'") == [("value_never_occurs", "g_to_yes")]
    assert choice("decision in ('pass', 'refuse')") == [("value_never_occurs", "g_to_yes")]


def test_a_value_that_a_script_sets_does_occur() -> None:
    gateway = node("exclusiveGateway", "g", default="g_to_no")
    data = process(
        start(), node("scriptTask", "set", "<script>decision = 'later'</script>"), task("job"), gateway,
        end("yes"), end("no"), flows("begin > set > job > g > no", "g > yes [decision == 'later']"),
    )  # fmt: skip
    assert found(data) == []


@pytest.mark.parametrize(
    ("script", "is_fine"),
    [
        ("x = 1", True), ("x = 1\ny = x + len(region)", True), ("", False), ("import os", False), ("x += 1", False),
        ("x.y = 1", False), ("x = y = 1", False), ("print(1)", False), ("for i in x: y = 1", False), ("x = (", False),
        ("x = open('a').read()", False), ("x, y = 1, 2", False),
    ],
)  # fmt: skip
def test_scripts(script: str, is_fine: bool) -> None:
    data = process(
        start(), node("scriptTask", "s", f"<script><![CDATA[{script}]]></script>"), end(), flows("begin > s > finish")
    )
    assert (found(data) == []) is is_fine


def test_a_script_in_another_language() -> None:
    data = process(
        start(),
        node("scriptTask", "s", "<script>x = 1</script>", scriptFormat="groovy"),
        end(),
        flows("begin > s > finish"),
    )
    assert found(data) == [("script_format", "s")]


def test_reserved_names_in_scripts() -> None:
    data = process(
        start(), node("scriptTask", "s", "<script>typename = 1</script>"), end(), flows("begin > s > finish")
    )
    assert found(data) == [("name_reserved", "s")]


def test_the_lines_of_a_script() -> None:
    lines, error = analyse_script("x = 1\ny = x + z")
    assert error is None
    assert [(line.name, set(line.expression.names)) for line in lines] == [("x", set()), ("y", {"x", "z"})]
