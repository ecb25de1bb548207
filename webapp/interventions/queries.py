"""What may be done to a case: where its tokens may go, what may be skipped, repeated and corrected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.access import Actor
from webapp.instances.models import Instance, Submission
from webapp.instances.queries import get_visible
from webapp.instances.running import Run, make_run
from webapp.interventions.correcting import why_not_corrected
from webapp.registry.models import Organisation
from webapp.tasks.models import Task
from workflows import Token, list_tokens
from workflows.wording import type_word

_MOST = 60


@dataclass(frozen=True)
class Options:
    """The choices of the page, as select boxes need them."""

    standing: list[str]
    moves: dict[str, list[tuple[str, str]]]
    """Where a token stands → "token|element" and the name of each activity that it may go to."""
    skips: list[tuple[str, str]]
    outcomes: list[tuple[str, str]]
    repeats: list[tuple[str, str]]
    corrections: list[tuple[UUID, str, datetime]]


def options_of(session: Session, actor: Actor, now: datetime, instance_id: int) -> tuple[Instance, Options]:
    """Everything that may be done to a case that ``actor`` may see; steps of people first."""
    instance = get_visible(session, actor, instance_id)
    run = make_run(session, actor, now, instance)
    tokens = list_tokens(run.published.definition, instance.state, run.context()) if instance.state else []
    words = _words_of(run, tokens)
    standing = sorted(tokens, key=lambda token: (not token.id, not _is_step(run, token)))
    return instance, Options(
        standing=[words[token] for token in standing if token.id],
        moves={words[token]: _targets(run, token) for token in standing if token.targets},
        skips=[(token.id, words[token]) for token in standing if token.id and token.can_pass],
        outcomes=_outcomes(run, tokens),
        repeats=_repeats(run, standing),
        corrections=_correctable(run),
    )


def _is_step(run: Run, token: Token) -> bool:
    element = run.published.definition.catalogue.elements.get(token.element)
    return element is not None and element.type == "userTask"


def _words_of(run: Run, tokens: Sequence[Token]) -> dict[Token, str]:
    """What each token is called: with the body that has it in hand, and a number where that is not enough."""
    bodies = _bodies_of(run)
    found: dict[Token, str] = {}
    for token in tokens:
        body = bodies.get(token.id)
        words = _words(run, token) + (f"（{body}）" if body else "")
        again = sum(other == words or other.startswith(f"{words} ") for other in found.values())
        found[token] = f"{words} {again + 1}" if again else words
    return found


def _bodies_of(run: Run) -> dict[str, str]:
    query = select(Task.id, Organisation.name).join(Organisation, Organisation.id == Task.assigned_organisation_id)
    rows = run.session.execute(query.where(Task.instance_id == run.instance.id, Task.closed_at.is_(None)))
    return {str(key): name for key, name in rows}


def _words(run: Run, token: Token) -> str:
    name = run.published.name_of(token.element)
    if not token.id:
        whole = _("整个流程") if token.level == run.published.process else _("子流程“%(name)s”", name=name)
        return str(_("%(whole)s的全部办理位置", whole=whole))
    element = run.published.definition.catalogue.elements.get(token.element)
    return f"{type_word(element)}「{name}」" if element is not None and not _is_step(run, token) else name


def _targets(run: Run, token: Token) -> list[tuple[str, str]]:
    return [(f"{token.id}|{key}", run.published.name_of(key)) for key in token.targets]


def _outcomes(run: Run, tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """The results of the steps that are open now."""
    found: dict[str, str] = {}
    for token in tokens:
        form = run.published.form_of(token.element) if token.id else None
        for choice in form.outcomes if form else ():
            found.setdefault(str(choice.value), str(choice.label))
    return list(found.items())


def _repeats(run: Run, tokens: Sequence[Token]) -> list[tuple[str, str]]:
    """Steps that were done and can be come to again; by one token alone where that is possible."""
    found: dict[str, str] = {}
    for token in tokens:
        for key in token.targets:
            if key in run.instance.way and key != token.element:
                found.setdefault(key, token.id)
    return [(f"{token}|{key}", run.published.name_of(key)) for key, token in found.items()]


def _correctable(run: Run) -> list[tuple[UUID, str, datetime]]:
    """The newest answers of each step whose data can be set right."""
    query = select(Submission.task_id, Submission.element, Submission.at)
    rows: Sequence[Any] = run.session.execute(
        query.where(Submission.instance_id == run.instance.id).order_by(Submission.id.desc()).limit(_MOST)
    ).all()
    newest: dict[str, Any] = {}
    for row in rows:
        newest.setdefault(row.element, row)
    fitting = [row for row in newest.values() if not why_not_corrected(run, row.element)]
    return [(row.task_id, run.published.name_of(row.element), row.at) for row in fitting]
