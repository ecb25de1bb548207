"""Which variables a diagram sets, where they can be seen, and what they can hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from workflows.bpmn import Element
from workflows.checks.people import known_form
from workflows.checks.places import script_text
from workflows.checks.subject import Subject
from workflows.python_subset import analyse_script

Values = frozenset[str] | None  # the texts a variable can hold; None: anything


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable that an element sets. What is set inside a multi-instance stays `within` that activity."""

    name: str
    values: Values = None
    within: str | None = None


def read_settings(subject: Subject) -> Iterator[Setting]:
    """Everything that forms, services, scripts, messages and multi-instances of the diagram set."""
    for element in subject.elements:
        within = _instance(subject, element.id)
        for name, values in _set_by(subject, element):
            yield Setting(name, values, within)
        if element.loop is not None and element.loop.output:
            yield Setting(element.loop.output, None, _instance(subject, element.parent))
        signing = element.extension("signing")
        if signing and signing.get("result"):
            yield Setting(signing["result"], None, _instance(subject, element.parent))


def set_by(subject: Subject, element: Element) -> Iterator[str]:
    """The names of everything that is set once an element is done, as it is seen behind it."""
    yield from (name for name, _values in _set_by(subject, element))
    if element.loop is not None and element.loop.output:
        yield element.loop.output
    signing = element.extension("signing")
    if signing and signing.get("result"):
        yield signing["result"]


def _instance(subject: Subject, element_id: str) -> str | None:
    """The multi-instance that an element is done in, if it is."""
    around = subject.catalogue.around(element_id)
    return next((e.id for e in around if e.loop is not None and e.loop.kind == "multi"), None)


def _set_by(subject: Subject, element: Element) -> Iterator[tuple[str, Values]]:
    if element.type == "userTask":
        yield from _set_by_form(subject, element)
    elif element.type == "serviceTask":
        yield from _set_by_service(subject, element)
    elif element.type == "scriptTask":
        yield from _set_by_script(element)
    elif element.type == "businessRuleTask":
        decision = (element.extension("decision") or {}).get("ref", "")
        yield from ((name, None) for name in (subject.facts.decisions or {}).get(decision, ()))
    elif element.event and element.event.message:
        yield from ((name, None) for name in (subject.facts.messages or {}).get(element.event.message, ()))


def _set_by_form(subject: Subject, task: Element) -> Iterator[tuple[str, Values]]:
    form = known_form(subject, task)
    if form is not None:
        yield from ((name.partition(".")[0], None) for name in form.variables if name != form.outcome)
        if form.outcome:
            yield form.outcome, frozenset(form.outcome_values)


def _set_by_service(subject: Subject, element: Element) -> Iterator[tuple[str, Values]]:
    call = element.extension("service")
    if call and call.get("result"):
        service = (subject.facts.services or {}).get(call.get("name", ""))
        values = service.result_values if service else ()
        yield call["result"], frozenset(values) if values else None


def _set_by_script(element: Element) -> Iterator[tuple[str, Values]]:
    for line in analyse_script(script_text(element))[0]:
        constant = line.expression.constant
        yield line.name, frozenset({constant}) if isinstance(constant, str) else None


def sets_anything(subject: Subject, element: Element) -> bool:
    """Whether it is not known what an element sets."""
    if element.type == "userTask":
        return known_form(subject, element) is None
    if element.type == "serviceTask":
        return element.extension("service") is None
    if element.type == "scriptTask":
        return analyse_script(script_text(element))[1] is not None
    if element.event and element.event.message:
        return element.event.message not in (subject.facts.messages or {})
    return element.type in ("businessRuleTask", "callActivity")
