"""The filters of the list of cases, and the reason that an intervention needs."""

from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_ALL = ("", "全部")


class CaseFilterForm(PageForm):
    q = StringField("单位、荣誉或编号", [Length(max=100)])
    status = SelectField("状态", validate_choice=False)
    procedure = SelectField("流程", name="process", validate_choice=False)
    batch = SelectField("批次", validate_choice=False)

    def offer(self, statuses: _Choices, processes: _Choices, batches: _Choices) -> None:
        """Fill the selects."""
        self.status.choices = [_ALL, *statuses]
        self.procedure.choices = [_ALL, *processes]
        self.batch.choices = [_ALL, *batches]


class ReasonForm(PageForm):
    reason = TextAreaField("理由", [DataRequired("请填写理由。"), Length(max=1000)])


class RetryForm(PageForm):
    corrections = TextAreaField(
        "更正变量（可不填）",
        [Length(max=20000)],
        name="data",
        description='JSON 对象，例如 {"county_region": "430681"}。只在故障由数据引起时填写。',
    )
