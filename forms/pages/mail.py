"""The forms about mail: the list's filters, the server, templates, and what a person wants."""

from wtforms import BooleanField, FileField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from forms.pages.base import PageForm

_ALL = ("", "全部")
_ADDRESS = r"[^\s<>@,;:\"()\[\]\\]+@[A-Za-z0-9.-]+"


class MailFilterForm(PageForm):
    status = SelectField("状态", validate_choice=False)
    kind = SelectField("类别", validate_choice=False)
    person = StringField("收件人（用户名、姓名或邮箱）", [Length(max=100)])

    def offer(self, statuses: dict[str, str], kinds: dict[str, str]) -> None:
        """Fill the selects."""
        self.status.choices = [_ALL, *statuses.items()]
        self.kind.choices = [_ALL, *kinds.items()]


class MailSettingsForm(PageForm):
    host = StringField(
        "发信服务器",
        [Length(max=200), Regexp(r"[A-Za-z0-9.:_-]*$", message="服务器应为主机名或 IP 地址，不带 http:// 和端口。")],
        description="例如 smtp.exmail.qq.com；留空则不发送，邮件可在本页查看。",
    )
    port = IntegerField("端口", [InputRequired("请填写端口。"), NumberRange(1, 65535, "端口应为 1 到 65535 的整数。")])
    security = SelectField("加密")
    sender = StringField(
        "发件地址",
        [Optional(), Length(max=200), Regexp(_ADDRESS + "$", message="请填写完整的邮箱地址，如 wm@example.cn。")],
    )
    sender_name = StringField("发件人名称", [InputRequired("请填写发件人名称。"), Length(max=60)])
    per_minute = IntegerField(
        "每分钟最多发送",
        [InputRequired("请填写数量。"), NumberRange(0, 6000, "应为 0 到 6000 的整数。")],
        description="按邮箱服务商的限制填写；0 表示不限。",
    )
    timeout_seconds = IntegerField(
        "等待服务器答复（秒）", [InputRequired("请填写秒数。"), NumberRange(1, 120, "应为 1 到 120 的整数。")]
    )
    base_url = StringField(
        "邮件中链接的网址",
        [
            Optional(),
            Length(max=200),
            Regexp(r"https?://[^\s/?#]+(/[^\s?#]*)?$", message="请以 http:// 或 https:// 开头。"),
        ],
        description="收件人打开本系统所用的网址，如 https://wm.example.cn；留空用启动时的 WENMING_URL 或本机地址。",
    )

    def offer(self) -> None:
        """Fill the select."""
        self.security.choices = [
            ("tls", "TLS（465）"),
            ("starttls", "STARTTLS（587）"),
            ("none", "不加密（仅限本机或内网）"),
        ]


class MailTemplateForm(PageForm):
    subject = StringField("主题", [InputRequired("请填写主题。"), Length(max=500)])
    text = TextAreaField("纯文本", [InputRequired("请填写纯文本。"), Length(max=50_000)])
    html = TextAreaField("网页格式", [InputRequired("请填写网页格式。"), Length(max=100_000)])
    reason = StringField("修改原因", [InputRequired("请填写修改原因，会留在版本记录里。"), Length(max=200)])


class BounceForm(PageForm):
    file = FileField("退信文件", description="在邮箱里把退信另存为 .eml 文件；最大 1 MB。")
    source = TextAreaField(
        "或者粘贴退信原文", [Length(max=1_000_000)], description="邮箱里“查看原文”或“显示邮件源码”的全部内容。"
    )


class MailPreferenceForm(PageForm):
    wants_digest = BooleanField(
        "接收每日汇总",
        description="每个工作日一封，列出等您办理的事项、提醒和催办；没有事项就不发。不勾选则提醒和催办随到随发，一事一封。",
    )
    digest_at = TimeField("汇总时间", [InputRequired("请填写时间，如 08:30。")])
    rests = BooleanField("休息日不打扰", description="按工作日历，周末、节假日和本地不办公的日子不发汇总。")
    wants_immediate = BooleanField(
        "退回和逾期上报立即通知", description="不勾选则并入每日汇总；不接收汇总的，仍立即通知。"
    )
