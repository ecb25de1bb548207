"""Every variable that an expression reads is set by a form, a service, a script, a message or at the start.

A task whose form is not known may set anything: variables read behind it are not judged.
"""

from collections.abc import Iterator

from workflows.checks.problem import Problem
from workflows.checks.registry import rule
from workflows.checks.settings import Values, read_settings, sets_anything
from workflows.checks.subject import Subject
from workflows.checks.ways import all_ways, out_of
from workflows.graph import Graph


@rule
def variables_are_set(subject: Subject) -> Iterator[Problem]:
    start = subject.facts.start_variables
    if start is None:
        return
    known: dict[str | None, set[str]] = {None: set(start)}
    for setting in read_settings(subject):
        known.setdefault(setting.within, set()).add(setting.name)
    behind_unknown = _behind_unknown(subject)
    for place in subject.places:
        if place.expression.error or place.at in behind_unknown:
            continue
        for name in sorted(place.expression.names - place.given - _visible(subject, place.at, known)):
            message = f"{place.what}用到变量“{name}”，但没有表单、服务、脚本或启动数据设置它；请核对名称，或补上字段。"
            yield Problem("error", "variable_unset", place.holder, message)


@rule
def compared_values_occur(subject: Subject) -> Iterator[Problem]:
    possible: dict[str, Values] = {}
    for setting in read_settings(subject):
        before = possible.get(setting.name, frozenset())
        possible[setting.name] = None if setting.values is None or before is None else before | setting.values
    start = subject.facts.start_variables
    behind_unknown = _behind_unknown(subject)
    for place in subject.places:
        for name, texts in place.expression.comparisons:
            values = possible.get(name)
            if start is None or name in start or place.at in behind_unknown or not values:
                continue
            for text in sorted(set(texts) - values):
                options = "、".join(sorted(v for v in values if v))
                message = f"{place.what}把“{name}”与“{text[:60]}”比较，但它只会是：{options}；请核对。"
                yield Problem("warning", "value_never_occurs", place.holder, message)


def _visible(subject: Subject, element_id: str, known: dict[str | None, set[str]]) -> set[str]:
    """Names that an expression at an element can see: those of the process and of the multi-instances around it."""
    around = list(subject.catalogue.around(element_id))
    loops = (e.loop for e in around if e.loop is not None)
    items = {name for loop in loops for name in (loop.item, loop.output_item) if name}
    return items.union(*(known.get(key, ()) for key in (None, *(e.id for e in around))))


def _behind_unknown(subject: Subject) -> set[str]:
    """Elements that something may have come before that sets nobody knows what."""
    edges = dict(all_ways(subject))
    starts = [t for e in subject.elements if sets_anything(subject, e) for t in edges.get(out_of(subject, e), ())]
    return Graph(edges, {}).reach(starts)
