"""A plan of places: what was said about a difference, places from region to region, its settings."""

from wtforms import DecimalField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]


class AcknowledgeForm(PageForm):
    reason = TextAreaField(
        "核对情况",
        [InputRequired("请写明核对情况。"), Length(max=500)],
        description="例如：已向下达单位核实，以各行为准。两个数字都照原样保留。",
    )


class TransferForm(PageForm):
    honour = SelectField("荣誉", [InputRequired("请选择荣誉。")])
    giver = SelectField("调出地区", [InputRequired("请选择地区。")])
    taker = SelectField("调入地区", [InputRequired("请选择地区。")])
    number = IntegerField("个数", [InputRequired("请填写个数。"), NumberRange(1, 100_000, "请填写正整数。")])
    reason = StringField("理由", [InputRequired("请填写理由。"), Length(max=300)])

    def offer(self, honours: _Choices, regions: _Choices) -> None:
        """Fill the selects."""
        self.honour.choices = honours
        self.giver.choices = self.taker.choices = [("", "请选择"), *regions]


class DecideTransferForm(PageForm):
    reason = StringField("意见", [Optional(), Length(max=300)], description="不同意的须写明理由。")


class QuotaSettingsForm(PageForm):
    over_cap = RadioField("名额用完后", [InputRequired("请选择。")])
    administrative_percent = DecimalField(
        "行政机关占比上限（%）", [Optional(), NumberRange(0, 100, "请填写 0 到 100。")], description="不填为不限。"
    )
    grassroots_percent = DecimalField(
        "基层单位占比下限（%）", [Optional(), NumberRange(0, 100, "请填写 0 到 100。")], description="不填为不限。"
    )

    def offer(self, over_cap: _Choices) -> None:
        """Fill the choice."""
        self.over_cap.choices = over_cap
