"""Somebody was named to stand in for an absent person, or that is over."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:  # noqa: ARG001 (says nothing of today)
    """Facts: ``act`` (``named``, ``ended``, ``disabled``), ``absent``, ``deputy``, ``by``, ``from``, ``until`` …"""
    absent, deputy, by = (str(facts.get(key) or "") for key in ("absent", "deputy", "by"))
    act, is_deputy = facts.get("act"), facts.get("deputy_id") == about.person.user_id
    if act == "disabled":
        title = _("代理人已停用：%(name)s", name=deputy)
        lead = _("您的代理人%(name)s的账号已停用，其代办的任务已转给负责人。请另行指定代理人。", name=deputy)
    elif act == "ended":
        title = _("代理提前结束：%(name)s", name=absent)
        lead = _("%(by)s提前结束了%(name)s的代理，未办的任务回到本人。", by=by, name=absent)
    elif is_deputy:
        title = _("请您代理：%(name)s", name=absent)
        lead = _("代理期间，%(name)s的任务会出现在您的待办里，注明“代 %(name)s”。", name=absent)
    else:
        title = _("已为您指定代理人：%(name)s", name=deputy)
        lead = _("%(by)s为您指定了代理人%(name)s。您本人仍可以办理自己的任务。", by=by, name=deputy)
    return Content(title=title, lead=lead, facts=tuple(_shown(facts)), actions=(Action(_("查看代理"), "/deputies"),))


def _shown(facts: Json) -> list[tuple[str, str]]:
    shown = []
    if facts.get("from"):
        shown.append((_("期间"), _("%(first)s 至 %(last)s", first=facts["from"], last=facts.get("until", ""))))
    if facts.get("processes"):
        shown.append((_("流程"), str(facts["processes"])))
    if facts.get("reason"):
        shown.append((_("事由"), str(facts["reason"])))
    return shown


KIND = Kind(
    "deputy",
    "代理",
    build,
    always_holds,
    is_immediate=True,
    example={
        "act": "named",
        "absent": "王某",
        "deputy": "张三",
        "deputy_id": 0,
        "by": "王某",
        "from": "2026-10-01",
        "until": "2026-10-07",
        "reason": "休假",
    },
)
