"""Saved filters: lists of tasks under a name, private or shared with everybody of one's office."""

from typing import Any

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import body, flag_of, instance_id_of, object_of, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.inbox import saved
from webapp.inbox.counts import CAP, count_lists
from webapp.inbox.rules import FILTERS, ListState
from webapp.problems import InputError, Invalid

_PARTS = frozenset({"view", "sort", "cols", "per_page", "page", *FILTERS})
"""What the state of a list can say."""


@blueprint.get("/filters")
@access("tasks.work")
def list_filters() -> dict[str, Any]:
    """The filters that I may use, with how many tasks each holds now."""
    session, actor, now = db.session(), current_actor(), clock.now()
    found, _habit = saved.list_saved(session, actor)
    counts = count_lists(session, actor, now, ListState(), (), {one.id: one.state for one in found})
    return {"items": [one.as_json(counts.saved[one.id], CAP) for one in found]}


@blueprint.post("/filters")
@access("tasks.work")
def save_filter() -> tuple[dict[str, Any], int]:
    """Keep a list under a name; the same name replaces what I kept under it."""
    data = body("name", "state", "shared", "start")
    name, shared, start = text_of(data, "name"), flag_of(data, "shared"), flag_of(data, "start")
    given = object_of(data, "state")
    state = ListState.read({key: str(value) for key, value in given.items()})
    wrong = [key for key in given if key in state.ignored or key not in _PARTS]
    if wrong:
        raise Invalid([InputError(f"state.{key}", "unknown", f"不能识别“{key}”。") for key in wrong])
    session, actor = db.session(), current_actor()
    kept = saved.save_filter(session, actor, clock.now(), name, state, shared=shared, start=start)
    found, _habit = saved.list_saved(session, actor)
    return next(one for one in found if one.id == kept.id).as_json(), 201


@blueprint.delete("/filters/<filter_id>")
@access("tasks.work")
def delete_filter(filter_id: str) -> tuple[str, int]:
    """Forget a filter of mine."""
    saved.delete_filter(db.session(), current_actor(), instance_id_of(filter_id))
    return "", 204
