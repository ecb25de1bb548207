"""The forms of an administrator's interventions; each names the case as it was seen, and the reason."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_NOTHING = ("", "请选择")
_EXAMPLE = 'JSON 对象，例如 {"county_region": "430681"}；之后的条件要用而现在没有的变量，在这里补上。'


class InterventionForm(PageForm):
    """What every intervention asks."""

    version = IntegerField("版本", [InputRequired()], widget=HiddenInput())
    reason = TextAreaField("理由", [InputRequired("请填写理由。"), Length(max=1000)])

    def take(self, errors: Iterable[Any], detail: str) -> None:
        """Show what the operation refused at its field, everything else above the form."""
        names = {"data": "data_text", "element": "place"}
        found = [(error.path.partition(".")[0], error.message) for error in errors] or [("", detail)]
        found = [(names.get(path, path), message) for path, message in found]
        for path, message in found:
            if path in self:
                self[path].errors = [*self[path].errors, message]
            else:
                self.form_errors.append(message)


class MoveForm(InterventionForm):
    place = SelectField("移动到", [InputRequired("请选择要移动到的环节。")], validate_choice=False)
    data_text = TextAreaField("一并更正的变量（可不填）", [Length(max=20_000)], description=_EXAMPLE)

    def offer(self, moves: Mapping[str, _Choices]) -> None:
        """Fill the select: a group for each place where the case stands."""
        self.place.choices = {"请选择": [_NOTHING], **moves}


class SkipForm(InterventionForm):
    token = SelectField("跳过", [InputRequired("请选择要跳过的位置。")], validate_choice=False)
    outcome = SelectField("按什么结果处理", validate_choice=False)
    data_text = TextAreaField("一并更正的变量（可不填）", [Length(max=20_000)], description=_EXAMPLE)

    def offer(self, tokens: _Choices, outcomes: _Choices) -> None:
        """Fill the selects."""
        self.token.choices = [_NOTHING, *tokens]
        self.outcome.choices = [("", "没有结果"), *outcomes]


class RepeatForm(InterventionForm):
    place = SelectField("重办哪个环节", [InputRequired("请选择要重办的环节。")], validate_choice=False)

    def offer(self, repeats: _Choices) -> None:
        """Fill the select."""
        self.place.choices = [_NOTHING, *repeats]


class RetryNowForm(InterventionForm):
    data_text = TextAreaField("更正的变量（可不填）", [Length(max=20_000)], description=_EXAMPLE)


class CancelForm(InterventionForm):
    pass
