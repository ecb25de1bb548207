"""The forms about webhooks: a host on the list, and where events go."""

from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from forms.pages.base import PageForm


class WebhookHostForm(PageForm):
    name = StringField(
        "主机",
        [InputRequired("请填写主机名。"), Length(max=253)],
        description="如 oa.example.cn，不带 https:// 和端口。",
    )
    reason = StringField("用途", [InputRequired("请填写用途，会留在审计日志里。"), Length(max=200)])


class WebhookForm(PageForm):
    label = StringField("名称", [InputRequired("请填写名称。"), Length(max=60)])
    url = StringField(
        "网址",
        [InputRequired("请填写接收推送的网址。"), Length(max=500)],
        description="主机须在允许推送的名单上；发往公网须用 https。不跟随跳转。",
    )
    kinds = SelectMultipleField(
        "推送哪些事件",
        [InputRequired("请至少选择一种事件。")],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    is_active = BooleanField("启用", description="停用期间发生的事件不推送；已排队的等启用后再推送。")

    def offer(self, kinds: dict[str, str]) -> None:
        """Offer the kinds of events that there are."""
        self.kinds.choices = list(kinds.items())
