"""A task was handed to somebody, or somebody is asked about it."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, holds_while_doable


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``act`` (how it was handed on), ``by`` (who did it), ``words`` (what they say), ``holders`` (the names of
    those who had it); each may be missing."""
    by = facts.get("by") or _("系统")
    leads = {
        "delegate": _("%(by)s委派您先办理意见，意见提交之后任务回到对方手里。", by=by),
        "before": _("%(by)s请您先签署意见，之后由对方作出决定。", by=by),
        "after": _("%(by)s已作决定，请您签署；您同意之后决定才生效。", by=by),
        "co_sign": _("%(by)s请您参加会签。", by=by),
        "opinion": _("%(by)s已提出意见，任务回到您手里，请继续办理。", by=by),
        "hand_over": _("因人员变动，这项任务交接给您办理。"),
        "overdue": _("这项任务期限已过仍未办结，按流程规定转由您办理，请尽快处理。"),
    }
    shown = list(facts_of(about, now))
    if facts.get("holders"):
        shown.append((_("原办理人"), "、".join(str(name) for name in facts["holders"])))
    if facts.get("words"):
        shown.append((_("说明"), str(facts["words"])))
    return Content(
        title=_("交办：%(name)s", name=name_of(about)),
        lead=leads.get(str(facts.get("act")), _("%(by)s把这项任务转给您办理。", by=by)),
        facts=tuple(shown),
        actions=actions_of(about, _("打开任务")),
    )


KIND = Kind(
    "handed",
    "转办和委派",
    build,
    holds_while_doable,
    is_immediate=True,
    example={"act": "transfer", "by": "某市文明办 王某", "words": "我下周外出，请代为审核。"},
)
