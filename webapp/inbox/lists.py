"""What the browser does with a list: show it, save it as a file, and find what comes after a task."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import String, func, literal, select, union_all
from sqlalchemy.orm import Session

from forms.pages.inbox import InboxFilterForm, SaveFilterForm
from webapp.access import Actor, in_subtree
from webapp.deadlines.rules import SEVERITIES
from webapp.definitions.library import Published, list_current
from webapp.exports import MAX_ROWS, xlsx_response
from webapp.inbox.counts import CAP
from webapp.inbox.page import LAST_COLUMN, Row, column_name, describe_rows, read_page
from webapp.inbox.queries import rows_of
from webapp.inbox.rules import COLUMNS, FILTER_NAMES, MOST_SORTS, OPEN_VIEWS, PER_PAGE, SORTS, TABS, ListState
from webapp.instances import queries as cases
from webapp.registry.models import Honour, Region

_SORT_NAMES = {"unit": "单位", **COLUMNS}
_ANY_TASK = "00000000-0000-0000-0000-000000000000"
"""Stands for a task in addresses that pages make once for all rows."""
_BY = tuple(f"by{place + 1}" for place in range(MOST_SORTS))


def state_of_request() -> ListState:
    """The list that the address names, however its parts were sent."""
    given = request.args.to_dict()
    by = [given[name] for name in _BY if given.get(name)]
    if by:
        given["sort"] = ",".join(dict.fromkeys(by))
    return ListState.read({**given, **_chosen_columns()})


def _chosen_columns() -> Mapping[str, str]:
    chosen = [name for name in request.args.getlist("col") if name in COLUMNS]
    return {"cols": ",".join(chosen)} if chosen else {}


def show_list(session: Session, actor: Actor, now: datetime) -> ResponseReturnValue:
    """The page of a list; what a form sent gets its short address first."""
    state = state_of_request()
    if any(name in request.args for name in (*_BY, "col")):
        return redirect(url_for("tasks.index", **state.arguments))
    published = list_current(session)
    page = read_page(session, actor, now, state)
    return render_template(
        "inbox/index.html",
        page=page,
        state=state,
        form=_filter_form(session, actor, state, published),
        save_form=SaveFilterForm(),
        processes={version.process: version.name for version in published},
        tabs=TABS,
        cap=CAP,
        severities=SEVERITIES,
        filter_names=FILTER_NAMES,
        any_task=_ANY_TASK,
        sorts=_SORT_NAMES,
        sortable=SORTS,
        open_views=OPEN_VIEWS,
        last_columns=LAST_COLUMN,
    )


def _filter_form(session: Session, actor: Actor, state: ListState, published: list[Published]) -> InboxFilterForm:
    kept = dict(zip(_BY, state.sort, strict=False)) | {"per_page": str(state.per_page), "process": ""}
    kept |= {name: value for name, value in state.filters.items() if name not in {"returned", "unread"}}
    form = InboxFilterForm(data=kept | {"procedure": kept["process"], "col": list(state.columns)})
    form.returned.data, form.unread.data = "returned" in state.filters, "unread" in state.filters
    offered = _choices(session, actor)
    orders = [
        (f"{sign}{key}", f"{_(_SORT_NAMES[key])} {arrow}") for key in SORTS for sign, arrow in (("", "↑"), ("-", "↓"))
    ]
    form.offer(
        {
            **offered,
            "procedure": [(version.process, version.name) for version in published],
            "element": steps_for(actor, published),
            "severity": [(key, _(name)) for key, name in SEVERITIES.items()],
            **dict.fromkeys(_BY, orders),
            "per_page": [(str(number), _("%(number)s 件", number=number)) for number in sorted(PER_PAGE)],
            "col": [(name, _(label)) for name, label in COLUMNS.items()],
        }
    )
    return form


def _choices(session: Session, actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Regions and honours that a list can be narrowed to, in one statement, and batches."""
    text = String()
    below = select(literal("region", text), Region.code, Region.name, Region.path)
    below = below.where(in_subtree(Region.path, actor.region_path))
    honours = select(literal("honour", text), Honour.code, Honour.name, func.lpad(Honour.rank.cast(text), 6, "0"))
    found: dict[str, list[tuple[str, str]]] = {"region": [], "honour": []}
    for kind, value, label, order in sorted(
        session.execute(union_all(below, honours)), key=lambda row: (row[0], row[3])
    ):
        depth = order.count("/") - actor.region_path.count("/") if kind == "region" else 0
        found[kind].append((value, "　" * depth + label))
    return found | {"batch": [(str(id_), title) for id_, title in cases.list_batches(session, actor)]}


def steps_for(actor: Actor, published: list[Published]) -> list[tuple[str, str]]:
    """The steps that a person's roles meet, to narrow a list to one of them."""
    found = {}
    for version in published:
        for element, rule in version.assignments.items():
            if not rule.roles or actor.roles.intersection(rule.roles):
                found[element] = version.name_of(element)
    return list(found.items())


def export_list(session: Session, actor: Actor, now: datetime) -> Response:
    """The list as it is narrowed, sorted and shown, as a file."""
    state = state_of_request()
    rows = describe_rows(session, actor, rows_of(session, actor, now, state, MAX_ROWS), state.view, now)
    note = LAST_COLUMN.get(state.view)
    names = {version.process: version.name for version in list_current(session)}
    header = [_("单位"), *(column_name(name) for name in state.columns), _("截止")] + ([_(note)] if note else [])
    return xlsx_response(_(TABS[state.view]), header, (_cells(row, state, names, bool(note)) for row in rows))


def _cells(row: Row, state: ListState, names: Mapping[str, str], has_note: bool) -> list[Any]:
    task = row.task
    special = {"opened": task.opened_at, "process": names.get(task.process, task.process), "round": task.round}
    cells = [special.get(name) or row.text(name) for name in state.columns]
    return [row.text("unit"), *cells, task.due_at] + ([row.note] if has_note else [])
