"""A call for nominations in the hands of whoever may do its next step, through the API alone."""

from datetime import timedelta
from typing import Any

from tests.factories.api_client import Office, Person
from tests.factories.form_answers import fill_in
from webapp import clock

YUNXI, JUNSHAN = "430603", "430611"
REVIEWERS = {YUNXI: "yunxi.reviewer1", JUNSHAN: "junshan.reviewer1"}
SOURCE = "平文明办〔2021〕11号 末段"


def nominee(name: str, **chosen: Any) -> dict[str, Any]:
    """One row of a county's list."""
    row = {"name": name, "kind": "private", "honour": "city", "reason": "基础较好，党组织健全。"}
    return row | chosen


def three(place: str) -> list[dict[str, Any]]:
    """As many as a county has to nominate, none of them registered."""
    return [nominee(f"{place}第{number}精密制造有限公司") for number in ("一", "二", "三")]


class Call:
    """One call."""

    def __init__(self, office: Office, **chosen: Any) -> None:
        self.office = office
        self.city = office.person("city.reviewer1")
        form = next(d for d in self.city.get("/definitions")["items"] if d["process"] == "nomination")["start_form"]
        with office.app.app_context():
            due = clock.today() + timedelta(days=8)
        asked = {"due_on": due.isoformat(), "counties": [YUNXI, JUNSHAN], "honours": ["city", "provincial"]}
        asked |= {"paragraph": "末段", "plan": None}
        data = fill_in(form, **(asked | chosen))
        answer = self.city.post("/instances", {"process": "nomination", "data": data}, 201)
        self.instance: int = answer["id"]
        self.id: int = answer["data"]["call_id"]

    def task(self, element: str, person: Person, county: str | None = None) -> dict[str, Any]:
        """The open task of a step that a person may do (for one county)."""
        for view in ("mine", "available"):
            for item in person.get(f"/tasks?view={view}&instance={self.instance}")["items"]:
                opened = person.get(f"/tasks/{item['id']}")
                if item["element"] == element and county in {None, opened.get("item", {}).get("county")}:
                    return dict(opened)
        raise AssertionError(f"{person.username} may not do {element}")

    def submit(self, county: str, rows: list[dict[str, Any]], expect: int = 200, **chosen: Any) -> Any:
        """A county sends its list, first or corrected."""
        person = self.office.person(REVIEWERS[county])
        task = person.find_task(self.instance)
        assert task is not None
        data = {"outcome": "submit", "nominees": rows} | chosen
        return person.post(f"/tasks/{task['id']}/complete", {"data": data, "version": task["version"]}, expect)

    def refused(self, county: str, rows: list[dict[str, Any]], **chosen: Any) -> list[dict[str, str]]:
        """What is wrong with a list."""
        return list(self.submit(county, rows, 422, **chosen)["errors"])

    def do(self, element: str, username: str = "city.reviewer1", expect: int = 200, **chosen: Any) -> Any:
        """Somebody does a step, with answers that its form says would pass."""
        person = self.office.person(username)
        task = person.find_task(self.instance, element)
        assert task is not None, f"{username} may not do {element}"
        return person.complete(task, expect, **chosen)

    def ranked(self) -> "Call":
        """Both counties have sent lists that the city accepts and ranks."""
        for county, place in ((YUNXI, "云溪"), (JUNSHAN, "君山")):
            self.submit(county, three(place))
            self.do("review_nominations", outcome="accept")
        self.do("rank_nominees", outcome="submit")
        return self

    def read(self, username: str = "city.reviewer1") -> dict[str, Any]:
        return dict(self.office.person(username).get(f"/nominations/{self.id}"))

    def board(self, username: str = "city.reviewer1") -> dict[str, dict[str, Any]]:
        items = self.office.person(username).get(f"/nominations/{self.id}/board")["items"]
        return {item["county"]: item for item in items}

    def state(self) -> tuple[str, str | None, list[str]]:
        """Status, outcome and open steps of the instance."""
        found = self.city.get(f"/instances/{self.instance}")
        return found["status"], found["outcome"], sorted(task["element"] for task in found["tasks"])
