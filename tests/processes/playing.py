"""Plays an instance for tests: knows only state texts between the steps, as the application does."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from workflows import (
    Context,
    Definition,
    OpenTask,
    Step,
    advance,
    complete,
    deliver,
    list_open,
    load_definition,
    retry,
    start,
)

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)  # in Shanghai


def context(now: datetime = NOON, **services: Any) -> Context:
    """The world of a step: `after(days)` is the one function."""
    return Context(now, services, _functions(now))


def _functions(now: datetime) -> dict[str, Callable[..., Any]]:
    return {"after": lambda days: (now + timedelta(days=days)).isoformat()}


class Played:
    """One instance; `step` is the last step that was made."""

    def __init__(
        self, drawn: bytes | Definition, data: Mapping[str, Any] | None = None, world: Context | None = None
    ) -> None:
        self.definition = load_definition(drawn) if isinstance(drawn, bytes) else drawn
        self.world = world or context()
        self.step: Step = start(self.definition, data or {}, self.world)

    @classmethod
    def resumed(cls, bpmn: bytes, state: str) -> Self:
        """An instance taken up where its state left it."""
        played = cls.__new__(cls)
        played.definition, played.world, played.step = load_definition(bpmn), context(), Step(state)
        return played

    @property
    def open(self) -> list[OpenTask]:
        return list_open(self.definition, self.step.state, self.world)

    @property
    def elements(self) -> list[str]:
        """Open elements by name."""
        return sorted(task.element for task in self.open)

    @property
    def passed(self) -> list[str]:
        """Elements that the last step passed."""
        return [p.element for p in self.step.way if p.kind != "sequenceFlow"]

    def task(self, element: str, **visible: Any) -> OpenTask:
        return next(t for t in self.open if t.element == element and visible.items() <= t.data.items())

    def do(self, element: str, data: Mapping[str, Any] | None = None, **visible: Any) -> Step:
        """Complete an open task of that element, the one that sees `visible`."""
        task = self.task(element, **visible)
        return self._made(complete(self.definition, self.step.state, task.id, data or {}, self.world))

    def say(self, message: str, payload: Mapping[str, Any] | None = None) -> Step:
        return self._made(deliver(self.definition, self.step.state, message, payload or {}, self.world))

    def wait(self, **how_long: float) -> Step:
        """Let the clock go on and fire what is due."""
        now = self.world.now + timedelta(**how_long)
        self.world = replace(self.world, now=now, functions=_functions(now))
        return self._made(advance(self.definition, self.step.state, self.world))

    def again(self, data: Mapping[str, Any] | None = None) -> Step:
        return self._made(retry(self.definition, self.step.state, self.world, data))

    def _made(self, step: Step) -> Step:
        self.step = step
        return step
