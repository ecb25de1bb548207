"""The filter of the list of units and the forms that change a unit."""

from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]


class UnitFilterForm(PageForm):
    q = StringField("名称或代码", [Length(max=100)])
    region = SelectField("地区", validate_choice=False)
    honour = SelectField("称号", validate_choice=False)
    waiting = BooleanField("只看待归属")

    def offer(self, regions: _Choices, honours: _Choices) -> None:
        """Fill the selects."""
        self.region.choices = [("", "全部"), *regions]
        self.honour.choices = [("", "全部"), *honours]


class UnitFactsForm(PageForm):
    uscc = StringField(
        "统一社会信用代码", [Optional(), Length(max=40)], description="18 位。校验位不符会提醒，但可以保存。"
    )
    unit_kind = StringField("类型", [Optional(), Length(max=50)], description="例如 机关、学校、国有企业。")
    sector = StringField("行业", [Optional(), Length(max=50)])
    ownership = StringField("所有制", [Optional(), Length(max=50)], description="例如 公有、非公。")


class NewUnitForm(PageForm):
    name = StringField(
        "单位名称", [InputRequired("请填写单位名称。"), Length(max=200)], description="按公章上的全称填写。"
    )
    jurisdiction = SelectField("管辖地区", [InputRequired("请选择管辖地区。")], validate_choice=False)
    uscc = StringField(
        "统一社会信用代码", [Optional(), Length(max=40)], description="18 位。校验位不符会提醒，但可以保存。"
    )
    kind = StringField("类型", [Optional(), Length(max=50)], description="例如 机关、学校、国有企业。")
    sector = StringField("行业", [Optional(), Length(max=50)])
    ownership = StringField("所有制", [Optional(), Length(max=50)], description="例如 公有、非公。")

    def offer(self, regions: _Choices) -> None:
        """Fill the select."""
        self.jurisdiction.choices = [("", "请选择"), *regions]


class JurisdictionForm(PageForm):
    region = SelectField("管辖地区", [InputRequired("请选择管辖地区。")], validate_choice=False)

    def offer(self, regions: _Choices) -> None:
        """Fill the select."""
        self.region.choices = [("", "请选择"), *regions]


class RenameForm(PageForm):
    name = StringField("新名称", [InputRequired("请填写新名称。"), Length(max=200)])
    since = DateField("启用日期", [Optional()], description="不知道可以不填。")
    source = StringField("依据", [Optional(), Length(max=200)], description="例如 机构改革文件的发文字号。")


class EarlierNameForm(PageForm):
    name = StringField("曾用名称", [InputRequired("请填写曾用名称。"), Length(max=200)])
    until = DateField("停用日期", [Optional()], description="不知道可以不填。")
    source = StringField("依据", [Optional(), Length(max=200)])
