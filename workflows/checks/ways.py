"""The ways through all levels of a diagram at once: into subprocesses and out of them, and by events at borders."""

from collections.abc import Iterator

from workflows.bpmn import Element
from workflows.checks.subject import Subject


def all_ways(subject: Subject) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The ways through all levels at once; a subprocess has a node where it begins and one where it is over."""
    catalogue = subject.catalogue
    for element in subject.elements:
        parent = catalogue.elements.get(element.parent)
        beyond = (over(parent),) if parent is not None and not element.outgoing else ()
        attached = catalogue.attached.get(element.id, ())
        if element.id in catalogue.contents:
            yield element.id, (*catalogue.starts(element.id), *attached)
            yield over(element), (*catalogue.targets(element.id), *beyond)
        else:
            yield element.id, (*catalogue.targets(element.id), *attached, *beyond)


def over(element: Element) -> str:
    """The node at which a subprocess is over."""
    return f"{element.id}\0over"


def out_of(subject: Subject, element: Element) -> str:
    """The node from which the ways on from an element lead."""
    return over(element) if element.id in subject.catalogue.contents else element.id
