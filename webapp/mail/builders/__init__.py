"""One module per kind of message: facts in, plain data out; nothing here sends, asks the database or knows HTML."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _

from webapp.deadlines.rules import days_left_text
from webapp.mail.content import About, Action, Matter
from webapp.templating import clock_time

EXAMPLE_TASK = str(UUID(int=1))
"""The task that examples of messages are about."""


def name_of(about: About) -> str:
    """What a message is about, in a few words for its title."""
    matter = about.matter
    if matter is None:
        return ""
    return f"{matter.unit or matter.title}" + (f"“{matter.task_name}”" if matter.task_name else "")


def facts_of(about: About, now: datetime) -> Iterator[tuple[str, str]]:
    """Whose, which step, by when and how late."""
    matter = about.matter
    if matter is None:
        return
    yield _("办件"), f"{matter.number} {matter.title}"
    if matter.unit and matter.unit not in matter.title:
        yield _("单位"), matter.unit
    if matter.task_name:
        yield _("环节"), matter.task_name
    if matter.due_at:
        yield _("截止"), clock_time(matter.due_at)
        yield _("时限"), days_left_text(matter.due_at, now, matter.region)


def path_of(matter: Matter | None) -> str:
    """The page of the task, else of the case, else the start."""
    if matter is None:
        return "/"
    return f"/tasks/{matter.task_id}" if matter.task_id else f"/instances/{matter.instance_id}"


def actions_of(about: About, label: str) -> tuple[Action, ...]:
    """The page itself first, then what can be decided straight from the mail."""
    return (Action(label, path_of(about.matter)), *about.choices)
