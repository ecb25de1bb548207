"""A client of the API that knows nothing but the form documents it is given, and the business clock."""

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.factories.form_answers import fill_in
from webapp import clock
from webapp.accounts.models import User
from webapp.database import transaction
from webapp.demo import demo_accounts
from webapp.instances.models import Instance
from webapp.instances.timers import fire_due
from webapp.tasks.models import Task, TaskCandidate

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
PDF = b"%PDF-1.4\n%%EOF"


class Person:
    """Somebody with a token."""

    def __init__(self, app: Flask, username: str, password: str) -> None:
        self.http = app.test_client()
        self.username = username
        answer = self.http.post("/api/v1/tokens", json={"username": username, "password": password})
        assert answer.status_code == 201, answer.get_json()
        self.headers = {"Authorization": f"Bearer {answer.get_json()['token']}"}

    def get(self, path: str, expect: int = 200) -> Any:
        answer = self.http.get(f"/api/v1{path}", headers=self.headers)
        assert answer.status_code == expect, answer.get_json()
        return answer.get_json()

    def post(self, path: str, data: Any = None, expect: int = 200) -> Any:
        answer = self.http.post(f"/api/v1{path}", json=data if data is not None else {}, headers=self.headers)
        assert answer.status_code == expect, answer.get_json()
        return answer.get_json()

    def upload(self, name: str = "盖章表.pdf", content: bytes = PDF, expect: int = 201) -> Any:
        files = {"file": (BytesIO(content), name)}
        answer = self.http.post("/api/v1/attachments", data=files, headers=self.headers)
        assert answer.status_code == expect, answer.get_json()
        return answer.get_json().get("id")

    def find_task(self, instance: int, element: str | None = None) -> dict[str, Any] | None:
        """The first task of an instance that this person holds or may claim, opened."""
        for view in ("mine", "available"):
            for item in self.get(f"/tasks?view={view}&instance={instance}")["items"]:
                if element in {None, item["element"]}:
                    return dict(self.get(f"/tasks/{item['id']}"))
        return None

    def answers(self, form: Mapping[str, Any], **chosen: Any) -> dict[str, Any]:
        """Every field of a form with a value that should pass; files are uploaded."""
        data = fill_in(form, **chosen)
        self._attach(form["components"], data)
        return data

    def _attach(self, components: Any, data: dict[str, Any]) -> None:
        for component in components:
            if component["type"] == "group":
                inner = data.get(component["path"], {}) if component.get("path") else data
                self._attach(component["components"], inner)
            elif component["type"] == "filepicker" and component["key"] in data:
                is_image = "pdf" not in component.get("accept", "pdf")
                data[component["key"]] = [self.upload("照片.png", PNG) if is_image else self.upload()]

    def complete(self, task: Mapping[str, Any], expect: int = 200, **chosen: Any) -> Any:
        data = self.answers(task["form"], **chosen)
        return self.post(f"/tasks/{task['id']}/complete", {"data": data, "version": task["version"]}, expect)


class Office:
    """Everybody of the demonstration, and the clock."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        with app.app_context(), transaction() as session:
            self.accounts = demo_accounts(session)
        self._people: dict[str, Person] = {}

    def person(self, username: str) -> Person:
        if username not in self._people:
            password = next(a["password"] for a in self.accounts if a["username"] == username)
            self._people[username] = Person(self.app, username, password)
        return self._people[username]

    def with_role(self, role: str, region: str | None = None) -> list[Person]:
        found = [a for a in self.accounts if role in a["role"] and region in {None, a["region"]}]
        return [self.person(account["username"]) for account in found]

    def candidates(self, instance: int, element: str) -> list[str]:
        """The names of those who may do an open step: saves asking everybody for their lists."""
        query = (
            select(User.username)
            .join(TaskCandidate, TaskCandidate.user_id == User.id)
            .join(Task, Task.id == TaskCandidate.task_id)
            .where(Task.instance_id == instance, Task.element == element, Task.status == "open", TaskCandidate.is_open)
            .order_by(Task.opened_at, Task.id, User.id)
        )
        with self.app.app_context(), transaction() as session:
            return list(dict.fromkeys(session.scalars(query)))

    def pass_time(self, **span: float) -> None:
        """Advance the business clock and let due timers fire, as the scheduler does."""
        with self.app.app_context():
            with transaction() as session:
                clock.advance(session, timedelta(**span))
            with transaction() as session:
                running = list(session.scalars(select(Instance.id).where(Instance.status == "running")))
            for instance in running:
                with transaction() as session:
                    fire_due(session, clock.now(), instance)


class Case:
    """One declaration in the hands of whoever may do its next step."""

    def __init__(self, office: Office, clerk: Person, **start: Any) -> None:
        self.office, self.clerk = office, clerk
        form = next(d for d in clerk.get("/definitions")["items"] if d["process"] == "declaration")["start_form"]
        instance = clerk.post("/instances", {"process": "declaration", "data": fill_in(form, **start)}, 201)
        self.id: int = instance["id"]

    def read(self) -> dict[str, Any]:
        return dict(self.office.with_role("city_reviewer")[0].get(f"/instances/{self.id}"))

    def open_steps(self) -> list[str]:
        return sorted(task["element"] for task in self.read()["tasks"])

    def who(self, element: str) -> tuple[Person, dict[str, Any]]:
        """Somebody who may do an open step, with the task as that person's list shows it."""
        for username in self.office.candidates(self.id, element):
            person = self.office.person(username)
            task = person.find_task(self.id, element)
            if task is not None:
                return person, task
        raise AssertionError(f"nobody may do {element}; open: {self.open_steps()}")

    def do(self, element: str, **chosen: Any) -> "Case":
        person, task = self.who(element)
        person.complete(task, **chosen)
        return self

    def submitted(self) -> "Case":
        return self.do("fill_declaration").do("attach_sealed_form", outcome="submit")

    def consulted(self) -> "Case":
        while "consult_department" in self.open_steps():
            self.do("consult_department", outcome="agree")
        return self

    def assessed(self, element: str = "assess_county") -> "Case":
        person, task = self.who(element)
        person.complete(task, outcome="pass", scores=full_scores(task["form"]))
        return self

    def inspected(self, *outcomes: str) -> "Case":
        if "assign_inspectors" in self.open_steps():
            self.do("assign_inspectors")
        for outcome in outcomes:
            self.do("inspect_site", outcome=outcome)
        return self

    def noticed(self) -> "Case":
        self.do("publish_notice")
        self.office.pass_time(days=30)
        return self

    def ending(self) -> tuple[str, str]:
        found = self.read()
        return found["status"], found["outcome"]


def full_scores(form: Mapping[str, Any], share: float = 1.0) -> dict[str, float]:
    """That share of the full score for every indicator of an assessment form."""
    group = next(c for c in form["components"] if c.get("path") == "scores")
    return {c["key"]: c["validate"]["max"] * share for c in group["components"] if c["type"] == "number"}
