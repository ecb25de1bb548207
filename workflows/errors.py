"""All that this package raises or names as cause of an incident; messages are Chinese, for the people who mend."""

from collections.abc import Sequence

from workflows.checks.problem import Problem
from workflows.steps import Obstacle


class WorkflowsError(Exception):
    """Base of all errors of this package. `element` is where it happened, if the error itself knows best."""

    def __init__(self, message: str = "", element: str = "") -> None:
        super().__init__(message)
        self.element = element


class DefinitionError(WorkflowsError):
    """A diagram that cannot be loaded; `problems` says what and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("；".join(p.message for p in problems))
        self.problems = list(problems)


class StateError(WorkflowsError):
    """A stored state of an unknown format or of another version of the definition."""


class TaskNotOpenError(WorkflowsError):
    """The task does not exist (any more) or is not waiting for a person."""


class NobodyWaitingError(WorkflowsError):
    """Nothing in this instance waits for that message now."""


class NothingToRetryError(WorkflowsError):
    """No element of this instance has failed."""


class CannotMoveError(WorkflowsError):
    """There is no such activity at the level of the token, or nothing is open."""


class MappingError(WorkflowsError):
    """A mapping of elements to those of another version that cannot be followed; `problems` says which and why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = list(problems)


class CannotMigrateError(WorkflowsError):
    """An instance that cannot go on in another version as it stands; `obstacles` says why."""

    def __init__(self, obstacles: Sequence[Obstacle]) -> None:
        super().__init__("；".join(found.message for found in obstacles))
        self.obstacles = list(obstacles)


class DataNotAllowedError(WorkflowsError):
    """Data that must not enter the engine; `path` leads to the value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"数据“{path}”不能进入流程：{reason}")
        self.path = path
        self.reason = reason


class ExpressionError(WorkflowsError):
    """An expression or script that is refused or fails."""


class NoWayOutError(WorkflowsError):
    """No condition of a gateway holds and it has no default flow."""


class TimerNotArmedError(WorkflowsError):
    """The expression of a timer gives no instant."""


class SignersError(WorkflowsError):
    """The collection of a multi-instance activity is missing, empty or no list."""


class ServiceMissingError(WorkflowsError):
    """A service task names a service that nobody registered."""


class AutomaticLoopError(WorkflowsError):
    """The process runs in a circle without waiting for anybody."""
