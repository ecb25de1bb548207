"""The forms of the pages on which processes are tried out."""

from wtforms import DateField, FileField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp

from forms.pages.base import PageForm

_KEY = Regexp(r"[a-z][a-z0-9_]{0,63}$", message="须以小写英文字母开头，只含小写字母、数字和下划线，最多 64 个字符。")


class BeginTrialForm(PageForm):
    version = SelectField("试运行的内容", choices=[])
    begins_on = DateField(
        "从哪一天开始", [Optional()], description="试运行有自己的时钟，从这一天上午 9 点起；留空为今天。"
    )


class SaveCaseForm(PageForm):
    name = StringField("用例名称", [InputRequired("请给测试用例起名。"), Length(max=100)])
    key = SelectField("保存为", choices=[])


class CaseForm(PageForm):
    text = TextAreaField("内容（JSON）", [InputRequired("请填写内容。")])


class ImportArchiveForm(PageForm):
    key = StringField(
        "流程标识",
        [Optional(), _KEY],
        id="archive-key",
        description="留空则用文件里的标识；该流程已有草稿时不会覆盖。",
    )
    file = FileField("流程包（ZIP）", id="archive-file")
