"""The diagram that a new process starts with, and a foreign one made ours: only the id of its process changes."""

from typing import Final
from xml.sax.saxutils import quoteattr

from lxml import etree

from workflows.bpmn import BPMN, OURS

_DI: Final = "http://www.omg.org/spec/BPMN/20100524/DI"
_BLANK: Final = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="{bpmn}" xmlns:bpmndi="{di}" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:wm="{ours}" id={definitions} targetNamespace="urn:wenming:processes">
  <bpmn:process id={process} name={name} isExecutable="true">
    <bpmn:startEvent id="begin" name="开始" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram">
    <bpmndi:BPMNPlane id="plane" bpmnElement={process}>
      <bpmndi:BPMNShape id="begin_shape" bpmnElement="begin">
        <dc:Bounds x="160" y="160" width="36" height="36" />
        <bpmndi:BPMNLabel><dc:Bounds x="167" y="203" width="22" height="14" /></bpmndi:BPMNLabel>
      </bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""  # noqa: E501 (one line of XML)


def blank_diagram(process: str, name: str) -> str:
    """A diagram with nothing but a start event."""
    return _BLANK.format(
        bpmn=BPMN,
        di=_DI,
        ours=OURS,
        process=quoteattr(process),
        name=quoteattr(name),
        definitions=quoteattr(f"{process}_definitions"),
    )


def rename_process(root: etree._Element, process: str) -> str | None:
    """The file with its first executable process (else its first) called ``process``; None if it holds no process.

    Everything that refers to it by id is changed with it: pools, planes, call activities.
    """
    found = list(root.iter(f"{{{BPMN}}}process"))
    if not found:
        return None
    chosen = next((p for p in found if p.get("isExecutable", "").lower() in ("true", "1")), found[0])
    old = chosen.get("id", "")
    chosen.set("id", process)
    chosen.set("isExecutable", "true")
    for node in root.iter(etree.Element):
        for attribute in ("processRef", "bpmnElement", "calledElement"):
            if old and node.get(attribute) == old:
                node.set(attribute, process)
    return etree.tostring(root, encoding="unicode")
