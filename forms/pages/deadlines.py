"""More time for a task; the calendar: a day, a closure, a notice, the settings."""

from wtforms import BooleanField, DateField, FileField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]


class ExtendForm(PageForm):
    working_days = IntegerField(
        "延长几个工作日",
        [Optional(), NumberRange(1, 3660, "请填写 1 到 3660 的整数。")],
        description="从现在的期限往后数，周末和节假日不计。",
    )
    until = DateField("或延至哪一天", [Optional()], description="到这一天结束为止。与上一项只填一项。")
    reason = TextAreaField(
        "理由", [InputRequired("请填写理由。"), Length(max=500)], description="会写入办理过程，办件双方都会看到。"
    )


class DayForm(PageForm):
    kind = SelectField("这一天", [InputRequired("请选择。")])
    name = StringField("节日名称", [Optional(), Length(max=40)], description="例如 春节。平常日子不填。")
    source = StringField(
        "依据",
        [InputRequired("请填写依据。"), Length(max=200)],
        description="例如 国办发明电〔2026〕号，或改动的原因。",
    )

    def offer(self, kinds: _Choices) -> None:
        """Fill the select."""
        self.kind.choices = kinds


class ClosureForm(PageForm):
    region = SelectField("地区", [InputRequired("请选择地区。")], description="包括其下的所有地区。")
    first = DateField("从", [InputRequired("请填写日期。")])
    last = DateField("到", [Optional()], description="只有一天可以不填。")
    part = SelectField("时段")
    reason = StringField(
        "原因", [InputRequired("请填写原因。"), Length(max=200)], description="例如 防汛抗洪。办件双方都会看到。"
    )

    def offer(self, regions: _Choices, parts: _Choices) -> None:
        """Fill the selects."""
        self.region.choices = [("", "请选择"), *regions]
        self.part.choices = parts


class NoticeForm(PageForm):
    file = FileField("放假安排文件", description="CSV 或 XLSX，三列：日期、类型（放假或上班）、名称。一个文件一年。")
    source = StringField(
        "文号或来源", [InputRequired("请填写通知的文号。"), Length(max=200)], description="例如 国办发明电〔2026〕1号。"
    )


class CountingForm(PageForm):
    rest_day_end_moves = BooleanField("按自然日计算的期限，最后一天遇休息日的，顺延到下一个工作日")
    before_includes_day = BooleanField("“X日前”包括 X 日当天")
    morning_from = TimeField("上午上班", [InputRequired("请填写时间。")])
    morning_until = TimeField("上午下班", [InputRequired("请填写时间。")])
    afternoon_from = TimeField("下午上班", [InputRequired("请填写时间。")])
    afternoon_until = TimeField("下午下班", [InputRequired("请填写时间。")])
