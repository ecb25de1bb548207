"""Something failed behind a decision and waits for the administrator."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import facts_of
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``message`` (the cause in words), ``incident`` (its number)."""
    number = facts.get("incident")
    path = f"/administration/incidents/{int(number)}" if number else "/administration/incidents"
    matter = about.matter
    shown = [*facts_of(about, now), (_("原因"), str(facts.get("message") or ""))]
    return Content(
        title=_("异常待处理：%(number)s", number=matter.number if matter else _("系统")),
        lead=_("办件在系统处理中遇到问题，需要管理员处理；当事人的决定已经保存。同类异常一小时内只通知一次。"),
        facts=tuple(shown),
        actions=(Action(_("查看并处理"), path),),
    )


KIND = Kind(
    "incident",
    "异常",
    build,
    always_holds,
    is_immediate=True,
    example={"message": "名额台账无法读取。", "incident": 1},
)
