"""Something happened to a task without the person: handed over, extended, decided by the machine at the end of time."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.builders import facts_of, name_of, path_of
from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds


def build(facts: Json, about: About, now: datetime) -> Content:
    """Facts: ``what`` (a few words, e.g. 期限已延长), ``words`` (a sentence that says more)."""
    return Content(
        title=_("%(what)s：%(name)s", what=facts.get("what") or _("办理情况变化"), name=name_of(about)),
        lead=str(facts.get("words") or _("请打开查看。")),
        facts=tuple(facts_of(about, now)),
        actions=(Action(_("查看"), path_of(about.matter)),),
    )


KIND = Kind(
    "outcome",
    "办理情况变化",
    build,
    always_holds,
    example={"what": "期限已延长", "words": "经负责人同意，办理期限延长 3 个工作日。"},
)
