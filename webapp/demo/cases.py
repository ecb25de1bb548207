"""Running cases to try things on: units declare in the open batch, and people carry each as far as its turn says.

Everybody acts through the operations and forms of every day, with the examples that the forms give.
"""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from PIL import Image, ImageDraw
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from forms.compile import CompiledForm
from forms.examples import example_data
from forms.scopes import put
from webapp import clock
from webapp.access import Actor
from webapp.accounts.models import User
from webapp.accounts.queries import get_actor
from webapp.attachments.operations import store_upload
from webapp.audit.operations import record
from webapp.batches.models import Batch
from webapp.config import Settings
from webapp.database import transaction
from webapp.demo.batches import FIRST_SEED
from webapp.demo.passwords import find_password
from webapp.demo.people import add_accounts
from webapp.demo.places import CITY, COUNTIES
from webapp.instances.models import Instance
from webapp.instances.operations import start_instance
from webapp.instances.processes import Json
from webapp.instances.running import make_run
from webapp.problems import Invalid
from webapp.registry.models import Organisation
from webapp.tasks.answers import form_for
from webapp.tasks.models import Task, TaskCandidate
from webapp.tasks.operations import complete_task

_HONOURS = ("city", "county", "provincial", "city_model", "provincial_model", "national")
_STEPS = (2, 2, 3, 2, 6, 2, 1, 2, 7, 2, 9, 2, 12)
"""How many steps of people each case has behind it, in turn: most wait for the county, where most of the work is."""
_DAYS = 5
"""The declarations came in over so many days."""
_WANTED = ("pass", "submit")


class NoDemonstrationError(Exception):
    """There is no demonstration whose batch is open; the message (Chinese) says what to do."""


def add_cases(settings: Settings, count: int) -> int:
    """Let units of the demonstration declare until there are ``count`` more cases, each in a transaction of its own.

    Returns:
        How many were made; fewer where every unit has declared for every honour of the batch.

    Raises:
        NoDemonstrationError: none was set up, or its batch is gone or closed.
    """
    with transaction() as session:
        batch = session.scalar(select(Batch.id).where(Batch.draw_seed == FIRST_SEED, Batch.status == "open"))
        if batch is None or find_password(settings) is None:
            raise NoDemonstrationError("没有演示数据，或演示批次已关闭；请用 WENMING_DEMO=1 启动一次后再试。")
        units = list(session.scalars(_placed_units()))
    made = 0
    for unit, honour in _pairs(units):
        if made >= count:
            break
        made += _add_case(settings, {"batch": str(batch), "honour": honour}, unit, made)
    return made


def _placed_units() -> Select[int]:
    return (
        select(Organisation.id)
        .where(Organisation.kind == "unit", Organisation.status == "active")
        .where(Organisation.region_code.in_([CITY, *COUNTIES]))
        .order_by(Organisation.id)
    )


def _pairs(units: list[int]) -> Iterator[tuple[int, str]]:
    """Every unit once with each honour; neighbours differ in both."""
    for round_ in range(len(_HONOURS)):
        for place, unit in enumerate(units):
            yield unit, _HONOURS[(round_ + place) % len(_HONOURS)]


def _add_case(settings: Settings, answers: Json, unit: int, place: int) -> bool:
    """One declaration and the steps of its turn; nothing where the unit may not declare (any more)."""
    begun = clock.now() - timedelta(days=_DAYS - place % _DAYS)
    try:
        with transaction() as session:
            clerk = _clerk_of(session, settings, unit)
            case = start_instance(session, clerk, begun, "declaration", answers)
            for step in range(_STEPS[place % len(_STEPS)]):
                if not _do_next(session, settings, case, begun + timedelta(hours=step + 1)):
                    break
    except Invalid:
        return False
    return True


def _clerk_of(session: Session, settings: Settings, unit: int) -> Actor:
    """Who declares for a unit; an account of the demonstration where it has none."""
    clerks = select(User.id).where(User.organisation_id == unit, User.roles.contains(["unit_clerk"]))
    found = session.scalar(clerks.where(User.disabled_at.is_(None)).limit(1))
    if found is None:
        password = find_password(settings)
        assert password is not None  # noqa: S101 (the caller has looked)
        account = (f"unit{unit}.clerk", "文明专干", "unit_clerk", unit)
        (found,) = add_accounts(session, [account], password.password_hash).values()
        record(session, None, "demo.create", subject=f"organisation:{unit}", after={"users": 1})
    return get_actor(session, found)


def _do_next(session: Session, settings: Settings, case: Instance, now: datetime) -> bool:
    """Let the first who may do the first open step; whether there was one."""
    query = (
        select(Task, TaskCandidate.user_id)
        .join(TaskCandidate, TaskCandidate.task_id == Task.id)
        .where(Task.instance_id == case.id, Task.status == "open", TaskCandidate.is_open)
    )
    row = session.execute(query.order_by(Task.opened_at, Task.id, TaskCandidate.user_id).limit(1)).first()
    if row is None:
        return False
    task, user_id = row
    actor = get_actor(session, user_id)
    run = make_run(session, actor, now, case)
    form = form_for(run.case, run.published, case.process, task.element)
    answers = _answers(session, settings, actor, form) if form else {}
    complete_task(session, actor, now, task.id, answers, task.version)
    return True


def _answers(session: Session, settings: Settings, actor: Actor, form: CompiledForm) -> Json:
    """What the form gives as examples, with the outcome that leads on and full marks."""
    values = [choice.value for choice in form.outcomes]
    outcome = next((value for value in _WANTED if value in values), None)
    asks_for_files = any(c.type == "filepicker" for top in form.components for c in top.walk())
    files = [_upload(session, settings, actor)] if asks_for_files else []
    answers = example_data(form, outcome=outcome, attachments=files)
    for entry in form.scope.entries:
        if entry.path[0] == "scores" and entry.component.limits.max is not None:
            put(answers, entry.path, entry.component.limits.max)
    return answers


def _upload(session: Session, settings: Settings, actor: Actor) -> int:
    """A picture of a sealed sheet: a red ring on white paper."""
    sheet = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(sheet).ellipse((360, 640, 540, 820), outline=(200, 30, 30), width=6)
    picture = io.BytesIO()
    sheet.save(picture, "PNG")
    picture.seek(0)
    return store_upload(session, settings, actor, "盖章扫描件（演示）.png", picture).id
