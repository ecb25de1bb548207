"""What is asked of somebody who does an act beside deciding: whom it concerns, why, until when."""

from wtforms import DateField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from forms.pages.base import PageForm

_Choices = list[tuple[str, str]]
_MOST = Length(max=1000, message="文字不能超过 1000 字。")


class ActForm(PageForm):
    """Base: some words to the other side."""

    text = TextAreaField("说明（可不填）", [_MOST], description="会写入办理过程，对方能看到。")


class PersonForm(ActForm):
    to = StringField("转给谁", [InputRequired("请选择一个人。")])


class DelegateForm(PersonForm):
    to = StringField("请谁先提意见", [InputRequired("请选择一个人。")])


class AddSignerForm(PersonForm):
    position = RadioField("签在什么时候", [InputRequired("请选择签在您之前还是之后。")], validate_choice=False)
    to = StringField("请谁加签", [InputRequired("请选择。")])

    def offer(self, positions: _Choices) -> None:
        """Fill the radio buttons."""
        self.position.choices = positions


class RemoveSignerForm(ActForm):
    to = RadioField("不再请谁签署", [InputRequired("请选择一个人。")], validate_choice=False)

    def offer(self, signers: _Choices) -> None:
        """Fill the radio buttons."""
        self.to.choices = signers


class ReturnForm(ActForm):
    to_element = RadioField("退回到哪一步", [InputRequired("请选择退回到哪一步。")], validate_choice=False)
    resume = RadioField(
        "改好之后",
        [InputRequired("请选择改好之后怎么走。")],
        validate_choice=False,
        default="again",
    )
    text = TextAreaField(
        "退回理由",
        [InputRequired("请填写退回理由，对方会看到。"), _MOST],
        description="写明哪一项、为什么、要怎样改。",
    )

    def offer(self, ways: _Choices) -> None:
        """Fill the radio buttons."""
        self.resume.choices = ways


class NudgeForm(ActForm):
    text = TextAreaField("催办说明（可不填）", [_MOST], description="对方会在通知和邮件里看到。")


class SnoozeForm(PageForm):
    until = DateField("暂缓到哪一天", [InputRequired("请选择日期，例如 2026-12-01。")])


class CopyForm(ActForm):
    to = SelectMultipleField("抄送给谁", validate_choice=False, choices=[])


class CommentForm(ActForm):
    text = TextAreaField(
        "评论",
        [InputRequired("请填写评论内容。"), _MOST],
        description="评论不是办理意见，不影响流程。输入 @ 和姓名可以提醒对方。",
    )


class RecallForm(PageForm):
    reason = TextAreaField("撤回理由", [InputRequired("请填写撤回理由。"), _MOST])
