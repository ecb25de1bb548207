"""The objection of a citizen to a public notice."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from forms.pages.base import PageForm


class ObjectionForm(PageForm):
    instance = SelectField("反映哪个单位", [InputRequired("请选择所反映的单位。")], choices=[], validate_choice=True)
    name = StringField("姓名", [InputRequired("请填写真实姓名。"), Length(max=50, message="姓名最多 50 个字。")])
    contact = StringField(
        "联系方式",
        [InputRequired("请填写联系方式。"), Length(max=100, message="联系方式最多 100 个字。")],
        description="电话、手机或电子邮箱。只有负责处理的文明办能看到您的姓名和联系方式。",
    )
    text = TextAreaField(
        "异议内容",
        [InputRequired("请填写异议内容。"), Length(max=2000, message="异议内容最多 2000 个字。")],
        description="请写明具体事实、时间和依据。",
    )
