"""A deadline comes near, or has come."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.deadlines.rules import days_left_text
from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, holds_while_doable


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``note``, what else is to be said (e.g. that the printed date is a rest day); may be missing."""
    matter = about.matter
    left = days_left_text(matter.due_at, now, matter.region) if matter else _("到期提醒")
    lead = _("这项任务由您办理，请在截止时间前完成。")
    if facts.get("note"):
        lead += str(facts["note"])
    return Content(
        title=_("%(left)s：%(name)s", left=left, name=name_of(about)),
        lead=lead,
        facts=tuple(facts_of(about, now)),
        actions=actions_of(about, _("打开任务")),
    )


KIND = Kind("reminder", "到期提醒", build, holds_while_doable, offers_choices=True)
