"""Bring a test case up to a changed diagram: at steps that are new it is filled in with what their forms accept.

A step that only bears another id is done under it. What was recorded is never left out, and the case expects what
then happened; whoever changed the diagram looks it through.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from forms.examples import example_data
from webapp.access import Actor
from webapp.instances.running import case_of
from webapp.problems import Problem
from webapp.tasks.answers import form_for
from webapp.tasks.models import Task
from webapp.trials.attempts import attempt
from webapp.trials.files import used_files, with_samples
from webapp.trials.looking import record_of
from webapp.trials.playing import Play
from webapp.trials.rules import MOST_STEPS, expected_of

Json = dict[str, Any]


class Renewal:
    """One case that is gone through again."""

    def __init__(self, play: Play, case: Mapping[str, Any]) -> None:
        self.play = play
        self.recorded = {step.get("element") for step in case["steps"]}
        self.renamed: dict[str, str] = {}
        self.steps: list[Json] = []

    def through(self, steps: Sequence[Mapping[str, Any]]) -> bool:
        """Go through the recorded steps; whether all of them could be made."""
        return all(self._made(step) for step in steps) and self._ended_as(steps[-1])

    def _made(self, step: Mapping[str, Any]) -> bool:
        while len(self.steps) < MOST_STEPS:
            wanted = dict(step)
            if step.get("element") in self.renamed:
                wanted["element"] = self.renamed[step["element"]]
            if self._kept(wanted) or self._under_another_id(wanted):
                return True
            if not self._filled():
                return False
        return False

    def _kept(self, step: Json) -> bool:
        """Make a step, and keep it with what it came to."""
        bare = {key: value for key, value in step.items() if key != "expect"}
        if attempt(self.play, bare) is not None:
            return False
        offered = {"offered": self.play.offers} if self.play.offers else {}
        self.steps.append(offered | bare | {"expect": expected_of(record_of(self.play, self.play.step_began))})
        return True

    def _under_another_id(self, step: Json) -> bool:
        old = step.get("element")
        if old is None or old in self.play.published.definition.catalogue.elements:
            return False
        for task in self._new_tasks():
            if self._kept(step | {"element": task.element}):
                self.renamed[old] = task.element
                return True
        return False

    def _new_tasks(self) -> list[Task]:
        return [task for task in self.play.open_tasks() if task.element not in self.recorded]

    def _filled(self) -> bool:
        """Do a step that the case does not know as the first who may, with answers that its form accepts."""
        return any(self._kept(step) for task in self._new_tasks() if (step := self._example(task)) is not None)

    def _example(self, task: Task) -> Json | None:
        number = len(self.steps) + 1
        try:
            actor = self.play.person_for(task, None)
        except Problem:
            return None
        answers, files = self._answers(task, actor, number)
        return {"act": "complete", "element": task.element, "item": task.item, "answers": answers, "files": files}

    def _answers(self, task: Task, actor: Actor, number: int) -> tuple[Json, list[Json]]:
        case = case_of(self.play.session, actor, self.play.now, self.play.case, task)
        form = form_for(case, self.play.published, self.play.case.process, task.element)
        if form is None:
            return {}, []
        answers = with_samples(form, example_data(form), number)
        return answers, used_files(form, answers, number, [])

    def _ended_as(self, last: Mapping[str, Any]) -> bool:
        """Steps that are new behind the last recorded one are done as well, where the case had come to its end."""
        if last.get("expect", {}).get("status", "running") == "running":
            return True
        while self.play.case.status == "running" and len(self.steps) < MOST_STEPS:
            if not self._filled():
                return False
        return True


def renew(play: Play, case: Mapping[str, Any]) -> Json | None:
    """The case as it goes in the diagram as it is now; none where it cannot go on."""
    renewal = Renewal(play, case)
    return {**case, "steps": renewal.steps} if renewal.through(case["steps"]) else None
