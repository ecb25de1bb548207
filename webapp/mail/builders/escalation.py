"""A deadline has passed: the superior is told whose task it is and how late it is."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.deadlines.rules import days_left_text
from webapp.mail.builders import facts_of, name_of
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, holds_while_open


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``holders`` (names of who should act), ``why`` (why this person is told); each may be missing."""
    matter = about.matter
    shown = list(facts_of(about, now))
    holders = "、".join(str(name) for name in facts.get("holders") or ())
    if holders:
        shown.append((_("应办理人"), holders))
    if facts.get("why"):
        shown.append((_("通知您的原因"), str(facts["why"])))
    late = days_left_text(matter.due_at, now, matter.region) if matter else _("逾期")
    return Content(
        title=_("%(late)s：%(name)s", late=late, name=name_of(about)),
        lead=_("这项任务已超过办理期限，仍未办结。请督促办理；确有困难的，可以延长期限或者调整办理人。"),
        facts=tuple(shown),
        actions=(Action(_("查看办件"), f"/instances/{matter.instance_id}" if matter else "/"),),
    )


KIND = Kind(
    "escalation",
    "逾期上报",
    build,
    holds_while_open,
    is_immediate=True,
    example={"holders": ["李某", "赵某"], "why": "您是该环节办理人的上级负责人"},
)
