"""What people see of a trial, as plain JSON: each step as it went, where the case stands, the form at hand."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from forms import FieldError
from forms.compile import CompiledForm
from forms.examples import example_data
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.clock import SHANGHAI
from webapp.instances.models import HistoryEntry, Incident
from webapp.instances.queries import states_of
from webapp.instances.running import STATUS_WORDS
from webapp.registry.models import Organisation
from webapp.tasks.answers import start_form_for
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.reading import open_task
from webapp.trials.files import samples, with_samples
from webapp.trials.playing import Play, is_begun_by_area, may_begin
from webapp.trials.sending import may_come
from webapp.trials.world import BODIES, PEOPLE
from workflows.outline import describe
from workflows.picture import draw

Json = dict[str, Any]
_USERNAMES = {number: username for username, number in PEOPLE.items()}


def local(instant: datetime | None) -> str | None:
    """``2026-03-13 23:59`` in Shanghai."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if instant else None


def record_of(play: Play, began: datetime) -> Json:
    """What the last step did and what holds after it."""
    way = Counter(play.case.way) - play.passed
    elements = [item.element for item in play.published.outline if item.element in way]
    return {
        "at": local(play.now),
        "way": elements,
        "flows": [flow for flow in play.published.definition.catalogue.flows if flow in way],
        "open": describe_tasks(play),
        "status": play.case.status,
        "outcome": play.case.outcome,
        "notes": _notes(play, began),
        "incidents": _incidents(play),
    }


def describe_tasks(play: Play) -> list[Json]:
    """The open tasks with their candidates and due times."""
    tasks = play.open_tasks()
    people = _candidates(play, tasks)
    return [
        {
            "element": task.element,
            "name": task.name,
            "item": task.item,
            "label": _item_words(play, task.item),
            "round": task.round,
            "due": local(task.due_at),
            "acts_at": local(task.acts_at),
            "candidates": [person["name"] for person in people.get(str(task.id), [])],
            "people": people.get(str(task.id), []),
        }
        for task in tasks
    ]


def _candidates(play: Play, tasks: Sequence[Task]) -> dict[str, list[Json]]:
    query = (
        select(TaskCandidate.task_id, TaskCandidate.reason, User.id, User.name, Organisation.name.label("office"))
        .join(User, User.id == TaskCandidate.user_id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(TaskCandidate.task_id.in_([task.id for task in tasks]), TaskCandidate.is_open)
        .order_by(User.id)
    )
    found: dict[str, list[Json]] = {}
    for row in play.session.execute(query):
        person = {"username": _USERNAMES.get(row.id, ""), "name": row.name, "office": row.office, "reason": row.reason}
        found.setdefault(str(row.task_id), []).append(person)
    return found


def _item_words(play: Play, item: Mapping[str, Any]) -> str:
    """An item of a multi-instance in words: the organisation or person that it numbers."""
    words = []
    for value in item.values():
        number = value if isinstance(value, int) else None
        found = play.session.get(Organisation, number) or play.session.get(User, number) if number else None
        words.append(found.name if found is not None else str(value))
    return "、".join(words)


def _notes(play: Play, began: datetime) -> list[str]:
    query = (
        select(HistoryEntry.comment)
        .where(HistoryEntry.instance_id == play.case.id, HistoryEntry.at >= began, HistoryEntry.machine)
        .where(HistoryEntry.comment.is_not(None), HistoryEntry.act != "incident")
        .order_by(HistoryEntry.id)
    )
    return [text for text in play.session.scalars(query) if text]


def _incidents(play: Play) -> list[str]:
    query = select(Incident.message).where(Incident.instance_id == play.case.id, Incident.status == "open")
    return list(play.session.scalars(query.order_by(Incident.id)))


def view_of(play: Play, look: Mapping[str, Any]) -> Json:
    """Where the case stands, with the form of the step that is looked at.

    Args:
        look: ``element`` and ``item`` of the task, ``person`` who does it, ``answers`` to show with their ``errors``,
            or ``example`` for answers that would pass; ``step`` is the place of the step to come.
    """
    names = [{"element": i.element, "name": i.name or i.kind} for i in play.published.outline]
    found = {"now": local(play.now), "is_begun": play.instance is not None, "names": names}
    found["process_name"] = play.published.definition.name
    if play.instance is None:
        return found | {"start": _start_view(play, look), "svg": _svg(play, {}), "outline": _outline(play, {})}
    tasks = describe_tasks(play)
    states = states_of(play.instance, [task["element"] for task in tasks], _failed(play))
    return found | {
        "title": play.instance.title,
        "number": play.instance.number,
        "status": play.instance.status,
        "status_words": STATUS_WORDS[play.instance.status],
        "outcome_name": play.instance.outcome_name,
        "tasks": tasks,
        "task": _task_view(play, look) if tasks else None,
        "data": dict(play.instance.data),
        "next": local(play.next_moment()),
        "messages": may_come(play.session, play.now, play.instance),
        "incidents": _incidents(play),
        "svg": _svg(play, states),
        "outline": _outline(play, states),
    }


def _failed(play: Play) -> list[str]:
    query = select(Incident.element).where(Incident.instance_id == play.case.id, Incident.status == "open")
    return [element for element in play.session.scalars(query) if element]


def _svg(play: Play, states: Mapping[str, str]) -> str:
    flows = play.published.definition.catalogue.flows.keys()
    way = play.instance.way.keys() if play.instance else set()
    return draw(play.bpmn, states, frozenset(way & flows), name="trial")


def _outline(play: Play, states: Mapping[str, str]) -> list[Json]:
    return [
        {"number": i.number, "depth": i.depth, "text": describe(i), "lane": None, "state": states.get(i.element)}
        for i in play.published.outline
    ]


def _start_view(play: Play, look: Mapping[str, Any]) -> Json:
    people = [
        {"username": username, "name": name, "office": body.name}
        for body in BODIES
        for username, name, _role in body.people
        if may_begin(play.published, play.sample(username))
    ]
    found: Json = {"people": people, "person": None, "fields": "", "has_files": False}
    found["asks_facts"] = not is_begun_by_area(play.published.process)
    if people:
        chosen = look.get("person") or _who_starts(play, [person["username"] for person in people])
        form = _start_form(play, chosen)
        found |= {"person": chosen, "fields": _fields(form, look, {}) if form is not None else ""}
    return found


def _start_form(play: Play, username: Any) -> CompiledForm | None:
    return start_form_for(play.session, play.sample(username), play.now, play.published)


def _who_starts(play: Play, usernames: Sequence[str]) -> str:
    """The first who is offered something to start with."""
    for username in usernames:
        form = _start_form(play, username)
        needed = [c for top in form.components for c in top.walk() if c.choices_from] if form is not None else []
        if all(component.choices or not component.limits.required for component in needed):
            return username
    return usernames[0]


def _task_view(play: Play, look: Mapping[str, Any]) -> Json:
    task = _looked_at(play, look)
    element = play.published.definition.catalogue.elements[task.element]
    found: Json = {"element": task.element, "name": task.name, "item": task.item, "lane": element.lane}
    found |= {"documentation": element.documentation, "fields": "", "has_files": False, "person": None}
    actor = _who(play, task, look.get("person"))
    if actor is None:
        return found
    opened = open_task(play.session, actor, play.now, task.id)
    found["person"] = _USERNAMES.get(actor.user_id)
    if opened.form is not None:
        found |= {"fields": _fields(opened.form, look, opened.data), "has_files": opened.form.has_files}
    return found


def _looked_at(play: Play, look: Mapping[str, Any]) -> Task:
    tasks = play.open_tasks()
    same = [t for t in tasks if t.element == look.get("element")]
    exact = [t for t in same if t.item == (look.get("item") or {})]
    return (exact or same or tasks)[0]


def _who(play: Play, task: Task, username: Any) -> Actor | None:
    query = select(TaskCandidate.user_id).where(TaskCandidate.task_id == task.id, TaskCandidate.is_open)
    people = play.session.scalars(query.order_by(TaskCandidate.user_id)).all()
    if not people:
        return None
    chosen = PEOPLE.get(username, 0) if isinstance(username, str) else 0
    return get_actor(play.session, chosen if chosen in people else people[0])


def _fields(form: CompiledForm, look: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    answers, step = look.get("answers"), int(look.get("step") or 0)
    if look.get("example"):
        answers = with_samples(form, example_data(form, outcome=look.get("outcome") or None), step)
    shown = usual if answers is None else answers
    errors = [FieldError(e["path"], e["code"], e["message"]) for e in look.get("errors") or []]
    files = samples(step) | {file["id"]: file for file in look.get("files") or []}
    links = {str(number): {"name": file["name"], "size": file["size"]} for number, file in files.items()}
    return str(form.render(shown, errors, attachments=links))
