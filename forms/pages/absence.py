"""Naming who stands in for somebody, and who takes over from somebody."""

from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_DAY = "请填写日期，如 2026-05-01。"


class DeputyForm(PageForm):
    to = SelectField("代理人", [InputRequired("请选择代理人。")])
    first = DateField("从", [InputRequired(_DAY)], description="当天零时起。")
    last = DateField("到", [InputRequired(_DAY)], description="当天 24 时止；可以提前结束。")
    processes = SelectMultipleField(
        "流程",
        description="都不勾选表示全部流程。",
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    reason = StringField("事由", [Optional(), Length(max=200, message="事由不超过 200 字。")])

    def offer(self, people: _Choices, processes: _Choices) -> None:
        """Fill in whom and what one may choose."""
        self.to.choices = [("", "请选择"), *people]
        self.processes.choices = processes


class AbsenceFilterForm(PageForm):
    q = StringField("姓名或单位", [Optional(), Length(max=100)])


class HandOverForm(PageForm):
    to = SelectField("接手的人", [InputRequired("请选择接手的人。")])
    reason = StringField("事由", [Optional(), Length(max=200, message="事由不超过 200 字。")])
    gives_roles = BooleanField("把岗位角色也授予接手的人", description="接手的人没有所需角色的任务，否则转给负责人。")
    disables = BooleanField("交接完成后停用账号", description="立即退出登录，不能再登录；办过的事项和记录保留。")

    def offer(self, people: _Choices) -> None:
        """Fill in who may take over."""
        self.to.choices = [("", "请选择"), *people]


class SuccessorForm(PageForm):
    to = SelectField("接手的人", default="")

    def offer(self, name: str, people: _Choices) -> None:
        """Fill in who may take over one process, under its name."""
        self.to.label.text = name
        self.to.choices = [("", "同上"), *people]
