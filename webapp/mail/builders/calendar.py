"""The holidays of a year are not imported although they ought to be: what is computed into it stays provisional."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.deadlines.current import calendar_in_force
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, _about: About, _now: datetime) -> Content:
    """Facts: ``year``."""
    year = facts.get("year") or ""
    known = max(calendar_in_force().years, default="")
    return Content(
        title=_("请导入 %(year)s 年放假安排", year=year),
        lead=_("涉及该年的办理期限都是暂定的，导入国务院办公厅的通知之后自动重新计算。"),
        facts=((_("缺少"), _("%(year)s 年", year=year)), (_("已有"), _("到 %(year)s 年", year=known))),
        actions=(Action(_("打开工作日历"), f"/calendar?year={year}"),),
    )


KIND = Kind("calendar", "放假安排未导入", build, always_holds, example={"year": 2027})
