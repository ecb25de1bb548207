"""Posts of a browser: the same nesting as JSON, blank rows dropped, attachments kept, replaced and removed."""

from werkzeug.datastructures import MultiDict

from tests.unit.forms.documents_for_tests import component, form, options


def test_values_take_their_json_types() -> None:
    compiled = form(
        component("number", "n"),
        component("number", "m"),
        component("number", "word"),
        component("checkbox", "yes"),
        component("checkbox", "no"),
        component("checklist", "list", values=options("a", "b")),
        component("group", "g", components=[component("textfield", "x.y")]),
    )
    posted = MultiDict(
        [
            ("n", "１，２００"),
            ("m", "3.50"),
            ("word", "很多"),
            ("yes", "true"),
            ("list", "b"),
            ("list", "a"),
            ("g.x.y", "深"),
        ]
    )
    assert compiled.from_html(posted) == {
        "n": 1200,
        "m": 3.5,
        "word": "很多",
        "yes": True,
        "no": False,
        "list": ["b", "a"],
        "g": {"x": {"y": "深"}},
    }


def test_names_that_the_form_lacks_are_ignored_and_missing_ones_left_out() -> None:
    compiled = form(component("textfield", "a", defaultValue="甲"), component("textfield", "b", readonly=True))
    assert compiled.from_html(MultiDict({"csrf_token": "x", "b": "改", "row-add-other": "1"})) == {}


def test_rows_come_in_order_of_their_numbers_and_blank_ones_are_dropped() -> None:
    rows = component("dynamiclist", "rows", components=[component("textfield", "a"), component("checkbox", "c")])
    posted = MultiDict({"rows.10.a": "十", "rows.2.a": "二", "rows.3.a": "", "rows.²4.a": "x", "rows.99999.a": "x"})
    assert form(rows).from_html(posted) == {"rows": [{"a": "二", "c": False}, {"a": "十", "c": False}]}


def test_blank_rows_stay_where_rows_are_needed() -> None:
    rows = component("dynamiclist", "rows", components=[component("textfield", "a")], properties={"min_rows": "1"})
    assert form(rows).from_html(MultiDict({"rows.0.a": "", "rows.1.a": ""})) == {"rows": [{"a": ""}]}


def test_lists_inside_lists() -> None:
    inner = component("dynamiclist", "phones", components=[component("textfield", "number")])
    compiled = form(component("dynamiclist", "people", components=[component("textfield", "name"), inner]))
    posted = MultiDict({"people.0.name": "甲", "people.0.phones.0.number": "1", "people.0.phones.1.number": "2"})
    assert compiled.from_html(posted) == {"people": [{"name": "甲", "phones": [{"number": "1"}, {"number": "2"}]}]}
    posted["row-remove"] = "people.0.phones.0"
    assert compiled.from_html(posted) == {"people": [{"name": "甲", "phones": [{"number": "2"}]}]}
    assert compiled.validate(compiled.from_html(posted)).errors == []


def test_attachments_are_kept_removed_and_added() -> None:
    compiled = form(
        component("filepicker", "many", multiple=True),
        component("filepicker", "one"),
        component("dynamiclist", "rows", components=[component("filepicker", "photo")]),
    )
    posted = MultiDict([("many", "7"), ("many", "8"), ("many:remove", "7"), ("one", "5")])
    new = {"many": [9], "one": [6], "rows.0.photo": [10]}
    assert compiled.from_html(posted, new) == {"many": ["8", 9], "one": [6], "rows": [{"photo": [10]}]}


def test_file_inputs_are_known_by_name() -> None:
    compiled = form(
        component("filepicker", "a.b"),
        component("dynamiclist", "rows", components=[component("filepicker", "photo"), component("textfield", "t")]),
    )
    names = ["a.b", "rows.0.photo", "rows.x.photo", "rows.0.t", "aXb", "other"]
    assert [name for name in names if compiled.takes_files(name)] == ["a.b", "rows.0.photo"]


def test_an_empty_post_is_no_error() -> None:
    assert form(component("dynamiclist", "rows", components=[])).from_html(MultiDict()) == {"rows": []}
