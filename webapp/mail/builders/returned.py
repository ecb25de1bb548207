"""Something was sent back and has to be corrected."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, holds_while_doable


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``by`` (who returned it), ``step`` (theirs), ``comment``, ``reasons`` (a number); each may be missing."""
    by = facts.get("by") or _("审核机关")
    shown = list(facts_of(about, now))
    if facts.get("step"):
        shown.insert(1, (_("退回环节"), str(facts["step"])))
    if facts.get("reasons"):
        shown.append((_("需要修改"), _("%(count)s 处", count=facts["reasons"])))
    if facts.get("comment"):
        shown.append((_("退回意见"), str(facts["comment"])))
    return Content(
        title=_("退回：%(name)s", name=name_of(about)),
        lead=_("%(by)s退回了材料。请打开任务查看逐项理由，在截止时间前修改并重新提交。", by=by),
        facts=tuple(shown),
        actions=actions_of(about, _("查看理由并修改")),
    )


KIND = Kind(
    "returned",
    "退回修改",
    build,
    holds_while_doable,
    is_immediate=True,
    example={"by": "某县文明办", "step": "县级初审", "comment": "志愿服务时长缺少证明材料。", "reasons": 2},
)
