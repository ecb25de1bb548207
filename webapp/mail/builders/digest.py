"""The digest of a working day: everything open by severity, and what was said since the last one."""

from collections.abc import Mapping
from datetime import date, datetime

from flask_babel import gettext as _

from webapp.deadlines.rules import SEVERITIES
from webapp.mail.builders import EXAMPLE_TASK
from webapp.mail.content import About, Action, Content, Group, Item, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:  # noqa: ARG001 (the facts are those of its morning)
    """Facts: ``day``, ``total``, ``late``, ``tasks`` (severity → lines), ``more``, ``notes`` (lines); see digests."""
    day = date.fromisoformat(facts["day"])
    total, late = facts["total"], facts["late"]
    title = _("%(month)s月%(day)s日待办 %(total)s 件", month=day.month, day=day.day, total=total)
    if late:
        title += _("，其中逾期 %(late)s 件", late=late)
    groups = [Group(_("提醒和催办"), _items(facts["notes"], {}))] if facts["notes"] else []
    listed = [(name, facts["tasks"].get(key, [])) for key, name in SEVERITIES.items()]
    groups += [Group(name, _items(rows, about.listed)) for name, rows in listed if rows]
    if groups and facts["more"]:
        last = groups.pop()
        groups.append(Group(last.title, last.items, facts["more"]))
    return Content(
        title=title,
        lead=_("以下事项等您办理，逾期的在前。点开即可办理。"),
        actions=(Action(_("打开待办列表"), "/tasks?view=inbox"),),
        groups=tuple(groups),
    )


def _items(rows: list[Json], choices: Mapping[str, tuple[Action, ...]]) -> tuple[Item, ...]:
    return tuple(Item(row["title"], row["note"], row["path"], choices.get(row.get("task", ""), ())) for row in rows)


KIND = Kind(
    "digest",
    "每日汇总",
    build,
    always_holds,
    offers_choices=True,
    is_notice=False,
    example={
        "day": "2026-11-20",
        "total": 3,
        "late": 1,
        "more": 0,
        "notes": [{"title": "催办：某单位“县级初审”", "note": "某市文明办请您尽快办理。", "path": "/tasks"}],
        "tasks": {
            "overdue": [
                {"title": "某中学 县级初审", "note": "逾期 2 个工作日", "path": "/tasks", "task": EXAMPLE_TASK}
            ],
            "soon": [{"title": "某医院 县级测评", "note": "还剩 2 个工作日", "path": "/tasks"}],
            "normal": [{"title": "某局 县级初审", "note": "还剩 9 个工作日", "path": "/tasks"}],
        },
    },
)
