"""A month of a pair has passed and nobody wrote down what was done in it."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import facts_of, name_of
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``pairing`` (its number), ``month`` (in words), ``stage`` (``both`` or ``county``)."""
    month = str(facts.get("month") or "")
    if facts.get("stage") == "county":
        lead = _("这一对结对单位在提醒之后仍没有记录%(month)s的帮创情况，请了解原因并督促。", month=month)
    else:
        lead = _("%(month)s已经结束，还没有帮创记录。请帮创单位补记；没有开展的，写明原因和补救安排。", month=month)
    return Content(
        title=_("缺少%(month)s帮创记录：%(name)s", month=month, name=name_of(about)),
        lead=lead,
        facts=tuple(facts_of(about, now)),
        actions=(Action(_("查看这一对"), f"/pairings/{facts.get('pairing', '')}"),),
    )


KIND = Kind(
    "missing_month",
    "缺少帮创记录",
    build,
    always_holds,
    example={"pairing": 1, "month": "2021年06月", "stage": "both"},
)
