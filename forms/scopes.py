"""Where answers live: the form is one scope, every dynamic list opens one for its rows; groups only add to paths.

Building the scopes also finds what cannot work together: two components for one place, conditions on names that are not
in reach.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from forms.components import INPUTS, Component
from forms.conditions import Condition
from forms.documents import FormProblem
from forms.messages import Finding, finding

MAX_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """One place for an answer: `hides` are the conditions of the component and of the groups around it."""

    attribute: str
    path: tuple[str, ...]
    component: Component
    hides: tuple[Condition, ...]
    fixed: bool
    rows: "Scope | None" = None

    @property
    def name(self) -> str:
        return ".".join(self.path)


Shape = Mapping[str, Union[Entry, "Shape"]]


@dataclass(frozen=True, slots=True)
class Scope:
    """One level of data with its entries in document order; `computed` are expression fields, never sent."""

    components: tuple[Component, ...]
    entries: tuple[Entry, ...]
    computed: tuple[Entry, ...]
    conditional: tuple[Entry, ...]
    shape: Shape

    def entry_of(self, component: Component) -> Entry:
        """Return the entry of a component of this scope. Raises KeyError."""
        for entry in self.entries + self.computed:
            if entry.component is component:
                return entry
        raise KeyError(component.id)


def build_scope(components: tuple[Component, ...], problems: list[FormProblem]) -> Scope:
    """Return the scope of the whole form; what cannot work together is added to `problems`."""
    root = _Builder(problems).collect(components)
    _check_reach(root, root, problems)
    return root


def flatten(scope: Scope, data: Any, given: Any) -> dict[str, Any]:
    """Return the values of a scope by attribute; those of read-only components come from `given`.

    Rows of dynamic lists are flattened as well; parts of a wrong structure count as not sent.
    """
    flat: dict[str, Any] = {}
    for entry in scope.entries:
        source = given if entry.fixed else data
        found, value = dig(source, entry.path)
        if not found:
            continue
        if entry.rows is not None:
            rows = value if isinstance(value, list) else []
            _, given_rows = dig(given, entry.path)
            before = given_rows if isinstance(given_rows, list) else []
            most = entry.component.limits.max_rows
            value = [
                flatten(entry.rows, row, before[index] if index < len(before) else None)
                for index, row in enumerate(rows[:most])
            ]
        flat[entry.attribute] = value
    return flat


def dig(data: Any, path: tuple[str, ...]) -> tuple[bool, Any]:
    """Return whether something is under the path, and what."""
    for name in path:
        if not isinstance(data, Mapping) or name not in data:
            return False, None
        data = data[name]
    return True, data


def put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    """Store a value under a path, making the objects on the way."""
    for name in path[:-1]:
        data = data.setdefault(name, {})
    data[path[-1]] = value


def check_shape(shape: Shape, data: Any, prefix: str = "") -> list[tuple[str, Finding]]:
    """Return by path the keys that the form does not have and the objects and arrays of a wrong structure."""
    if not isinstance(data, Mapping):
        found = finding("wrong_type", "这里应当是一个对象（键和值）。请按表单的结构提交。")
        return [(prefix.rstrip("."), found)]
    errors: list[tuple[str, Finding]] = []
    for key, value in data.items():
        if len(errors) >= MAX_ERRORS:
            break
        errors += _check_key(shape, key, value, f"{prefix}{_printable(key)}")
    return errors


def _check_key(shape: Shape, key: Any, value: Any, path: str) -> list[tuple[str, Finding]]:
    expected = shape.get(key) if isinstance(key, str) else None
    if expected is None or (isinstance(expected, Entry) and expected.component.type == "expression"):
        return [(path, finding("unknown_field", "表单没有“{path}”这一项。请去掉它。", path=path))]
    if not isinstance(expected, Entry):
        return check_shape(expected, value, f"{path}.") if value is not None else []
    if expected.rows is None or value is None:
        return []
    return _check_rows(expected, expected.rows, value, path)


def _check_rows(entry: Entry, rows: Scope, value: Any, path: str) -> list[tuple[str, Finding]]:
    name = entry.component.label or path
    if not isinstance(value, list):
        return [(path, finding("wrong_type", "「{name}」应当是数组，每一行一个对象。", name=name))]
    most = entry.component.limits.max_rows
    if len(value) > most:
        template = "「{name}」有 {count} 行，最多 {most} 行。请删去多余的行。"
        return [(path, finding("too_many_rows", template, name=name, count=len(value), most=most))]
    errors: list[tuple[str, Finding]] = []
    for index, row in enumerate(value):
        errors += check_shape(rows.shape, row, f"{path}.{index}.")
    return errors[:MAX_ERRORS]


def _printable(key: Any) -> str:
    return str(key)[:100].encode("utf-8", "replace").decode("utf-8").replace("\x00", "?")


class _Builder:
    def __init__(self, problems: list[FormProblem]) -> None:
        self.problems = problems

    def collect(self, components: tuple[Component, ...]) -> Scope:
        found: list[Entry] = []
        self._walk(components, (), (), False, found)
        shape = self._shape(found)
        entries = tuple(entry for entry in found if entry.component.type != "expression")
        return Scope(
            components=components,
            entries=entries,
            conditional=tuple(entry for entry in entries if entry.hides),
            computed=tuple(entry for entry in found if entry.component.type == "expression"),
            shape=shape,
        )

    def _walk(
        self,
        components: tuple[Component, ...],
        prefix: tuple[str, ...],
        hides: tuple[Condition, ...],
        fixed: bool,
        found: list[Entry],
    ) -> None:
        for component in components:
            inner = (*hides, component.hide) if component.hide else hides
            path = prefix + component.key
            is_fixed = fixed or component.fixed
            if component.type == "group":
                self._walk(component.children, path, inner, is_fixed, found)
            elif component.type == "dynamiclist":
                rows = self.collect(component.children)
                found.append(Entry(f"a{len(found)}", path, component, inner, is_fixed, rows))
            elif component.type in INPUTS or component.type == "expression":
                found.append(Entry(f"a{len(found)}", path, component, inner, is_fixed))

    def _shape(self, found: list[Entry]) -> Shape:
        shape: dict[str, Any] = {}
        for entry in found:
            level = shape
            for name in entry.path[:-1]:
                level = level.setdefault(name, {}) if isinstance(level, dict) else level
            if isinstance(level, dict) and entry.path[-1] not in level:
                level[entry.path[-1]] = entry
            else:
                message = f"“{entry.name}”已经被另一个组件使用，答案会互相覆盖。请换一个 key。"
                self.problems.append(FormProblem(entry.component.id, "duplicate_key", message))
        return shape


def _check_reach(scope: Scope, root: Scope, problems: list[FormProblem]) -> None:
    """Refuse bare names of row fields in conditions: in FEEL of form-js they mean the whole form's data."""
    for entry in scope.entries:
        if entry.rows is None:
            continue
        own = {inner.path[0] for inner in entry.rows.entries} - set(root.shape)
        for child in entry.component.children:
            for component in child.walk():
                _check_names(component, own, problems)
        _check_reach(entry.rows, root, problems)


def _check_names(component: Component, own: set[str], problems: list[FormProblem]) -> None:
    for condition in (component.hide, component.expression):
        for path in sorted(condition.paths) if condition else ():
            if path[0] in own:
                message = f"条件里的“{path[0]}”是本行的内容，请写成 this.{path[0]}。"
                problems.append(FormProblem(component.id, "name_out_of_reach", message))
