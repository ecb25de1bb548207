"""What a list of tasks is narrowed, sorted and shown by, and the name under which it is kept."""

from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_ALL = ("", "全部")
_USUAL = ("", "默认")


class InboxFilterForm(PageForm):
    q = StringField("单位、拼音首字母、编号或人名", [Length(max=100)])
    procedure = SelectField("流程", name="process", validate_choice=False)
    element = SelectField("环节", validate_choice=False)
    region = SelectField("地区", validate_choice=False)
    honour = SelectField("荣誉", validate_choice=False)
    batch = SelectField("批次", validate_choice=False)
    severity = SelectField("紧急程度", validate_choice=False)
    due_from = StringField("截止日期从")
    due_to = StringField("截止日期到")
    opened_from = StringField("到达日期从")
    opened_to = StringField("到达日期到")
    returned = BooleanField("曾被退回")
    unread = BooleanField("未读")
    by1 = SelectField("排序", validate_choice=False)
    by2 = SelectField("再按", validate_choice=False)
    by3 = SelectField("最后按", validate_choice=False)
    per_page = SelectField("每页", validate_choice=False)
    col = SelectMultipleField("显示的列", validate_choice=False)

    def offer(self, choices: dict[str, _Choices]) -> None:
        """Fill the selects, by the name of the field."""
        for name, offered in choices.items():
            field = self[name]
            first = [] if name in {"per_page", "col"} else [_USUAL if name.startswith("by") else _ALL]
            field.choices = [*first, *offered]


class SaveFilterForm(PageForm):
    name = StringField("名称", [Length(max=30)])
    shared = BooleanField("与本机构的同事共享")
    start = BooleanField("作为我的起始页")
