"""Who is told when somebody is late: the superior of an organisation, the leader of a person."""

from wtforms import SelectField, StringField
from wtforms.validators import Length, Optional

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]


class OrganisationFilterForm(PageForm):
    q = StringField("名称", [Optional(), Length(max=100)])


class SuperiorForm(PageForm):
    superior = SelectField("上级单位", description="逾期先通知本单位负责人，再通知上级单位，逐级往上。")

    def offer(self, choices: _Choices) -> None:
        """Fill the select."""
        self.superior.choices = [("", "按行政区划（上级文明办）"), *choices]


class LeaderForm(PageForm):
    leader = SelectField("负责人")

    def offer(self, name: str, choices: _Choices) -> None:
        """Fill the select, under the name of the person whose leader it is."""
        self.leader.label.text = name
        self.leader.choices = [("", "本单位负责人"), *choices]
