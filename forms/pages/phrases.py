"""A phrase that is used again, and whether the whole office may use it."""

from wtforms import BooleanField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.pages.base import PageForm


class PhraseForm(PageForm):
    text = TextAreaField("内容", [DataRequired("请填写内容。"), Length(max=500, message="最多 500 个字。")])
    shared = BooleanField("本单位共用")
