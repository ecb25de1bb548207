"""Copies by rule (抄送, ``wm:cc``): it must be clear whose desk they go to."""

from collections.abc import Iterator, Mapping

from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.subject import Subject
from workflows.wording import label

_WHERE = ("region", "organisation", "person")


@rule
def copies_name_their_readers(subject: Subject) -> Iterator[Problem]:
    for task in subject.of_type("userTask"):
        declared = task.extension("cc")
        for why in _faults(subject, declared) if declared is not None else ():
            yield Problem("error", "cc_unclear", task.id, f"{label(task)}的抄送（wm:cc）{why}")


def _faults(subject: Subject, declared: Mapping[str, str]) -> Iterator[str]:
    if len([name for name in _WHERE if declared.get(name)]) != 1:
        yield f"没有说清抄送给谁；请在 {'、'.join(_WHERE)} 中恰好设置一个。"
    for role in declared.get("roles", "").split():
        if subject.facts.roles is not None and role not in subject.facts.roles:
            yield f"的角色“{role[:40]}”不存在；可用的角色：{'、'.join(sorted(subject.facts.roles))}。"
