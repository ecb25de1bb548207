"""The forms of the pages of migrations: choosing cases, and saying why they are moved."""

from collections.abc import Iterable
from typing import Any

from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_ALL = ("", "全部")


class ChooseCasesForm(PageForm):
    from_version = SelectField("原版本", [InputRequired("请选择原版本。")])
    to_version = SelectField("目标版本", [InputRequired("请选择目标版本。")])
    step = SelectField("停在哪个环节", validate_choice=False)
    region = SelectField("地区", validate_choice=False)
    batch = SelectField("批次", validate_choice=False)
    numbers = TextAreaField(
        "或逐个列出办件编号",
        [Length(max=60_000)],
        description="用空格、逗号或换行分开，最多 2000 个。填了编号，上面的条件就不起作用。",
    )

    def offer(self, old: _Choices, new: _Choices, steps: _Choices, regions: _Choices, batches: _Choices) -> None:
        """Fill the selects."""
        self.from_version.choices, self.to_version.choices = old, new
        self.step.choices = [_ALL, *steps]
        self.region.choices = [_ALL, *regions]
        self.batch.choices = [_ALL, *batches]

    def take(self, errors: Iterable[Any]) -> None:
        """Show what the operation refused at its field, everything else above the form."""
        for error in errors:
            if error.path in self:
                self[error.path].errors = [*self[error.path].errors, error.message]
            else:
                self.form_errors.append(error.message)


class MigrationReasonForm(PageForm):
    reason = TextAreaField(
        "迁移原因",
        [InputRequired("请写明迁移的原因。"), Length(max=500)],
        description="写进每个办件的办理过程和审计日志。",
    )
