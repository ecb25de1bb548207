"""What may happen at the end of a step's time: only what somebody, or the machine, can then really do."""

from collections.abc import Iterator, Mapping

from workflows.bpmn import Element
from workflows.checks.numbers import is_whole
from workflows.checks.people import known_form
from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label

_ACTS = ("mail", "hand_over", "decide")
_WHERE = ("region", "organisation", "person")
_KNOWN = {
    "mail": {"act"},
    "hand_over": {"act", "after", "roles", "persons", *_WHERE},
    "decide": {"act", "after", "outcome"},
}
_MOST_DAYS = 250
_MOST_PERSONS = 250


@rule
def endings_can_happen(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        declared = task.extension("overdue")
        if declared is not None:
            for why in _faults(subject, task, declared):
                yield Problem("error", "overdue_unclear", task.id, f"{label(task)}的到期处理（wm:overdue）{why}")


def _faults(subject: Subject, task: Element, declared: Mapping[str, str]) -> Iterator[str]:
    act = declared.get("act", "mail")
    if act not in _ACTS:
        yield f"的 act“{act[:40]}”只能是 mail（只发通知）、hand_over（转办）或 decide（系统作出）。"
        return
    unknown = [name for name in declared if name not in _KNOWN[act]]
    if unknown:
        yield f"不认识“{unknown[0][:40]}”；act 为 {act} 时可以写 {'、'.join(sorted(_KNOWN[act]))}。"
    if not is_whole(declared.get("after", "0"), 0, _MOST_DAYS):
        yield f"的 after“{declared['after'][:40]}”不是 0 到 {_MOST_DAYS} 的整数；请写逾期后的工作日数，0 表示期限一过。"
    if act == "mail":
        return
    if task.extension("deadline") is None:
        yield "没有用处，因为这一步没有办理期限；请先设置办理期限（wm:deadline）。"
    if _is_timed(subject, task):
        yield "与附着的定时边界事件冲突；到期由边界事件改变流程的，请删除这里的设置。"
    yield from _who(subject, declared) if act == "hand_over" else _outcome(subject, task, declared)


def _is_timed(subject: Subject, task: Element) -> bool:
    attached = (subject.catalogue.elements[key] for key in subject.catalogue.attached.get(task.id, ()))
    return any(e.event and e.event.kind == "timer" and e.event.interrupting for e in attached)


def _who(subject: Subject, declared: Mapping[str, str]) -> Iterator[str]:
    given = [name for name in _WHERE if declared.get(name)]
    if len(given) != 1:
        yield f"没有说清转给谁；请在 {'、'.join(_WHERE)} 中恰好设置一个。"
    roles = declared.get("roles", "").split()
    if given and given != ["person"] and not roles:
        yield "没有设置接办人的角色；请至少写一个角色（roles）。"
    for role in roles:
        if subject.facts.roles is not None and role not in subject.facts.roles:
            yield f"的角色“{role[:40]}”不存在；可用的角色：{'、'.join(sorted(subject.facts.roles))}。"
    if not is_whole(declared.get("persons", "1"), 1, _MOST_PERSONS):
        yield f"的 persons“{declared['persons'][:40]}”不是正整数；请写数字，如 1。"


def _outcome(subject: Subject, task: Element, declared: Mapping[str, str]) -> Iterator[str]:
    outcome, form = declared.get("outcome"), known_form(subject, task)
    if not outcome:
        yield "没有写由系统作出哪个结果；请写表单中“办理结果”字段的一个值（outcome）。"
    elif form is not None and form.outcome is None:
        yield "不能由系统作出结果，因为表单没有“办理结果”字段；请给表单加上，或改用转办。"
    elif form is not None and outcome not in form.outcome_values:
        yield f"的结果“{outcome[:40]}”不在表单的结果之中；可以写 {'、'.join(form.outcome_values)}。"
