"""Published versions ready to run: parsed diagram, compiled forms and assignments, cached per process by version id.

Nothing is parsed on a request path after :func:`preload`; a version that another process published is read
once when it is first met.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.compile import CompiledForm, compile_form
from webapp.deadlines.endings import Ending, ending_of
from webapp.definitions.models import ProcessVersion
from webapp.problems import NotFound
from webapp.reminders.stages import Plan, plan_of
from workflows import Definition, load_definition
from workflows.catalogue import Element
from workflows.outline import OutlineItem, outline

START_FORM = "start"


@dataclass(frozen=True)
class Assignment:
    """Who may do a step, as the diagram declares it in ``wm:assignment``."""

    roles: tuple[str, ...]
    region: str | None
    organisation: str | None
    person: str | None
    persons: int
    exclude_unit: bool
    exclude_elements: tuple[str, ...]


@dataclass(frozen=True)
class Clock:
    """The clock of a whole case, as the diagram declares it in ``wm:clock``."""

    working_days: int | None
    pauses: frozenset[str]
    """The elements during which it stands still, with everything inside them."""


@dataclass(frozen=True)
class Published:
    """One version of a process, ready to run."""

    id: int
    process: str
    version: int
    name: str
    definition: Definition
    forms: Mapping[str, CompiledForm]

    def form_of(self, element: str) -> CompiledForm | None:
        """The form of a user task, if its diagram names one."""
        return self.forms.get(self.form_keys.get(element, element))

    @cached_property
    def start_form(self) -> CompiledForm | None:
        return self.forms.get(START_FORM)

    @cached_property
    def form_keys(self) -> dict[str, str]:
        found = {}
        for element in self.definition.catalogue.elements.values():
            attributes = extension(element, "form")
            if attributes:
                found[element.id] = attributes.get("key", element.id)
        return found

    @cached_property
    def assignments(self) -> dict[str, Assignment]:
        """Who does each step: as it says itself, else as its lane or what is around it says."""
        catalogue = self.definition.catalogue
        tasks = (e.id for e in catalogue.elements.values() if e.type == "userTask")
        return {key: _assignment(catalogue.assignment(key) or {}) for key in tasks}

    @cached_property
    def deadlines(self) -> dict[str, dict[str, str] | None]:
        elements = self.definition.catalogue.elements.values()
        return {e.id: extension(e, "deadline") for e in elements if e.type == "userTask"}

    @cached_property
    def reminders(self) -> dict[str, Plan]:
        """When people are told about the deadline of a step, as ``wm:reminders`` declares it."""
        elements = self.definition.catalogue.elements.values()
        return {e.id: plan_of(extension(e, "reminders")) for e in elements if e.type == "userTask"}

    @cached_property
    def endings(self) -> dict[str, Ending]:
        """What happens at the end of the time of a step, as ``wm:overdue`` declares it."""
        elements = self.definition.catalogue.elements.values()
        return {e.id: ending_of(extension(e, "overdue")) for e in elements if e.type == "userTask"}

    @cached_property
    def successors(self) -> dict[str, Assignment]:
        """Who takes a step over at the end of its time."""
        elements = self.definition.catalogue.elements
        return {key: _assignment(extension(elements[key], "overdue") or {}) for key in self.endings}

    @cached_property
    def copies(self) -> dict[str, Assignment]:
        """Who gets a copy (抄送) when a step is done, as ``wm:cc`` declares it."""
        declared = {e.id: extension(e, "cc") for e in self.definition.catalogue.elements.values()}
        return {key: _assignment(attributes) for key, attributes in declared.items() if attributes is not None}

    @cached_property
    def clock(self) -> Clock:
        """How long a case may take, and where its time does not run."""
        catalogue = self.definition.catalogue
        given = catalogue.processes[self.process].extensions.get("clock") or ({},)
        named = frozenset(given[0].get("pauses", "").split())
        pauses = (key for key in catalogue.elements if any(e.id in named for e in catalogue.around(key)))
        days = given[0].get("working_days")
        return Clock(int(days) if days else None, frozenset(pauses))

    @cached_property
    def timed(self) -> frozenset[str]:
        """The steps with a timer at their border: at the due moment the diagram itself goes on."""
        catalogue = self.definition.catalogue
        found = (catalogue.elements[key] for keys in catalogue.attached.values() for key in keys)
        return frozenset(e.attached_to for e in found if e.attached_to and e.event and e.event.kind == "timer")

    @cached_property
    def bulk_elements(self) -> dict[str, frozenset[str] | None]:
        """The steps that may be decided for many cases together, with the outcomes that may be given so (or any).

        Nothing may unless its diagram says so: to decide a case means to have looked at it.
        """
        found = {e.id: extension(e, "bulk") for e in self.definition.catalogue.elements.values()}
        return {
            key: frozenset(given["outcomes"].split()) if given.get("outcomes") else None
            for key, given in found.items()
            if given is not None
        }

    def refuses_together(self, element: str, outcome: str | None = None) -> str | None:
        """Why a step cannot be decided for many cases together (Chinese), or cannot be with that outcome."""
        name = self.name_of(element)
        if element not in self.bulk_elements:
            return f"“{name}”需要逐件办理，流程图没有允许批量。"
        if extension(self.definition.catalogue.elements[element], "signature") is not None:
            return f"“{name}”需要手写签名，请逐件办理。"
        allowed = self.bulk_elements[element]
        if outcome is not None and allowed is not None and outcome not in allowed:
            return f"“{self.outcome_label(element, outcome)}”需要逐件写明意见，不能批量办理。"
        return None

    @cached_property
    def acknowledged(self) -> dict[str, dict[str, Any]]:
        """The steps that a link in a mail may answer by itself, without a login, with what it answers."""
        elements = self.definition.catalogue.elements.values()
        marked = [e.id for e in elements if e.type == "userTask" and extension(e, "acknowledge") is not None]
        forms = {key: self.form_of(key) for key in marked}
        answers = {key: form.acknowledgement if form else {} for key, form in forms.items()}
        return {key: answer for key, answer in answers.items() if answer is not None}

    @cached_property
    def signatures(self) -> dict[str, str]:
        """Step → the field of its form that holds the picture of a signature, as ``wm:signature`` declares it."""
        elements = self.definition.catalogue.elements.values()
        found = {e.id: extension(e, "signature") for e in elements if e.type == "userTask"}
        return {
            key: attributes.get("field", "signature") for key, attributes in found.items() if attributes is not None
        }

    @cached_property
    def items(self) -> dict[str, str]:
        """Element inside a multi-instance → the name of its item variable."""
        catalogue, found = self.definition.catalogue, {}
        for element in catalogue.elements.values():
            scope: Element | None = element
            while scope is not None:
                if scope.loop is not None and scope.loop.item:
                    found[element.id] = scope.loop.item
                scope = catalogue.elements.get(scope.parent)
        return found

    @cached_property
    def signed_together(self) -> frozenset[str]:
        """The steps that several people do of the same matter (会签): multi-instance tasks, not parts of a branch."""
        return frozenset(
            e.id for e in self.definition.catalogue.elements.values() if e.type == "userTask" and e.loop is not None
        )

    @cached_property
    def signed_in_turn(self) -> frozenset[str]:
        """Those of them that people do one after the other (依次)."""
        elements = self.definition.catalogue.elements
        return frozenset(key for key in self.signed_together if (loop := elements[key].loop) and loop.sequential)

    @cached_property
    def outline(self) -> list[OutlineItem]:
        """The diagram as text, in reading order."""
        return outline(self.definition.catalogue)

    def prefilled_from(self, element: str) -> tuple[str, ...]:
        """The steps whose last answers a step starts from: those with a form of the same fields."""
        form = self.form_of(element)
        mine = set(form.variables) if form else set()
        alike = [other for other in self.form_keys if mine and len(mine & self._fields_of(other)) * 2 > len(mine) > 3]
        return tuple(alike)

    def _fields_of(self, element: str) -> set[str]:
        form = self.form_of(element)
        return set(form.variables) if form else set()

    def name_of(self, element: str | None) -> str:
        """The Chinese name of an element, also of one that other versions have; or its id."""
        found = self.definition.catalogue.elements.get(element or "")
        known = found.name if found else _names.get((self.process, element or ""))
        return known or (element or "")

    def outcome_label(self, element: str | None, outcome: str | None) -> str:
        """What an outcome of a step is called in its form."""
        return self._outcome_labels.get((element or "", outcome or ""), outcome or "")

    @cached_property
    def _outcome_labels(self) -> dict[tuple[str, str], str]:
        found = {}
        for element in self.definition.catalogue.elements:
            form = self.form_of(element)
            for choice in form.outcomes if form else ():
                found[element, str(choice.value)] = choice.label
        return found


def extension(element: Any, name: str) -> dict[str, str] | None:
    """The attributes of the first extension ``name`` of a catalogue element."""
    found = element.extensions.get(name)
    return dict(found[0]) if found else None


def _assignment(attributes: Mapping[str, str]) -> Assignment:
    exclude = attributes.get("exclude", "").split()
    return Assignment(
        roles=tuple(attributes.get("roles", "").split()),
        region=attributes.get("region"),
        organisation=attributes.get("organisation"),
        person=attributes.get("person"),
        persons=int(attributes.get("persons", "1")),
        exclude_unit=attributes.get("organisation") != "unit_id",
        exclude_elements=tuple(part.removeprefix("acted:") for part in exclude if part.startswith("acted:")),
    )


_published: dict[int, Published] = {}
_names: dict[tuple[str, str], str] = {}
"""Process and element → its name, in every version that was read."""
_lock = Lock()


def get_published(session: Session, version_id: int) -> Published:
    """The version with this id, from the cache of the process or, the first time, from the database."""
    found = _published.get(version_id)
    if found is None:
        row = session.get(ProcessVersion, version_id)
        if row is None:
            raise NotFound
        found = _prepare(row)
        elements = found.definition.catalogue.elements.values()
        _names.update({(row.process, e.id): e.name for e in elements if e.name})
        with _lock:
            found = _published.setdefault(version_id, found)
    return found


def _prepare(row: ProcessVersion) -> Published:
    tables = [text.encode() for text in row.tables.values()]
    return Published(
        id=row.id,
        process=row.process,
        version=row.version,
        name=row.name,
        definition=load_definition(row.bpmn.encode(), row.process, tables),
        forms={key: compile_form(document) for key, document in row.forms.items()},
    )


def find_current(session: Session, process: str) -> Published | None:
    """The version that new instances of ``process`` start on."""
    query = select(ProcessVersion.id).where(ProcessVersion.process == process, ProcessVersion.is_current)
    version_id = session.scalar(query)
    return None if version_id is None else get_published(session, version_id)


def list_current(session: Session) -> list[Published]:
    """The current version of every process, in one statement."""
    query = select(ProcessVersion.id).where(ProcessVersion.is_current).order_by(ProcessVersion.process)
    return [get_published(session, version_id) for version_id in session.scalars(query).all()]


def preload(session: Session) -> None:
    """Read every current version into the cache, before the first request."""
    list_current(session)
