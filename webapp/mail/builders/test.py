"""A test mail: says that sending works."""

from datetime import datetime

from flask_babel import gettext as _

from webapp.mail.content import About, Action, Content, Json
from webapp.mail.kinds import Kind, always_holds
from webapp.templating import clock_time


def build(_facts: Json, about: About, now: datetime) -> Content:
    """Facts: none."""
    return Content(
        title=_("测试邮件"),
        lead=_("收到这封邮件，说明发信服务器的设置可用。无需处理。"),
        facts=((_("收件人"), about.person.name), (_("业务时间"), clock_time(now))),
        actions=(Action(_("打开平台"), "/"),),
    )


KIND = Kind("test", "测试邮件", build, always_holds, is_immediate=True, is_notice=False)
