"""Whatever comes in as data or as a document gives errors, never an exception, and never text that cannot be stored."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from forms import CompiledForm, FormDocumentError, UploadInfo, compile_form, example_data, read_document
from forms.components import CONTAINERS, DISPLAYS, INPUTS
from tests.unit.forms.documents_for_tests import component, form, options

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(
        ["2020-05-15", "09:30", "x", "7", "2020-05-15T09:30", "=a", "=a = 1", "{{a}}", "a.b", "常〔2020〕6号"]
    )
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

KEYS = [
    "text",
    "story",
    "number",
    "day",
    "time",
    "moment",
    "tick",
    "list",
    "tags",
    "radio",
    "select",
    "files",
    "g",
    "rows",
]
FORM = form(
    component("textfield", "text", validate={"pattern": "^[a-z]*$"}),
    component("textarea", "story", validate={"required": True, "minLength": 2}),
    component("number", "number", increment=0.1, decimalDigits=2, validate={"min": 1, "max": 9}),
    component("datetime", "day", disallowPassedDates=True),
    component("datetime", "time", subtype="time"),
    component("datetime", "moment", subtype="datetime"),
    component("checkbox", "tick"),
    component("checklist", "list", values=options("x", 7)),
    component("taglist", "tags", values=options("x"), properties={"min_choices": "1"}),
    component("radio", "radio", values=options("x", 7), conditional={"hide": "=tick = true and number > 3"}),
    component("select", "select", values=options(7), conditional={"hide": '=text = "x" or not(radio = 7)'}),
    component("filepicker", "files", multiple=True, accept=".pdf"),
    component("group", "g", components=[component("textfield", "uscc", properties={"validator": "uscc"})]),
    component(
        "dynamiclist",
        "rows",
        components=[
            *(
                component("textfield", name, properties={"validator": name})
                for name in ("mobile", "phone", "email", "document_number", "chinese_date", "ratio")
            ),
            component("text", text="{{this.mobile}} {{rows}}", conditional={"hide": "=this.mobile < number"}),
        ],
    ),
)
UPLOADS = {"7": UploadInfo("a.pdf", id=7)}
DATA = JSON | st.dictionaries(st.sampled_from([*KEYS, "strange"]), JSON, max_size=10)


def check(compiled: CompiledForm, data: Any) -> None:
    for partial in (False, True):
        checked = compiled.validate(data, uploads=UPLOADS, partial=partial)
        stored = json.dumps([checked.answers, [error.message for error in checked.errors]], allow_nan=False)
        assert "\\u0000" not in stored
        json.loads(stored).__str__().encode()
        if partial or checked.is_valid:
            again = compiled.validate(checked.answers, uploads=UPLOADS, partial=partial)
            assert "unknown_field" not in {error.code for error in again.errors}
            assert again.answers == checked.answers


@given(DATA)
@example({"radio": "\x00"})
@example({"files": ["\x00", "\ud800"]})
@settings(deadline=None, max_examples=300)
def test_any_data_is_answered(data: Any) -> None:
    check(FORM, data)


@given(
    st.fixed_dictionaries(
        {"rows": st.lists(st.dictionaries(st.sampled_from(["mobile", "ratio", "x"]), SCALARS), max_size=3)}
    )
)
@settings(deadline=None, max_examples=100)
def test_any_rows_are_answered(data: Any) -> None:
    check(FORM, data)


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=6))
@settings(deadline=None, max_examples=60)
def test_any_data_can_be_shown(data: dict[str, Any]) -> None:
    checked = FORM.validate(data, uploads=UPLOADS, partial=True)
    assert FORM.render(checked.answers, checked.errors, warnings=checked.warnings).encode()
    assert FORM.render(checked.answers, read_only=True).encode()
    assert FORM.display(checked.answers) is not None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [*KEYS, "rows.0.mobile", "rows.7.ratio", "files:remove", "g.uscc", "row-add", "row-remove"]
            ),
            st.text(max_size=10) | st.sampled_from(["rows", "rows.0", "7"]),
        ),
        max_size=12,
    )
)
@settings(deadline=None, max_examples=150)
def test_any_post_is_answered(pairs: list[tuple[str, str]]) -> None:
    data = FORM.from_html(MultiDict(pairs), {"files": [7]})
    checked = FORM.validate(data, uploads=UPLOADS)
    assert "unknown_field" not in {error.code for error in checked.errors}
    assert FORM.render(checked.answers, checked.errors)


PROPERTIES = [
    *("id", "key", "path", "label", "description", "defaultValue", "validate", "values", "conditional", "properties"),
    *("components", "layout", "appearance", "readonly", "disabled", "subtype", "increment", "decimalDigits", "text"),
    *("content", "expression", "dataSource", "columns", "allowAddRemove", "defaultRepetitions", "accept", "multiple"),
    *("valuesKey", "disallowPassedDates"),
]
COMPONENTS = st.recursive(
    st.builds(
        lambda kind, key, rest: {**rest, "type": kind, "key": key, "path": key},
        st.sampled_from(sorted(INPUTS | CONTAINERS | DISPLAYS)),
        st.sampled_from(["a", "b", "c.d", "", "常"]),
        st.dictionaries(st.sampled_from(PROPERTIES), JSON, max_size=3),
    ),
    lambda inner: st.builds(
        lambda base, children: {**base, "components": children}, inner, st.lists(inner, max_size=3)
    ),
    max_leaves=6,
)


@given(JSON | st.fixed_dictionaries({"components": JSON | st.lists(COMPONENTS | JSON, max_size=4)}))
@settings(deadline=None, max_examples=400)
def test_any_document_compiles_or_is_refused(document: Any) -> None:
    try:
        compiled = compile_form(document)
    except FormDocumentError:
        return
    check(compiled, example_data(compiled))
    assert compiled.render({}).encode()


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    with suppress(FormDocumentError):
        assert isinstance(read_document(source), dict)
