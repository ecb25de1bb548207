"""Texts in diagrams are data: whatever they say, nothing of Python is run, and nothing can hang or fill a worker."""

from pathlib import Path

import pytest

from tests.processes.drawing import (
    boundary,
    chain,
    choice,
    diagram,
    end,
    flow,
    script,
    service,
    signing,
    start,
    task,
    timer,
)
from tests.processes.playing import Played, context

ATTACKS = [
    "__import__('os').system('touch {mark}')",
    "open('{mark}', 'w')",
    "eval(\"open('{mark}', 'w')\")",
    "exec(\"open('{mark}', 'w')\")",
    "().__class__.__base__.__subclasses__()",
    "(lambda: open('{mark}', 'w'))()",
    "[c for c in ''.__class__.__mro__[1].__subclasses__()]",
    "'{{0.__class__}}'.format(1)",
    "f'{{open}}'",
    "after.__globals__",
    "after.__code__",
    "print",
    "getattr",
    "(x := 1)",
    "yes.__class__",
]
BOMBS = [
    "9**9**9",
    "9**9999999",
    "'a' * 10**9",
    "[0] * 10**9",
    "2 ** 64 ** 64",
    "1 << 10**9",
    "'%999999999d' % 1",
    "'{:>999999999}'.format(1)",
    "'a'.ljust(999999999)",
    "'a'.zfill(999999999)",
    "[[[[a for a in big] for b in big] for c in big] for d in big]",
    "[big for a in big]",
    "str([big for a in big])",
    "sum([[a] for a in big], [])",
    "+".join(["1"] * 5000),
    "-" * 5000 + "1",
    "(" * 500 + "1" + ")" * 500,
    "[" + "*big," * 900 + "]",
    "[x for x in [[x, x] for x in [[x, x] for x in [[x, x] for x in [[x, x] for x in [big]]]]]] == big",
    "int('9' * 5000)",
    "big.append(1)",
]
BIG = {"big": list(range(2000)), "yes": True}


def in_script(text: str) -> bytes:
    drawn = script("here", f"found = {text}")
    return diagram(start(), task("go"), drawn, task("after_it"), end(), chain("start", "go", "here", "after_it", "end"))


def in_condition(text: str) -> bytes:
    return diagram(
        start(), task("go"), choice("here", default="here-other"), task("after_it"), task("other"), end(),
        chain("start", "go", "here", "other", "end"), flow("here", "after_it", text), chain("after_it", "end"),
    )  # fmt: skip


def in_timer(text: str) -> bytes:
    return diagram(
        start(), task("go"), task("after_it"), boundary("here", "after_it", timer(text)), end(),
        chain("start", "go", "after_it", "end"), chain("here", "end"),
    )  # fmt: skip


def in_argument(text: str) -> bytes:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    drawn = service("here", f'name="look" what="{escaped}"')
    return diagram(start(), task("go"), drawn, task("after_it"), end(), chain("start", "go", "here", "after_it", "end"))


def in_completion(text: str) -> bytes:
    signed = task("here", signing("big", condition=text))
    return diagram(
        start(), task("go"), signed, task("after_it"), end(), chain("start", "go", "here", "after_it", "end")
    )


PLACES = [in_script, in_condition, in_timer, in_argument]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", ATTACKS)
def test_python_in_a_diagram_stays_inert_after_a_restore(text: str, place, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    played = Played(place(text.format(mark=mark)), BIG, context(look=lambda what: None))
    step = played.do("go")
    assert not mark.exists()
    assert step.incidents or step.failed_entering
    assert "after_it" not in played.elements


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("text", BOMBS, ids=range(len(BOMBS)))
def test_no_text_can_hang_or_fill_a_worker(text: str, place) -> None:
    played = Played(place(text), BIG, context(look=lambda what: None))
    step = played.do("go")
    assert step.incidents or step.failed_entering
    assert len(step.state) < 100_000


def test_a_completion_condition_is_as_inert(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    played = Played(in_completion(f"open('{mark}', 'w')"), {"big": [1, 2]})
    played.do("go")
    step = played.do("here", signer=1)
    assert step.failed_entering is not None
    assert not mark.exists()


def test_a_number_of_instances_is_bounded() -> None:
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>10 ** 9</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    step = Played(diagram(start(), task("sign", loop), end(), chain("start", "sign", "end"))).step
    assert step.failed_entering is not None
    assert step.failed_entering.error_type == "SignersError"


@pytest.mark.parametrize(
    "text",
    ["import os", "a.b = 1", "a[0] = 1", "a += 1", "a = b = 1", "for x in big: y = x", "a, b = 1, 2", "del big", "1"],
)
def test_scripts_only_assign(text: str) -> None:
    drawn = diagram(start(), script("here", text), task("look"), end(), chain("start", "here", "look", "end"))
    (incident,) = Played(drawn, BIG | {"a": [0], "b": 1}).step.incidents
    assert incident.error_type == "ExpressionError"


def test_a_script_cannot_build_data_line_by_line_beyond_all_bounds() -> None:
    lines = "\n".join(["a = [1]", *["a = [a, a]"] * 29])
    drawn = diagram(start(), script("here", lines), task("look"), end(), chain("start", "here", "look", "end"))
    assert Played(drawn).step.incidents
