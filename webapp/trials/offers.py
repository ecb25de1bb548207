"""What the application offers at a step, kept with it, so that its answers name the same things in every run.

Rows that a process makes by itself (milestones, nominees) bear other numbers each time; they are told by their place in
the list that was offered.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forms.compile import CompiledForm
from forms.scopes import Scope
from webapp.instances.processes import Case, rules_of

Json = dict[str, Any]
Offers = Mapping[str, Sequence[str]]


def offers_at(form: CompiledForm, case: Case, process: str) -> dict[str, list[str]]:
    """The values of choices and the keys of repeated rows that a form takes from the application, by name."""
    rules, needs = rules_of(process), form.needs
    rows = {name: rules.choices[name](case) for name in needs & rules.choices.keys()}
    rows |= {name: rules.repeats[name](case) for name in needs & rules.repeats.keys()}
    named = {name: [row.get("key", row.get("value")) for row in found] for name, found in rows.items()}
    return {name: [str(value) for value in values] for name, values in named.items() if values}


def renamed(form: CompiledForm, answers: Json, then: Offers, now: Offers) -> Json:
    """The answers in the numbers of this run; where another count is offered they stay as they are.

    Args:
        form: the form with what is offered now.
        then: what was offered when the answers were recorded.
    """
    known = {
        name: dict(zip(values, now[name], strict=True))
        for name, values in then.items()
        if len(values) == len(now.get(name, ())) and list(values) != list(now[name])
    }
    if not known:
        return answers
    keys = {old: new for mapping in known.values() for old, new in mapping.items()}
    return _values(form.scope, _keys(answers, keys), known)


def _keys(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {names.get(key, key): _keys(part, names) for key, part in value.items()}
    return [_keys(part, names) for part in value] if isinstance(value, list) else value


def _values(scope: Scope, answers: Json, known: Mapping[str, Mapping[str, str]]) -> Json:
    for entry in scope.entries:
        holder: Any = answers
        for key in entry.path[:-1]:
            holder = holder.get(key) if isinstance(holder, dict) else None
        last, names = entry.path[-1], known.get(entry.component.choices_from or "", {})
        if not isinstance(holder, dict) or last not in holder:
            continue
        if entry.rows is not None and isinstance(holder[last], list):
            holder[last] = [_values(entry.rows, row, known) for row in holder[last] if isinstance(row, dict)]
        elif isinstance(holder[last], list):
            holder[last] = [names.get(str(value), value) for value in holder[last]]
        else:
            holder[last] = names.get(str(holder[last]), holder[last])
    return answers
