"""A task that somebody had is with somebody else now: nothing need be done, and nobody looks for it in vain."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import facts_of, name_of
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``act`` (``transfer``, ``overdue``), ``by`` (who did it), ``to`` (who has it), ``words``; each may be
    missing."""
    by, to = str(facts.get("by") or _("系统")), str(facts.get("to") or _("其他人"))
    if facts.get("act") == "overdue":
        lead = _("这项任务期限已过仍未办结，按流程规定已转由%(to)s办理，您不必再办。", to=to)
    else:
        lead = _("%(by)s已把这项任务转给%(to)s办理，您不必再办。", by=by, to=to)
    shown = list(facts_of(about, now))
    if facts.get("words"):
        shown.append((_("说明"), str(facts["words"])))
    return Content(
        title=_("已转他人：%(name)s", name=name_of(about)),
        lead=lead,
        facts=tuple(shown),
        actions=(Action(_("打开待办"), "/tasks"),),
    )


KIND = Kind(
    "taken",
    "任务已转他人",
    build,
    always_holds,
    example={
        "act": "transfer",
        "by": "某市文明办 李某（代 王某）",
        "to": "某市文明办 张某",
        "words": "请张某一并办理。",
    },
)
