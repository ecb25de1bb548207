"""Processes drawn in BPMN: loading, running, describing. Knows neither web, database nor forms; the only user of
the engine library.
"""

from workflows.definitions import Definition, load_definition
from workflows.engine import advance, broadcast, complete, deliver, list_open, retry, start
from workflows.errors import (
    AutomaticLoopError,
    CannotMigrateError,
    CannotMoveError,
    DataNotAllowedError,
    DefinitionError,
    ExpressionError,
    MappingError,
    NobodyWaitingError,
    NothingToRetryError,
    SignersError,
    StateError,
    TaskNotOpenError,
    WorkflowsError,
)
from workflows.interventions import cancel, move_timer, set_data
from workflows.migration import examine, migrate
from workflows.moves import Token, goto, list_tokens, skip
from workflows.returning import ReturnPlace, come_back, place_for, places_behind, send_back
from workflows.routes import Route, plan_route
from workflows.signers import add_signer, remove_signer, replace_signer, signers_to_come
from workflows.steps import (
    ClosedTask,
    Context,
    EndReached,
    Incident,
    Obstacle,
    OpenTask,
    Passed,
    Sent,
    Step,
    Timer,
    Waiting,
)

__all__ = [
    "AutomaticLoopError",
    "CannotMigrateError",
    "CannotMoveError",
    "ClosedTask",
    "Context",
    "DataNotAllowedError",
    "Definition",
    "DefinitionError",
    "EndReached",
    "ExpressionError",
    "Incident",
    "MappingError",
    "NobodyWaitingError",
    "NothingToRetryError",
    "Obstacle",
    "OpenTask",
    "Passed",
    "ReturnPlace",
    "Route",
    "Sent",
    "SignersError",
    "StateError",
    "Step",
    "TaskNotOpenError",
    "Timer",
    "Token",
    "Waiting",
    "WorkflowsError",
    "add_signer",
    "advance",
    "broadcast",
    "cancel",
    "come_back",
    "complete",
    "deliver",
    "examine",
    "goto",
    "list_open",
    "list_tokens",
    "load_definition",
    "migrate",
    "move_timer",
    "place_for",
    "places_behind",
    "plan_route",
    "remove_signer",
    "replace_signer",
    "retry",
    "send_back",
    "set_data",
    "signers_to_come",
    "skip",
    "start",
]
