"""The filters and forms of the administration pages."""

from wtforms import BooleanField, DateField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from forms.pages.base import PageForm

_ALL = ("", "全部")


class IncidentFilterForm(PageForm):
    status = SelectField("状态", validate_choice=False)
    kind = SelectField("类别", validate_choice=False)
    number = StringField("办件编号", [Length(max=40)])

    def offer(self, kinds: dict[str, str]) -> None:
        """Fill the selects."""
        self.status.choices = [("open", "待处理"), ("resolved", "已处理")]
        self.kind.choices = [_ALL, *kinds.items()]


class RepairForm(PageForm):
    corrections = TextAreaField(
        "更正后的变量",
        [Length(max=20000)],
        name="data",
        description="JSON 对象，只写需要更正的变量；不填则按原数据重试。",
    )


class JobFilterForm(PageForm):
    status = SelectField("状态", validate_choice=False)
    job = SelectField("任务", validate_choice=False)

    def offer(self, statuses: dict[str, str], jobs: list[str]) -> None:
        """Fill the selects."""
        self.status.choices = [_ALL, *statuses.items()]
        self.job.choices = [_ALL, *((name, name) for name in jobs)]


class ClockForm(PageForm):
    instant = StringField(
        "时刻", [Optional(), Length(max=40)], description="例如 2027-03-01 或 2027-03-01T09:00（北京时间）。"
    )
    duration = StringField(
        "时间长度", [Optional(), Length(max=40)], description="例如 10d（天）、3h（小时）、90m（分钟）、2w（周）。"
    )


class AuditFilterForm(PageForm):
    actor = StringField("用户名", [Length(max=150)])
    act = StringField("操作", [Length(max=100)])
    number = StringField("办件编号", [Length(max=40)])
    first = DateField("起始日期", [Optional()], name="from")
    last = DateField("截止日期", [Optional()], name="to")
    refused = BooleanField("只看被拒绝的")
