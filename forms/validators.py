"""The rules of a component as WTForms validators, in the order in which a person should hear of them.

Whether a value is there and of the right type is known before any of these runs; each says one thing about it.
"""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from wtforms import ValidationError
from wtforms.validators import StopValidation

from forms.components import Component
from forms.habits import NAMED, check_named
from forms.messages import Finding, finding
from forms.values import is_empty

if TYPE_CHECKING:
    from forms.fields import AnswerField

Validator = Callable[[Any, Any], None]

VALIDATOR_NAMES = frozenset(NAMED)


def validators_for(component: Component) -> tuple[Validator, ...]:
    """Return the validators of a component, the one for missing values first."""
    rules: list[Validator] = [_present]
    rules += _BY_TYPE.get(component.type, ())
    if component.validator:
        rules.append(_named)
    return tuple(rules)


def _say(field: "AnswerField", found: Finding) -> ValidationError:
    return ValidationError(field.say(found))


def _present(_form: Any, field: "AnswerField") -> None:
    """End the chain for an empty value, with an error where one is needed now."""
    if not is_empty(field.data):
        return
    if not field.component.limits.required or field.circumstances.partial:
        raise StopValidation
    kind = field.component.type
    template = _REQUIRED.get(kind, "「{label}」没有填写。请填写后再提交。")
    raise StopValidation(field.say(finding("required", template)))


_REQUIRED = {
    "checkbox": "「{label}」需要勾选确认后才能提交。",
    "radio": "「{label}」没有选择。请选择一项。",
    "select": "「{label}」没有选择。请选择一项。",
    "checklist": "「{label}」没有选择。请至少选择一项。",
    "taglist": "「{label}」没有选择。请至少选择一项。",
    "filepicker": "「{label}」没有附件。请上传至少一个文件。",
}


def _length(_form: Any, field: "AnswerField") -> None:
    limits, length = field.component.limits, len(field.data)
    if limits.max_length is not None and length > limits.max_length:
        template = "「{label}」最多 {most} 个字，现在有 {length} 个。请缩短。"
        raise _say(field, finding("too_long", template, most=limits.max_length, length=length))
    if limits.min_length is not None and length < limits.min_length and not field.circumstances.partial:
        template = "「{label}」至少 {least} 个字，现在有 {length} 个。请补充。"
        raise _say(field, finding("too_short", template, least=limits.min_length, length=length))


def _pattern(_form: Any, field: "AnswerField") -> None:
    limits = field.component.limits
    if limits.pattern is None or limits.pattern.matches(field.data):
        return
    if limits.pattern_message:
        raise _say(field, finding("pattern", "「{label}」{reason}", reason=limits.pattern_message))
    raise _say(field, finding("pattern", "「{label}」的格式不对。请参照说明填写。"))


def _range(_form: Any, field: "AnswerField") -> None:
    limits, number = field.component.limits, field.data
    if limits.min is not None and number < limits.min:
        raise _say(field, finding("too_small", "「{label}」不能小于 {least}。请改正。", least=limits.min))
    if limits.max is not None and number > limits.max:
        raise _say(field, finding("too_large", "「{label}」不能大于 {most}。请改正。", most=limits.max))


def _precision(_form: Any, field: "AnswerField") -> None:
    decimals, number = field.component.limits.decimals, field.data
    if decimals is None or isinstance(number, int) or round(number, decimals) == number:
        return
    if decimals == 0:
        raise _say(field, finding("not_whole", "「{label}」应当是整数。请去掉小数。"))
    raise _say(field, finding("too_precise", "「{label}」最多 {digits} 位小数。请四舍五入后填写。", digits=decimals))


def _step(_form: Any, field: "AnswerField") -> None:
    step = field.component.limits.step
    if step is None:
        return
    number, width = Decimal(str(field.data)), Decimal(str(step))
    if number % width:
        below = math.floor(number / width) * width
        template = "「{label}」应当是 {step} 的倍数，最接近的是 {below} 和 {above}。"
        raise _say(field, finding("wrong_step", template, step=step, below=below, above=below + width))


def _count(_form: Any, field: "AnswerField") -> None:
    limits, chosen = field.component.limits, len(field.data)
    least, most = limits.min_choices, limits.max_choices
    if least is not None and chosen < least and not field.circumstances.partial:
        template = "「{label}」至少选择 {least} 项，现在选了 {chosen} 项。"
        raise _say(field, finding("too_few_choices", template, least=least, chosen=chosen))
    if most is not None and chosen > most:
        template = "「{label}」最多选择 {most} 项，现在选了 {chosen} 项。"
        raise _say(field, finding("too_many_choices", template, most=most, chosen=chosen))


def _not_past(_form: Any, field: "AnswerField") -> None:
    today: date | None = field.circumstances.today
    if not field.component.limits.not_past or today is None or field.component.subtype == "time":
        return
    if field.data[:10] < today.isoformat():
        template = "「{label}」不能早于今天（{today}）。请改正。"
        raise _say(field, finding("in_the_past", template, today=today.isoformat()))


def _attached(_form: Any, field: "AnswerField") -> None:
    """Accept only attachments that the caller vouches for, and of the kinds that the component takes."""
    kept = []
    for given in field.data:
        upload = field.circumstances.uploads.get(str(given))
        if upload is None:
            template = "「{label}」里的附件 {given} 不存在或已被移除。请重新上传。"
            raise _say(field, finding("unknown_attachment", template, given=given))
        if not _is_accepted(upload.name, upload.content_type, field.component.limits.accept):
            template = "「{label}」不接受文件“{name}”，只能上传 {kinds}。"
            kinds = "、".join(field.component.limits.accept)
            raise _say(field, finding("wrong_file_type", template, name=upload.name, kinds=kinds))
        kept.append(given if upload.id is None else upload.id)
    field.data = kept


def _is_accepted(name: str, content_type: str, accept: tuple[str, ...]) -> bool:
    suffix = PurePosixPath(name.lower()).suffix
    major = content_type.partition("/")[0]
    return not accept or any(part in (suffix, content_type, f"{major}/*", "*/*") for part in accept)


def _named(_form: Any, field: "AnswerField") -> None:
    checked = check_named(field.component.validator, field.data)
    if checked.problem is not None:
        raise _say(field, checked.problem)
    if checked.doubt is not None:
        field.warnings.append(field.say(checked.doubt))
    field.data = checked.value


_TEXT_RULES: tuple[Validator, ...] = (_length, _pattern)
_BY_TYPE: dict[str, tuple[Validator, ...]] = {
    "textfield": _TEXT_RULES,
    "textarea": _TEXT_RULES,
    "number": (_range, _precision, _step),
    "datetime": (_not_past,),
    "checklist": (_count,),
    "taglist": (_count,),
    "filepicker": (_attached,),
}
