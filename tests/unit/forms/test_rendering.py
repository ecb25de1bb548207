"""Fields as HTML: labelled, described, linked from the summary, the same data when posted unchanged."""

import json
from typing import Any

import pytest

from forms import UploadInfo
from tests.unit.forms.browser_for_tests import parse, post
from tests.unit.forms.documents_for_tests import component, form, options

EVERYTHING = (
    component("textfield", "name", description="与公章一致", validate={"required": True}),
    component("textarea", "story", defaultValue="\n开头空一行"),
    component("number", "staff", appearance={"suffixAdorner": "人"}),
    component("datetime", "day"),
    component("datetime", "hour", subtype="time"),
    component("datetime", "moment", subtype="datetime"),
    component("checkbox", "promise"),
    component("checklist", "methods", values=options("site", "survey")),
    component("taglist", "tags", values=options("a", "b")),
    component("radio", "outcome", values=options("pass", "return")),
    component("select", "batch", values=options(7, 8)),
    component("filepicker", "files", multiple=True, accept=".pdf"),
    component("group", "unit", components=[component("textfield", "town")]),
    component("dynamiclist", "contacts", components=[component("textfield", "mobile"), component("checkbox", "main")]),
)
ANSWERS: dict[str, Any] = {
    "name": '<b>局</b> & "院"',
    "story": "第一行\n第二行",
    "staff": 12,
    "day": "2020-05-15",
    "hour": "09:30",
    "moment": "2020-05-15T09:30+08:00",
    "promise": True,
    "methods": ["survey"],
    "tags": ["a", "b"],
    "outcome": "return",
    "batch": 8,
    "files": ["7"],
    "unit": {"town": "城关"},
    "contacts": [{"mobile": "1", "main": False}, {"mobile": "2", "main": True}],
}


def test_what_is_shown_and_posted_unchanged_is_the_same_answer() -> None:
    compiled = form(*EVERYTHING)
    posted = compiled.from_html(post(compiled.render(ANSWERS)))
    uploads = {"7": UploadInfo("a.pdf")}
    checked = compiled.validate(posted, uploads=uploads)
    assert checked.errors == []
    assert checked.answers == ANSWERS


def test_every_control_has_a_label_and_every_reference_an_element() -> None:
    compiled = form(*EVERYTHING)
    errors = compiled.validate({"contacts": [{}, {"x": 1}]}).errors
    page = parse(compiled.render({"contacts": [{}, {}]}, errors))
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    labelled = {label.get("for") for label in page.iter("label")}
    assert labelled <= set(ids)
    for control in page.xpath(".//input[not(@type='hidden')] | .//select | .//textarea"):
        assert control.get("id") in labelled
    for element in page.xpath(".//*[@aria-describedby]"):
        assert set(element.get("aria-describedby").split()) <= set(ids)
    for link in page.xpath(".//*[contains(@class, 'error-summary')]//a"):
        assert link.get("href").removeprefix("#") in ids
    for fieldset in page.iter("fieldset"):
        assert fieldset[0].tag == "legend"


def test_errors_are_listed_with_links_and_stand_beside_their_fields() -> None:
    compiled = form(*EVERYTHING)
    errors = compiled.validate({"contacts": [{}, {"mobile": 3}], "strange": 1}).errors
    page = parse(compiled.render({"contacts": [{}, {"mobile": 3}]}, errors))
    links = {link.get("href"): link.text for link in page.xpath(".//*[@role='alert']//a")}
    assert links["#field-name"] == "「标签name」没有填写。请填写后再提交。"
    assert "#field-contacts-1-mobile" in links
    assert "表单没有“strange”这一项。请去掉它。" in [item.text for item in page.xpath(".//*[@role='alert']//li")]
    field = page.get_element_by_id("field-name")
    assert field.get("aria-invalid") == "true"
    assert "没有填写" in page.get_element_by_id("field-name-error").text_content()


def test_required_is_said_in_words() -> None:
    page = parse(form(component("textfield", "a", validate={"required": True})).render({}))
    assert "必填" in page.xpath(".//label")[0].text_content()


def test_what_was_typed_stays_although_it_is_no_number() -> None:
    compiled = form(component("number", "staff"))
    assert parse(compiled.render({"staff": "约三十"})).get_element_by_id("field-staff").get("value") == "约三十"


@pytest.mark.parametrize("value", [3, ["x"], {"a": 1}, None, True, "\ud800", float("inf")])
def test_wrong_types_can_be_shown_again(value: Any) -> None:
    compiled = form(*EVERYTHING)
    for name in ANSWERS:
        assert compiled.render({name: value}).encode()
        assert compiled.render({name: value}, read_only=True).encode()


def test_conditional_fields_are_shown_with_a_note_and_carry_their_condition() -> None:
    compiled = form(
        component("radio", "outcome", values=options("pass", "return")),
        component("textarea", "why", conditional={"hide": '=outcome != "return"'}),
    )
    page = parse(compiled.render({"outcome": "pass"}))
    (wrapper,) = page.xpath(".//*[@data-hide-if]")
    assert json.loads(wrapper.get("data-hide-if")) == ["!=", ["path", "outcome"], ["value", "return"]]
    assert wrapper.get("hidden") is None
    assert page.get_element_by_id("field-why-when").text == "仅在「标签outcome」为“选项return”时填写。"


def test_a_field_that_nothing_on_the_page_can_show_is_left_out() -> None:
    compiled = form(component("textfield", "a", conditional={"hide": '=level = "county"'}))
    assert "field-a" not in compiled.render({}, given={"level": "county"})
    assert "field-a" in compiled.render({}, given={"level": "city"})


def test_values_beside_the_form_reach_the_script_only_where_conditions_ask() -> None:
    compiled = form(
        component("checkbox", "x"),
        component("textfield", "a", conditional={"hide": '=level = "county" and x = true'}),
    )
    page = parse(compiled.render({}, given={"level": "county", "secret": "s"}))
    assert json.loads(page.xpath(".//*[@data-given]")[0].get("data-given")) == {"level": "county"}


def test_read_only_shows_words_and_leaves_out_what_is_hidden() -> None:
    compiled = form(*EVERYTHING, component("textfield", "gone", conditional={"hide": "=promise = true"}))
    page = parse(compiled.render(ANSWERS, read_only=True, attachments={"7": {"name": "盖章件.pdf", "url": "/files/7"}}))
    text = page.text_content()
    assert not page.xpath(".//input | .//select | .//textarea | .//button")
    for words in ("选项return", "2020年5月15日 09:30", "12 人", "选项survey", "盖章件.pdf", "城关", "第 2 行"):
        assert words in text
    assert page.xpath(".//a/@href") == ["/files/7"]
    assert "标签gone" not in text


def test_read_only_components_are_text() -> None:
    page = parse(form(component("textfield", "name", readonly=True)).render({"name": "原名"}))
    assert not page.xpath(".//input")
    assert "原名" in page.text_content()


def test_display_nests_like_the_form() -> None:
    shown = form(*EVERYTHING).display(ANSWERS, {7: {"name": "盖章件.pdf"}, "7": {"name": "盖章件.pdf"}})
    by_label = {item.label: item for item in shown}
    assert by_label["标签story"].html == "第一行<br>第二行"
    assert by_label["标签name"].html == "&lt;b&gt;局&lt;/b&gt; &amp; &#34;院&#34;"
    assert by_label["标签promise"].text == "是"
    assert by_label["标签files"].text == "盖章件.pdf"
    assert [item.text for item in by_label["标签unit"].items] == ["城关"]
    assert [[item.text for item in row] for row in by_label["标签contacts"].rows] == [["1", "否"], ["2", "是"]]


def test_hostile_text_cannot_bring_script() -> None:
    hostile = '<script>alert(1)</script><img src=x onerror=alert(1)><a href="javascript:alert(1)">x</a>'
    compiled = form(
        component("html", content=f"<p onclick='x()'>{{{{name}}}} <a href='{{{{name}}}}'>y</a></p>{hostile}"),
        component("text", text=f"# 标题\n\n**重要** [去](javascript:alert(1)) {{{{name}}}}\n\n* 一\n* 二\n\n{hostile}"),
        component("textfield", "name", label=hostile, description=hostile),
        component("table", dataSource="=rows", columns=[{"label": hostile, "key": "a"}]),
    )
    page = parse(compiled.render({"name": "javascript:alert(1)", "rows": [{"a": hostile}]}))
    assert not page.xpath(".//script | .//img | .//*[@onclick] | .//*[@onerror]")
    assert not [link for link in page.xpath(".//a/@href") if link.startswith("javascript")]
    assert page.xpath(".//h3")[0].text == "标题"
    assert [item.text for item in page.xpath(".//ul/li")] == ["一", "二"]
    assert page.xpath(".//strong")[0].text == "重要"


def test_tables_show_rows_of_data() -> None:
    compiled = form(component("table", dataSource="=opinions", columns=[{"label": "部门", "key": "by.name"}]))
    page = parse(compiled.render({}, given={"opinions": [{"by": {"name": "公安局"}}, "strange"]}))
    assert [cell.text or "" for cell in page.iter("td")] == ["公安局", ""]
    assert "没有数据" in parse(compiled.render({})).text_content()


def test_rows_can_be_added_and_removed_without_script() -> None:
    compiled = form(
        component(
            "dynamiclist", "contacts", components=[component("textfield", "mobile")], properties={"max_rows": "3"}
        )
    )
    page = compiled.render({})
    assert len(parse(page).xpath(".//*[@role='group']")) == 1
    sent = post(page, button=("row-add", "contacts"))
    assert compiled.is_row_action(sent)
    data = compiled.from_html(sent)
    assert len(data["contacts"]) == 2
    data["contacts"][1] = {"mobile": "2"}
    sent = post(compiled.render(data), button=("row-remove", "contacts.0"))
    assert compiled.from_html(sent) == {"contacts": [{"mobile": "2"}]}
    full = parse(compiled.render({"contacts": [{}, {}, {}]}))
    assert not full.xpath(".//button[@name='row-add']")


def test_the_grid_of_the_document_becomes_columns() -> None:
    compiled = form(
        component("textfield", "a", layout={"row": "R1", "columns": 8}),
        component("textfield", "b", layout={"row": "R1", "columns": 8}),
        component("textfield", "c", layout={"row": "R2", "columns": None}),
    )
    page = parse(compiled.render({}))
    assert [cell.get("class") for cell in page.xpath(".//div[@class='row']/div")] == ["col-12 col-md-6"] * 2


def test_texts_of_the_page_pass_through_gettext() -> None:
    compiled = form(component("select", "a", values=options("x")))
    assert "Please choose" in compiled.render({}, translate=lambda text: {"请选择": "Please choose"}.get(text, text))
