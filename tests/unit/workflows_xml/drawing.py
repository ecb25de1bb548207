"""Small diagrams for tests: nodes and flows in a line or two instead of a page of XML."""

import re
from collections.abc import Mapping
from itertools import pairwise

from workflows.checks import Facts, FormFacts, Problem, ServiceFacts, check_definition

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:wm="urn:wenming:bpmn:1" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI"'
)
OUTCOME = '<wm:outcome status="completed" value="done" name="办结"/>'
FACTS = Facts(
    forms={
        "review": FormFacts({"decision": "string"}, "decision", ("pass", "return")),
        "fill": FormFacts({"score": "number", "sent": "string"}, "sent", ("submit",)),
    },
    services={"draw": ServiceFacts(required=frozenset({"unit"}), optional=frozenset({"seed"}))},
    roles=frozenset({"clerk", "reviewer"}),
    functions=frozenset({"end_of_working_day"}),
    start_variables=frozenset({"unit_id", "region"}),
    messages={"withdrawal": frozenset()},
)


def node(kind: str, key: str, inner: str = "", **attributes: str) -> str:
    """One flow node; `inner` is XML."""
    words = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<{kind} id="{key}"{words}>{inner}</{kind}>'


def ours(*extensions: str) -> str:
    """Extension elements."""
    return f"<extensionElements>{''.join(extensions)}</extensionElements>"


def task(key: str, form: str = "review", inner: str = "", **assignment: str) -> str:
    """A user task with everything that it needs."""
    who = {"roles": "reviewer", "region": "region"} | assignment
    words = " ".join(f'{name}="{value}"' for name, value in who.items() if value)
    parts = ours(f'<wm:form key="{form}"/>', f"<wm:assignment {words}/>", '<wm:deadline working_days="5"/>')
    return node("userTask", key, parts + inner)


def start(key: str = "begin") -> str:
    """A start event."""
    return node("startEvent", key)


def end(key: str = "finish") -> str:
    """An end event with an outcome."""
    return node("endEvent", key, ours(OUTCOME))


def flows(*texts: str) -> str:
    """Flows written as `a > b > c`; a condition in brackets belongs to the flow before it: `g > b [x == 1]`."""
    found = []
    for text in texts:
        line, condition = re.fullmatch(r"([^\[]*)(?:\[(.*)\])?", text, re.S).groups()
        keys = [key.strip() for key in line.split(">")]
        inside = f"<conditionExpression><![CDATA[{condition}]]></conditionExpression>" if condition else ""
        for source, target in pairwise(keys):
            ends = f'sourceRef="{source}" targetRef="{target}"'
            found.append(f'<sequenceFlow id="{source}_to_{target}" {ends}>{inside}</sequenceFlow>')
    return "".join(found)


def process(*parts: str, top: str = "", **attributes: str) -> bytes:
    """A file with one process."""
    words = "".join(f' {n}="{v}"' for n, v in ({"id": "p", "isExecutable": "true"} | attributes).items())
    return f"<definitions {NAMESPACES}>{top}<process{words}>{''.join(parts)}</process></definitions>".encode()


def whole(*parts: str, top: str = "") -> bytes:
    """A file in which begin > first > ask > (finish | first) surrounds nothing else wrong; `parts` are added."""
    return process(
        start(), task("first", "fill"), task("second"), node("exclusiveGateway", "ask", default="ask_to_finish"), end(),
        flows("begin > first > second > ask > finish", "ask > first [decision == 'return']"), *parts, top=top,
    )  # fmt: skip


def found(data: bytes, facts: Facts | None = FACTS) -> list[tuple[str, str]]:
    """(code, element) of every problem."""
    return [(p.code, p.element) for p in check_definition(data, facts)]


def problems(data: bytes, facts: Facts | None = FACTS) -> Mapping[str, Problem]:
    """Problems by code (the first of each)."""
    result: dict[str, Problem] = {}
    for problem in check_definition(data, facts):
        result.setdefault(problem.code, problem)
    return result
