"""The components of a form document, checked and typed; whatever a form could not honour is refused here by id."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from forms.conditions import Condition, ConditionError
from forms.documents import FormDocumentError, FormProblem, check_plain
from forms.limits import MAX_CHOICES, TEXTS, Limits, read_limits
from forms.markup import Template
from forms.sources import Source

MAX_NESTING = 8
MAX_COMPONENTS = 600

CHOICES = frozenset({"radio", "select", "checklist", "taglist"})
INPUTS = frozenset({"number", "datetime", "checkbox", "filepicker"}) | CHOICES | TEXTS
CONTAINERS = frozenset({"group", "dynamiclist"})
DISPLAYS = frozenset({"text", "html", "table", "separator", "spacer", "expression"})
IGNORED = frozenset({"button"})
SUBTYPES = ("date", "time", "datetime")

_UNSUPPORTED = {
    "valuesExpression": "选项不能用表达式计算。请写出 values，或用 properties.choices 指明选项来源。",
    "columnsExpression": "表格的列不能用表达式计算，请写出 columns。",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a radio, select, checklist or taglist."""

    value: str | int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component; `key` is its path inside the enclosing group, row or form (empty for what stores nothing)."""

    id: str
    type: str
    key: tuple[str, ...] = ()
    label: str = ""
    description: str = ""
    subtype: str = ""
    hide: Condition | None = None
    expression: Condition | None = None
    fixed: bool = False
    default: Any = None
    limits: Limits = field(default_factory=Limits)
    validator: str = ""
    options: Mapping[str, Choice] = field(default_factory=dict)
    choices_from: str = ""
    columns: tuple[Choice, ...] = ()
    content: Template | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    width: int | None = None
    row: str = ""
    prefix: str = ""
    suffix: str = ""
    children: tuple["Component", ...] = ()

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The options in document order; `options` finds one by its value as text."""
        return tuple(self.options.values())

    def walk(self) -> Iterator["Component"]:
        """Yield the component and everything below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


def read_components(document: Mapping[str, Any], validators: frozenset[str]) -> tuple[Component, ...]:
    """Return the checked components of a document; `validators` are the names that properties.validator may use.

    Raises FormDocumentError with every problem that was found.
    """
    check_plain(document)
    reader = _Reader(validators)
    components = reader.children(Source(document, "", reader.problems), depth=1)
    if reader.problems:
        raise FormDocumentError(reader.problems)
    return components


class _Reader:
    """Walks the JSON tree; collects problems instead of stopping at the first."""

    def __init__(self, validators: frozenset[str]) -> None:
        self.validators = validators
        self.problems: list[FormProblem] = []
        self.ids: set[str] = set()
        self.count = 0

    def children(self, parent: Source, depth: int) -> tuple[Component, ...]:
        if depth > MAX_NESTING:
            parent.report("too_deep", f"分组嵌套超过 {MAX_NESTING} 层。")
            return ()
        found = []
        for index, raw in enumerate(parent.items("components")):
            component = self._component(raw, f"{parent.component}/components[{index}]", depth)
            if component is not None:
                found.append(component)
        return tuple(found)

    def _component(self, raw: object, place: str, depth: int) -> Component | None:
        if not isinstance(raw, Mapping):
            self.problems.append(FormProblem(place, "not_object", "组件应当是一个 JSON 对象。"))
            return None
        self.count += 1
        if self.count > MAX_COMPONENTS:
            if self.count == MAX_COMPONENTS + 1:
                self.problems.append(FormProblem(place, "too_large", f"组件超过 {MAX_COMPONENTS} 个。"))
            return None
        source = Source(raw, self._identify(raw, place), self.problems)
        kind = source.text("type")
        if kind in IGNORED:
            return None
        if kind not in INPUTS | CONTAINERS | DISPLAYS:
            source.report("unknown_type", f"不支持的组件类型“{kind[:50]}”。请换成支持的组件。")
            return None
        return self._build(source, kind, depth)

    def _identify(self, raw: Mapping[str, Any], place: str) -> str:
        given = raw.get("id")
        if not isinstance(given, str) or not given:
            return place
        if given in self.ids:
            self.problems.append(FormProblem(given, "duplicate_id", "同一个 id 用了两次。"))
        self.ids.add(given)
        return given

    def _build(self, source: Source, kind: str, depth: int) -> Component:
        for name, message in _UNSUPPORTED.items():
            if source.raw.get(name):
                source.report("unsupported", message)
        properties = _properties(source)
        layout = source.part("layout")
        appearance = source.part("appearance")
        return Component(
            id=source.component,
            type=kind,
            key=_key(source, kind),
            label=_label(source, kind),
            description=source.plain_text("description"),
            subtype=_subtype(source) if kind == "datetime" else "",
            hide=source.part("conditional").condition("hide"),
            expression=_expression(source, kind),
            fixed=source.flag("readonly") or source.flag("disabled"),
            default=source.raw.get("defaultValue"),
            limits=read_limits(source, kind, properties),
            validator=self._validator(source, kind, properties),
            options=_options(source, kind),
            choices_from=_choices_from(source, kind, properties),
            columns=_columns(source) if kind == "table" else (),
            content=_content(source, kind),
            properties=properties,
            width=layout.count("columns", most=16),
            row=layout.text("row"),
            prefix=appearance.plain_text("prefixAdorner"),
            suffix=appearance.plain_text("suffixAdorner"),
            children=self.children(source, depth + 1) if kind in CONTAINERS else (),
        )

    def _validator(self, source: Source, kind: str, properties: Mapping[str, str]) -> str:
        built_in = source.part("validate").text("validationType")
        name = properties.get("validator", "") or (built_in if built_in != "custom" else "")
        if name and name not in self.validators:
            known = "、".join(sorted(self.validators))
            source.report("unknown_validator", f"没有名为“{name[:50]}”的校验。可用：{known}。")
            return ""
        if name and kind not in TEXTS:
            source.report("unsupported", f"校验“{name}”只能用于文本框。")
        return name


def _properties(source: Source) -> dict[str, str]:
    found = {}
    for name, value in source.part("properties").raw.items():
        if isinstance(value, str | int | float):
            found[name] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            source.report("wrong_type", f"properties.{name} 应当是字符串。")
    return found


def _key(source: Source, kind: str) -> tuple[str, ...]:
    if kind in INPUTS or kind == "expression":
        return source.path("key")
    if kind in CONTAINERS:
        return source.path("path", optional=kind == "group")
    return ()


def _label(source: Source, kind: str) -> str:
    if kind == "datetime":
        names = [source.plain_text("dateLabel"), source.plain_text("timeLabel")]
        written = names[1] if source.raw.get("subtype") == "time" else names[0]
        return written or source.plain_text("label")
    return source.plain_text("label")


def _subtype(source: Source) -> str:
    subtype = source.text("subtype", "date")
    if subtype not in SUBTYPES:
        source.report("wrong_value", f"subtype “{subtype[:50]}”应当是 date、time 或 datetime。")
        return "date"
    return subtype


def _expression(source: Source, kind: str) -> Condition | None:
    name = {"expression": "expression", "table": "dataSource"}.get(kind)
    if name is None:
        return None
    condition = source.condition(name)
    if condition is None and not source.text(name).strip():
        source.report("missing_expression", f"缺少 {name}。")
    return condition


def _options(source: Source, kind: str) -> dict[str, Choice]:
    if kind not in CHOICES:
        return {}
    found: dict[str, Choice] = {}
    for raw in source.items("values"):
        value = raw.get("value") if isinstance(raw, Mapping) else raw
        label = raw.get("label", value) if isinstance(raw, Mapping) else raw
        if (
            isinstance(value, bool)
            or value == ""
            or not (isinstance(value, str | int) and isinstance(label, str | int))
        ):
            source.report("wrong_type", "values 的每一项应当是 {label, value}，value 是文字或整数。")
        elif str(value) in found:
            source.report("duplicate_value", f"选项值“{value}”出现了两次。")
        else:
            found[str(value)] = Choice(value, str(label))
    if len(found) > MAX_CHOICES:
        source.report("too_large", f"选项超过 {MAX_CHOICES} 个。")
    return found


def _choices_from(source: Source, kind: str, properties: Mapping[str, str]) -> str:
    if kind not in CHOICES:
        return ""
    name = properties.get("choices", "") or source.text("valuesKey")
    if not name and not source.items("values"):
        source.report("no_choices", "没有选项。请写出 values，或用 properties.choices 指明选项来源。")
    return name


def _columns(source: Source) -> tuple[Choice, ...]:
    found = []
    for raw in source.items("columns"):
        if isinstance(raw, Mapping) and isinstance(raw.get("key"), str) and isinstance(raw.get("label"), str):
            found.append(Choice(raw["key"], raw["label"]))
        else:
            source.report("wrong_type", "columns 的每一项应当是 {key, label}。")
    if not found:
        source.report("no_columns", "表格没有列。")
    return tuple(found)


def _content(source: Source, kind: str) -> Template | None:
    name = {"text": "text", "html": "content"}.get(kind)
    if name is None:
        return None
    try:
        return Template(source.plain_text(name), is_html=kind == "html")
    except ConditionError as error:
        source.report("bad_condition", f"{name}：{error}")
        return None
