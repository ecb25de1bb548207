"""The whole way of a declaration to its award through the pages of tasks, by whoever is asked next."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser import declaring
from tests.browser.browsing import assert_good, log_in
from tests.browser.conftest import OpenContext
from tests.factories.api_client import PNG, Case, Office, full_scores
from tests.factories.form_answers import fill_in

PHOTO = {"name": "现场照片.png", "mimeType": "image/png", "buffer": PNG}
GOOD = {"submit", "pass", "agree", "publish", "approve", "report", "accept", "assign"}
ALL_DRAWN = 2


def test_a_provincial_honour_from_declaration_to_award(demo_app: Flask, open_context: OpenContext) -> None:
    office = Office(demo_app)
    clerk = office.person("school.clerk")
    form = clerk.get("/definitions")["items"][0]["start_form"]
    batches = next(c["values"] for c in form["components"] if c.get("key") == "batch")
    case = Case(office, clerk, batch=batches[ALL_DRAWN]["value"], honour="provincial")
    pages: dict[str, Page] = {}
    walked: list[str] = []
    while case.read()["status"] == "running":
        if not case.open_steps():
            office.pass_time(days=30)
            continue
        element = case.open_steps()[0]
        person, task = case.who(element)
        if person.username not in pages:
            pages[person.username] = open_context().new_page()
            log_in(pages[person.username], person.username)
        decide(pages[person.username], task, is_first=element not in walked)
        walked.append(element)
    assert case.ending() == ("completed", "awarded")
    assert {"review_county", "assess_county", "inspect_site", "publish_notice", "accept_report"} <= set(walked)
    page = pages["school.clerk"]
    page.goto(f"/instances/{case.id}")
    expect(page.get_by_role("region", name="现在的状态")).to_contain_text("已命名")
    assert_good(page)


def decide(page: Page, task: Mapping[str, Any], *, is_first: bool) -> None:
    """Open a task, fill its form in and send it."""
    page.goto(f"/tasks/{task['id']}")
    if is_first:
        assert_good(page)
    answers = fill_in(task["form"])
    choices = next(c for c in walk(task["form"]) if c.get("properties", {}).get("outcome") == "true")
    answers["outcome"] = next((v["value"] for v in choices["values"] if v["value"] in GOOD), answers["outcome"])
    if "scores" in answers:
        answers["scores"] = full_scores(task["form"])
    fill(page, task["form"]["components"], answers, "", outcome_first=True)
    fill(page, task["form"]["components"], answers, "")
    declaring.submit(page)
    declaring.said(page, "已提交")


def walk(component: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = [found for child in component.get("components", []) for found in walk(child)]
    return [component, *inner]


def fill(page: Page, components: Any, data: Any, prefix: str, *, outcome_first: bool = False) -> None:
    """Type answers into the fields that are shown; what depends on the outcome shows once that is chosen."""
    for component in components:
        if component["type"] == "group":
            path = component.get("path")
            inner = data.get(path, {}) if path else data
            fill(
                page,
                component["components"],
                inner,
                f"{prefix}{path}." if path else prefix,
                outcome_first=outcome_first,
            )
        elif "key" in component and (not outcome_first or component["key"] == "outcome"):
            answer(page, component, f"{prefix}{component['key']}", data.get(component["key"]))


def answer(page: Page, component: Mapping[str, Any], name: str, value: Any) -> None:
    fields = page.locator(f"[name='{name}']:not([type=hidden])")
    if value is None or not fields.count() or not fields.first.is_visible():
        return
    match component["type"]:
        case "radio" | "checklist" | "taglist":
            for one in value if isinstance(value, list) else [value]:
                page.locator(f"[name='{name}'][value='{one}']").check()
        case "select":
            fields.select_option(str(value))
        case "checkbox":
            fields.check()
        case "filepicker":
            is_image = "pdf" not in component.get("accept", "pdf")
            fields.set_input_files([PHOTO if is_image else declaring.PDF])  # type: ignore[list-item]
        case "number":
            fields.fill(f"{value:g}")
        case _:
            fields.fill(str(value))
