"""Any file gets an answer: arbitrary bytes, mutated diagrams, random graphs, huge and hostile ones; nothing raises."""

import random
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.unit.workflows_xml.drawing import FACTS, NAMESPACES, whole
from workflows.bpmn import FLOW_NODES
from workflows.checks import Problem, check_file
from workflows.outline import ahead, describe, describe_ahead, outline
from workflows.picture import draw
from workflows.safe_xml import UnsafeXmlError

SHIPPED = (Path(__file__).parents[3] / "workflows" / "diagrams" / "declaration.bpmn").read_bytes()
KINDS = sorted(FLOW_NODES | {"textAnnotation", "laneSet", "dataStoreReference"})
EVENTS = ["timer", "message", "signal", "error", "terminate", "compensate", "link", "nonsense"]
TEXTS = ["", "x", "x == 1", "P5D", "'PT0S'", "${x}", "__import__('os')", "((((", "1 if", "中文", "x" * 5000]


def everything(data: bytes) -> list[Problem]:
    """Check, outline and picture of a file; fails where one of them raises or a rule gave up."""
    problems, catalogue = check_file(data, FACTS)
    assert "check_failed" not in {p.code for p in problems}
    if catalogue is not None:
        items = outline(catalogue)
        assert {item.element for item in items} == set(catalogue.elements)
        assert all(describe(item) for item in items)
        assert all(describe_ahead(item) for item in ahead(catalogue, list(catalogue.elements)[:20]))
        etree.fromstring(draw(data, dict.fromkeys(catalogue.elements, "open"), set(catalogue.flows)))
    return problems


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_arbitrary_bytes(data: bytes) -> None:
    assert [p.code for p in everything(data)]


@st.composite
def graphs(draw_one: Callable[..., object]) -> bytes:
    """Random elements and flows, often with references to nothing and texts that are no expressions."""
    size = draw_one(st.integers(1, 14))
    keys = [f"n{i}" for i in range(size)]
    some_key = st.sampled_from([*keys, "gone", "p", ""])
    text = st.sampled_from(TEXTS)
    parts = []
    for key in keys:
        kind, event = draw_one(st.sampled_from(KINDS)), draw_one(st.sampled_from(EVENTS))
        inner = f"<{event}EventDefinition><timeDate><![CDATA[{draw_one(text)}]]></timeDate></{event}EventDefinition>"
        inner += f"<script><![CDATA[{draw_one(text)}]]></script>" if draw_one(st.booleans()) else ""
        closing = f"</{kind}>" if draw_one(st.booleans()) else None  # else what follows is nested in it
        parts.append(
            f'<{kind} id="{key}" default="{draw_one(some_key)}_" attachedToRef="{draw_one(some_key)}">'
            f"{inner if draw_one(st.booleans()) else ''}{closing or ''}"
        )
        parts.append("" if closing else f"\0{kind}")
    opened = [part[1:] for part in parts if part.startswith("\0")]
    body = "".join(part for part in parts if not part.startswith("\0"))
    flows = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="{draw_one(some_key)}" targetRef="{draw_one(some_key)}">'
        f"<conditionExpression><![CDATA[{draw_one(text)}]]></conditionExpression></sequenceFlow>"
        for i in range(draw_one(st.integers(0, 20)))
    )
    tail = "".join(f"</{kind}>" for kind in reversed(opened))
    return f'<definitions {NAMESPACES}><process id="p">{flows}{body}{tail}</process></definitions>'.encode()


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_random_graphs(data: bytes) -> None:
    everything(data)


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_mutated_diagrams(seed: int) -> None:
    """Attributes of the shipped diagram exchanged, elements removed, doubled and moved."""
    chance = random.Random(seed)
    root = etree.fromstring(SHIPPED)
    nodes = [n for n in root.iter() if isinstance(n.tag, str) and n.getparent() is not None]
    for node in chance.sample(nodes, 12):
        other = chance.choice(nodes)
        change = chance.choice(["swap", "drop", "empty", "text", "move"])
        if change == "swap" and node.attrib:
            node.set(chance.choice(list(node.attrib)), chance.choice(list(other.attrib.values()) or ["NaN"]))
        elif change == "drop" and node.getparent() is not None:
            node.getparent().remove(node)
        elif change == "empty":
            node.attrib.clear()
        elif change == "text":
            node.text = chance.choice(TEXTS)
        elif change == "move" and other not in node.iter() and node not in other.iter():
            other.append(node)
    everything(etree.tostring(root))


def chain(count: int) -> bytes:
    keys = ["begin", *(f"n{i}" for i in range(count)), "finish"]
    nodes = "".join(f'<userTask id="{key}" name="第 {key} 步"/>' for key in keys[1:-1])
    flows = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(keys))
    )
    ends = '<startEvent id="begin"/><endEvent id="finish"/>'
    return f'<definitions {NAMESPACES}><process id="p">{ends}{nodes}{flows}</process></definitions>'.encode()


def test_ten_thousand_elements_in_a_row() -> None:
    codes = {p.code for p in everything(chain(10_000))}
    assert {"assignment_missing", "more_of_these"} <= codes
    assert "too_complex" not in codes


def test_a_tangle_is_given_up_with_a_word() -> None:
    chance = random.Random(7)
    nodes = "".join(f'<parallelGateway id="n{i}"/>' for i in range(2_000))
    flows = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="n{chance.randrange(2_000)}" targetRef="n{chance.randrange(2_000)}"/>'
        for i in range(12_000)
    )
    assert "too_complex" in {p.code for p in everything(whole(nodes, flows))}


def test_more_elements_than_anybody_draws_are_not_looked_at_one_by_one() -> None:
    problems, catalogue = check_file(chain(30_000))
    assert [p.code for p in problems] == ["too_large"]
    assert catalogue is None


def test_endless_names_and_expressions() -> None:
    data = whole(
        f'<userTask id="{"i" * 50_000}" name="{"很" * 500_000}"/>',
        f"<sequenceFlow id='f'><conditionExpression>{'x+' * 200_000}",
    )
    everything(data.replace(b"</process>", b"</conditionExpression></sequenceFlow></process>"))


def test_subprocesses_as_deep_as_files_may_be() -> None:
    deep = "".join(f'<startEvent id="s{i}"/><subProcess id="p{i}">' for i in range(90)) + "</subProcess>" * 90
    assert "no_start" in {p.code for p in everything(whole(deep))}


@pytest.mark.parametrize("value", ["NaN", "inf", "-1e308", "1e9", "", "abc"])
def test_impossible_coordinates(value: str) -> None:
    data = re.sub(rb'(<dc:Bounds x=")[^"]*', rb"\g<1>" + value.encode(), SHIPPED)
    everything(data)


def test_unreadable_bytes_cannot_be_drawn() -> None:
    with pytest.raises(UnsafeXmlError):
        draw(b"<a>")


def test_the_shipped_diagram_has_no_errors() -> None:
    assert [p for p in check_file(SHIPPED)[0] if p.severity == "error"] == []
