"""Processes drawn in BPMN: loading, running, describing. Knows neither web, database nor forms; the only user of
the engine library.
"""

from workflows.definitions import Definition, load_definition
from workflows.engine import advance, broadcast, complete, deliver, list_open, retry, start
from workflows.errors import (
    AutomaticLoopError,
    CannotMoveError,
    DataNotAllowedError,
    DefinitionError,
    ExpressionError,
    NobodyWaitingError,
    NothingToRetryError,
    StateError,
    TaskNotOpenError,
    WorkflowsError,
)
from workflows.interventions import cancel, goto, move_timer, set_data
from workflows.steps import (
    ClosedTask,
    Context,
    EndReached,
    Incident,
    OpenTask,
    Passed,
    Sent,
    Step,
    Timer,
    Waiting,
)

__all__ = [
    "AutomaticLoopError",
    "CannotMoveError",
    "ClosedTask",
    "Context",
    "DataNotAllowedError",
    "Definition",
    "DefinitionError",
    "EndReached",
    "ExpressionError",
    "Incident",
    "NobodyWaitingError",
    "NothingToRetryError",
    "OpenTask",
    "Passed",
    "Sent",
    "StateError",
    "Step",
    "TaskNotOpenError",
    "Timer",
    "Waiting",
    "WorkflowsError",
    "advance",
    "broadcast",
    "cancel",
    "complete",
    "deliver",
    "goto",
    "list_open",
    "load_definition",
    "move_timer",
    "retry",
    "set_data",
    "start",
]
