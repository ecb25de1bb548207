"""The forms of the designer's pages: a new process, a file from elsewhere, handing in a draft."""

from collections.abc import Iterable
from typing import Any

from wtforms import DateTimeLocalField, IntegerField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, Regexp
from wtforms.widgets import HiddenInput

from forms.pages.base import PageForm

_KEY = Regexp(r"[a-z][a-z0-9_]{0,63}$", message="须以小写英文字母开头，只含小写字母、数字和下划线，最多 64 个字符。")
_KEY_HINT = "英文标识，如 activity_plan；发布后不再改变。"


class NewProcessForm(PageForm):
    title = StringField("流程名称", [InputRequired("请填写流程名称。"), Length(max=60)])
    key = StringField("流程标识", [InputRequired("请填写流程标识。"), _KEY], description=_KEY_HINT)


class ImportProcessForm(PageForm):
    key = StringField("流程标识", [InputRequired("请填写流程标识。"), _KEY], id="import-key", description=_KEY_HINT)
    file_missing = False


class PublishForm(PageForm):
    revision = IntegerField("修订号", [InputRequired()], widget=HiddenInput())
    reason = TextAreaField(
        "发布原因",
        [InputRequired("请写明发布的原因。"), Length(max=500)],
        description="改了什么、为什么改；保留在版本记录里。",
    )
    due_at = DateTimeLocalField(
        "生效时间", [Optional()], format=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], description="北京时间；留空则立即生效。"
    )

    def take(self, errors: Iterable[Any]) -> None:
        """Show what the operation refused at its field, everything else above the form."""
        for error in errors:
            if error.path in {"reason", "due_at"}:
                self[error.path].errors = [*self[error.path].errors, error.message]
            else:
                self.form_errors.append(error.message)
