"""The filter of the list of accounts and the form of an account."""

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from forms.habits import check_named
from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]


def _named(kind: str) -> object:
    def check(_form: PageForm, field: StringField) -> None:
        checked = check_named(kind, field.data)
        if checked.problem is not None:
            raise ValidationError(checked.problem.text(field.label.text))
        field.data = checked.value

    return check


class UserFilterForm(PageForm):
    q = StringField("用户名、姓名或单位", [Length(max=100)])
    role = SelectField("角色", validate_choice=False)
    disabled = BooleanField("只看已停用")

    def offer(self, roles: _Choices) -> None:
        """Fill the select."""
        self.role.choices = [("", "全部"), *roles]


class UserForm(PageForm):
    username = StringField(
        "用户名",
        [InputRequired("请填写用户名。"), Length(min=2, max=64, message="用户名应为 2 至 64 个字符。")],
        description="登录用，不含空白，不分大小写；建立后不能改。",
    )
    name = StringField("姓名", [InputRequired("请填写姓名。"), Length(max=100)])
    roles = SelectMultipleField(
        "角色",
        [InputRequired("请至少选择一个角色。")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    email = StringField("电子邮箱", [Optional(), _named("email")], description="接收提醒用。")
    mobile = StringField("手机", [Optional(), _named("mobile")])

    def offer(self, roles: _Choices) -> None:
        """Offer the roles that may be given here."""
        self.roles.choices = roles


class OrganisationSearchForm(PageForm):
    q = StringField("单位名称", [Length(max=100)])
