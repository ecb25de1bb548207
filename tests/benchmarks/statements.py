"""Statements of each completion on the whole way of a declaration to its award."""

from typing import Any

from tests.benchmarks.laboratory import Laboratory
from tests.conftest import close
from tests.factories.api_client import Case, Office, Person
from tests.factories.statements import Statements, counted
from tests.factories.whole_way import carry_to_the_end
from webapp import create_app

_CLERK = "yunxi.unit1.clerk"


def measure_statements(laboratory: Laboratory) -> dict[str, Statements]:
    """What each step's last completion said to the database."""
    app = create_app(laboratory.settings, laboratory.demonstration())
    office = Office(app)
    made: dict[str, Statements] = {}

    def complete(person: Person, task: dict[str, Any], chosen: dict[str, Any]) -> None:
        answers = person.answers(task["form"], **chosen)
        with counted(app) as found:
            person.post(f"/tasks/{task['id']}/complete", {"data": answers, "version": task["version"]})
        made[task["element"]] = found

    carry_to_the_end(Case(office, office.person(_CLERK), batch="1", honour="provincial"), complete)
    close(app)
    return made
