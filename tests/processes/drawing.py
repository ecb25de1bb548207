"""Draws small BPMN diagrams as text for tests: one function per element, joined by `diagram`."""

from itertools import pairwise
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:wm="urn:wenming:bpmn:1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def diagram(*parts: str, messages: tuple[str, ...] = (), signals: tuple[str, ...] = ()) -> bytes:
    """A file with one process `p` made of `parts`; messages have the id `m_<name>`, signals `s_<name>`."""
    declared = "".join(f'<bpmn:message id="m_{name}" name="{name}"/>' for name in messages)
    declared += "".join(f'<bpmn:signal id="s_{name}" name="{name}"/>' for name in signals)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions {_NAMESPACES} targetNamespace="t">{declared}'
        f'<bpmn:process id="p" name="测试" isExecutable="true">{"".join(parts)}</bpmn:process></bpmn:definitions>'
    ).encode()


def element(tag: str, key: str, inside: str = "", **attributes: str) -> str:
    extra = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    return f'<bpmn:{tag} id="{key}" name="{key}"{extra}>{inside}</bpmn:{tag}>'


def start(key: str = "start") -> str:
    return element("startEvent", key)


def end(key: str = "end", outcome: str = "", inside: str = "") -> str:
    extension = f"<bpmn:extensionElements><wm:outcome {outcome}/></bpmn:extensionElements>" if outcome else ""
    return element("endEvent", key, extension + inside)


def task(key: str, inside: str = "") -> str:
    return element("userTask", key, inside)


def script(key: str, text: str) -> str:
    return element("scriptTask", key, f"<bpmn:script>{escape(text)}</bpmn:script>")


def service(key: str, attributes: str) -> str:
    call = f"<bpmn:extensionElements><wm:service {attributes}/></bpmn:extensionElements>"
    return element("serviceTask", key, call)


def choice(key: str, default: str = "") -> str:
    return element("exclusiveGateway", key, **({"default": default} if default else {}))


def fork(key: str) -> str:
    return element("parallelGateway", key)


def some(key: str, default: str = "") -> str:
    return element("inclusiveGateway", key, **({"default": default} if default else {}))


def race(key: str) -> str:
    return element("eventBasedGateway", key)


def sub(key: str, *parts: str) -> str:
    return element("subProcess", key, "".join(parts))


def timer(expression: str, kind: str = "timeDate") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{kind}>{escape(expression)}</bpmn:{kind}></bpmn:timerEventDefinition>"


def message(name: str) -> str:
    return f'<bpmn:messageEventDefinition messageRef="m_{name}"/>'


def signal(name: str) -> str:
    return f'<bpmn:signalEventDefinition signalRef="s_{name}"/>'


def catch(key: str, definition: str) -> str:
    return element("intermediateCatchEvent", key, definition)


def boundary(key: str, host: str, definition: str, *, interrupting: bool = True) -> str:
    return element("boundaryEvent", key, definition, attachedToRef=host, cancelActivity=str(interrupting).lower())


def signing(
    collection: str = "signers",
    item: str = "signer",
    output: str = "votes",
    output_item: str = "vote",
    condition: str = "",
    *,
    sequential: bool = False,
) -> str:
    """Multi-instance characteristics over a collection."""
    completion = f"<bpmn:completionCondition>{escape(condition)}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopDataInputRef>{collection}</bpmn:loopDataInputRef>"
        f"<bpmn:loopDataOutputRef>{output}</bpmn:loopDataOutputRef>"
        f'<bpmn:inputDataItem id="{item}"/><bpmn:outputDataItem id="{output_item}"/>{completion}'
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def flow(source: str, target: str, condition: str = "") -> str:
    """A sequence flow; its id is `<source>-<target>`."""
    text = f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>" if condition else ""
    return element("sequenceFlow", f"{source}-{target}", text, sourceRef=source, targetRef=target)


def chain(*keys: str) -> str:
    """Flows that lead through `keys` in order."""
    return "".join(flow(a, b) for a, b in pairwise(keys))
