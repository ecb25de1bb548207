"""The login and password forms. CSRF is checked by the application before any form is read."""

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from forms.pages.base import PageForm


class LoginForm(PageForm):
    username = StringField("用户名", [InputRequired("请输入用户名。"), Length(max=150)])
    password = PasswordField("密码", [InputRequired("请输入密码。"), Length(max=1024)])


class PasswordForm(PageForm):
    current = PasswordField("当前密码", [InputRequired("请输入当前密码。")])
    new = PasswordField(
        "新密码", [InputRequired("请输入新密码。")], description="至少 8 位，同时包含字母和数字（或符号）。"
    )
    again = PasswordField("再输一次新密码", [EqualTo("new", "两次输入的新密码不一致。")])
