"""A city's programme of pairing and one pair in the hands of whoever does its next step, through the API alone."""

from datetime import datetime
from typing import Any

from tests.factories.api_client import Office, Person, full_scores
from tests.factories.form_answers import fill_in
from webapp import clock
from webapp.database import transaction
from webapp.pairing.jobs import compute_matching
from webapp.pairing.reminding import remind_missing_months

CITY, PRIVATE = "430600", "示例云溪新材料有限公司"
LOCAL = "+08:00"


class Programme:
    """A programme of the city of the demonstration."""

    def __init__(self, office: Office, kind: str = "assist", **settings: Any) -> None:
        self.office, self.city = office, office.person("city.reviewer1")
        form = self.city.get("/pairings/programmes/form")["form"]
        data = fill_in(form, kind=kind, **settings)
        data.pop("indicators", None)
        self.id: int = self.city.post("/pairings/programmes", {"data": data}, 201)["id"]

    def unit(self, name: str) -> int:
        return int(self.city.get(f"/units?q={name}")["items"][0]["id"])

    def name(self, *names: str, target: str = "city", expect: int = 200) -> Any:
        units = [{"unit": self.unit(name), "target": target} for name in names]
        return self.city.post(f"/pairings/programmes/{self.id}/units", {"units": units}, expect)

    def match(self) -> dict[str, Any]:
        run = self.city.post("/pairings/propose", {"programme": self.id}, 202)["matching"]["id"]
        with self.office.app.app_context():
            compute_matching(run)
        return dict(self.city.get(f"/pairings/matchings/{run}"))

    def proposals(self) -> list[dict[str, Any]]:
        return list(self.city.get(f"/pairings?programme={self.id}&status=proposed")["items"])

    def propose(self, helper: int, helped: int, expect: int = 201) -> Any:
        wanted = {"programme": self.id, "helper": helper, "helped": helped}
        return self.city.post("/pairings/propose", wanted, expect)

    def confirm(self, pairing: int, by: str = "city.reviewer1", expect: int = 200, **body: str) -> Any:
        return self.office.person(by).post(f"/pairings/{pairing}/confirm", body, expect)


class Pair:
    """One confirmed pair."""

    def __init__(self, office: Office, pairing: int) -> None:
        self.office, self.id = office, pairing
        self.city = office.person("city.reviewer1")

    def read(self, by: Person | None = None) -> dict[str, Any]:
        return dict((by or self.city).get(f"/pairings/{self.id}"))

    @property
    def instance(self) -> int:
        return int(self.read()["instance"])

    def case(self) -> dict[str, Any]:
        return dict(self.city.get(f"/instances/{self.instance}"))

    def open_steps(self) -> list[str]:
        return sorted(task["element"] for task in self.case()["tasks"])

    def who(self, element: str) -> tuple[Person, dict[str, Any]]:
        for username in self.office.candidates(self.instance, element):
            person = self.office.person(username)
            task = person.find_task(self.instance, element)
            if task is not None:
                return person, task
        raise AssertionError(f"nobody may do {element}; open: {self.open_steps()}")

    def do(self, element: str, expect: int = 200, **chosen: Any) -> Any:
        person, task = self.who(element)
        return person.complete(task, expect, **chosen)

    def working(self) -> "Pair":
        self.do("sign_agreement_helper")
        self.do("sign_agreement_helped")
        self.do("make_plan")
        self.do("confirm_plan")
        return self

    def log(self, **chosen: Any) -> dict[str, Any]:
        person, task = self.who("write_log")
        data = person.answers(task["form"], **chosen)
        return dict(person.post(f"/pairings/{self.id}/log", {"data": data}))

    def evaluate(self, share: float = 0.9) -> dict[str, Any]:
        element = next(step for step in self.open_steps() if step.startswith("evaluate_"))
        person, task = self.who(element)
        data = person.answers(task["form"], scores=full_scores(task["form"], share))
        return dict(person.post(f"/pairings/{self.id}/evaluate", {"data": data}))

    def year(self) -> "Pair":
        """Log twelve months as they come, with their evaluations."""
        for _ in range(12):
            while "write_log" not in self.open_steps():
                self.office.pass_time(days=5)
            self.log()
            if "evaluate_midterm" in self.open_steps():
                self.evaluate()
        self.evaluate()
        return self


def set_clock(office: Office, moment: str) -> None:
    """Set the business clock to a moment in Shanghai."""
    with office.app.app_context(), transaction() as session:
        clock.set_now(session, datetime.fromisoformat(moment + LOCAL))


def remind(office: Office) -> int:
    """Let the sweep that reminds of missing months run once."""
    with office.app.app_context(), transaction() as session:
        return remind_missing_months(session, clock.now())


def open_batch(office: Office) -> int:
    """Open a batch for every honour, from today by the business clock."""
    city = office.person("city.reviewer1")
    form = city.get("/batches/form")["form"]
    choices = {c["key"]: c["values"] for g in form["components"] for c in g["components"] if c.get("values")}
    with office.app.app_context():
        today = clock.today()
    data = {
        "title": "年度文明单位申报",
        "document_number": "岳市文明委〔2022〕1号",
        "term": "2022年度",
        "opens_on": today.isoformat(),
        "closes_on": today.replace(year=today.year + 1).isoformat(),
        "honours": [choice["value"] for choice in choices["honours"]],
        "pass_mark": 80,
        "sampling_percent": 0,
        "notice_days": 5,
        "consultation_days": 10,
        "indicators": [{"label": "组织领导", "max_score": 40}, {"label": "创建成效", "max_score": 60}],
    }
    return int(city.post("/batches", {"data": data}, 201)["id"])
