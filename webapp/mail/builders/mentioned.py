"""A comment on a case names somebody (@)."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import actions_of, facts_of, name_of
from webapp.mail.content import About, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``by`` (who wrote), ``words`` (the comment)."""
    shown = [*facts_of(about, now), (_("评论"), str(facts.get("words") or ""))]
    return Content(
        title=_("提到您：%(name)s", name=name_of(about)),
        lead=_("%(by)s在评论中提到了您。评论不是办理意见，不需要办理。", by=facts.get("by") or _("同事")),
        facts=tuple(shown),
        actions=actions_of(about, _("查看办件")),
    )


KIND = Kind(
    "mentioned",
    "评论提到",
    build,
    always_holds,
    example={"by": "某县文明办 李某", "words": "@王某 请看一下第三项的佐证材料。"},
)
