"""Somebody left, and their tasks were handed over."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:  # noqa: ARG001 (says nothing of today)
    """Facts: ``leaver``, ``by``, ``number`` (of tasks), ``as_leader`` (of them), ``reason``; ``to`` (the names of those
    who took over) where it is the leaver who is told."""
    leaver, number, as_leader = str(facts.get("leaver") or ""), facts.get("number", 0), facts.get("as_leader") or 0
    shown = [(_("任务"), _("%(number)s 件", number=number))]
    if as_leader:
        words = _("%(number)s 件，因接手的人按规则不能办理", number=as_leader)
        shown.append((_("其中转给负责人"), words))
    if facts.get("reason"):
        shown.append((_("事由"), str(facts["reason"])))
    if facts.get("to"):
        return Content(
            title=_("您的任务已交接"),
            lead=_("%(by)s已把您的任务交接给%(to)s，您不必再办。", by=str(facts.get("by") or ""), to=str(facts["to"])),
            facts=tuple(shown),
            actions=(Action(_("打开待办"), "/tasks"),),
        )
    return Content(
        title=_("交接：%(name)s的任务", name=leaver),
        lead=_("%(name)s离任，以下任务由%(by)s交接给您，已在您的待办里。", name=leaver, by=str(facts.get("by") or "")),
        facts=tuple(shown),
        actions=(Action(_("打开待办"), "/tasks"),),
    )


KIND = Kind(
    "succession",
    "交接",
    build,
    always_holds,
    is_immediate=True,
    example={"leaver": "李某", "by": "王某", "number": 12, "as_leader": 1, "reason": "调离"},
)
