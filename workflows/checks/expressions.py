"""Expressions and scripts stay within the permitted part of Python and call only known functions."""

from collections.abc import Iterator, Set

from workflows.checks.places import MAX_TEXT, script_text, weight
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.data import RESERVED
from workflows.python_subset import FUNCTIONS, MAX_LENGTH, analyse_script
from workflows.wording import label

_HINT = "；可以使用比较、and/or/not、算术、列表和已登记的函数，文本加引号，相等写作 =="


@rule
def expressions_are_permitted(subject: Subject) -> Iterator[Problem]:
    for place in subject.places:
        expression = place.expression
        if expression.error:
            hint = foreign_hint(expression.text) or _HINT
            message = f"{place.what}“{expression.text[:120]}”：{expression.error}{hint}。"
            yield Problem("error", "expression_refused", place.holder, message)


@rule
def expressions_are_not_too_long(subject: Subject) -> Iterator[Problem]:
    if sum(weight(place) for place in subject.places) > MAX_TEXT - MAX_LENGTH:
        message = f"流程中的表达式共超过 {MAX_TEXT} 个字符，其余的没有检查；请把复杂的判断登记为服务。"
        yield Problem("error", "expressions_too_long", "", message)


@rule
def functions_are_known(subject: Subject) -> Iterator[Problem]:
    known = subject.facts.functions
    if known is None:
        return
    for place in subject.places:
        for name in sorted(place.expression.calls - known - FUNCTIONS):
            message = f"{place.what}调用了没有登记的函数 {name}()；可用的函数：{_listed(known | FUNCTIONS)}。"
            yield Problem("error", "function_unknown", place.holder, message)


@rule
def scripts_only_assign(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("scriptTask"):
        lines, error = analyse_script(script_text(element))
        if error:
            message = f"{label(element)}：{error}；脚本每行只能写“名称 = 表达式”，其他工作请登记为服务并改用服务任务。"
            yield Problem("error", "script_refused", element.id, message)
        for line in lines:
            if line.name in RESERVED or line.name.startswith("_"):
                message = f"{label(element)}不能给“{line.name}”赋值，该名称为引擎保留；请换一个名称。"
                yield Problem("error", "name_reserved", element.id, message)


@rule
def scripts_are_python(subject: Subject) -> Iterator[Problem]:
    for element in subject.of_type("scriptTask"):
        language = element.attributes.get("scriptFormat", "").strip().lower()
        if language and "python" not in language:
            message = f"{label(element)}声明的脚本语言“{language[:40]}”会被忽略；请按“名称 = 表达式”改写并删除声明。"
            yield Problem("error", "script_format", element.id, message)


def foreign_hint(text: str) -> str:
    """What to do with an expression of another engine's dialect; empty if it looks like none."""
    if "${" in text or "#{" in text:
        return "；这是其他引擎的写法，请去掉 ${ }，按 Python 写法改写"
    if text.lstrip().startswith("="):
        return "；这像是 FEEL 写法，请去掉开头的等号，相等改为 =="
    if "&&" in text or "||" in text:
        return "；请把 && 改为 and，把 || 改为 or"
    return ""


def _listed(names: Set[str]) -> str:
    return "、".join(sorted(names))
