"""A case is copied to somebody for information (抄送)."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``by`` (who sent it; missing: the diagram says so), ``words``; each may be missing."""
    shown = list(facts_of(about, now))
    if facts.get("words"):
        shown.append((_("说明"), str(facts["words"])))
    return Content(
        title=_("抄送：%(name)s", name=name_of(about)),
        lead=_("%(by)s把这个办件抄送给您，供您知悉，不需要办理。", by=facts.get("by") or _("流程")),
        facts=tuple(shown),
        actions=actions_of(about, _("查看办件")),
    )


KIND = Kind("copied", "抄送", build, always_holds, example={"by": "某市文明办 王某", "words": "请知悉。"})
