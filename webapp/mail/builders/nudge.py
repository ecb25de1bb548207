"""Somebody asks a person to hurry (催办)."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, holds_while_doable


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``by`` (who asks), ``words`` (what they say); each may be missing."""
    shown = list(facts_of(about, now))
    if facts.get("words"):
        shown.append((_("催办说明"), str(facts["words"])))
    return Content(
        title=_("催办：%(name)s", name=name_of(about)),
        lead=_("%(by)s请您尽快办理这项任务。", by=facts.get("by") or _("上级机关")),
        facts=tuple(shown),
        actions=actions_of(about, _("打开任务")),
    )


KIND = Kind(
    "nudge",
    "催办",
    build,
    holds_while_doable,
    offers_choices=True,
    example={"by": "某市文明办 王某", "words": "公示在即，请本周内办结。"},
)
