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
    SignersError,
    StateError,
    TaskNotOpenError,
    WorkflowsError,
)
from workflows.interventions import cancel, goto, move_timer, set_data
from workflows.returning import ReturnPlace, come_back, place_for, places_behind, send_back
from workflows.signers import add_signer, remove_signer, replace_signer
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
    "ReturnPlace",
    "Sent",
    "SignersError",
    "StateError",
    "Step",
    "TaskNotOpenError",
    "Timer",
    "Waiting",
    "WorkflowsError",
    "add_signer",
    "advance",
    "broadcast",
    "cancel",
    "come_back",
    "complete",
    "deliver",
    "goto",
    "list_open",
    "load_definition",
    "move_timer",
    "place_for",
    "places_behind",
    "remove_signer",
    "replace_signer",
    "retry",
    "send_back",
    "set_data",
    "start",
]
