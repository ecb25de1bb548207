"""The script engine of one step: evaluates every expression and script, and carries the context to the elements.

It is set whenever an instance is started or restored: left alone, the library falls back to `eval` and `exec`.
"""

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.bpmn.script_engine import BasePythonScriptEngineEnvironment, PythonScriptEngine
from SpiffWorkflow.task import Task

from workflows.errors import ExpressionError
from workflows.expressions import Evaluator, check_expression
from workflows.steps import Context


class SafeEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Evaluates within the limits of `workflows.expressions`; correlations call it directly."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._evaluator = Evaluator(context.functions)

    def evaluate(
        self, expression: str, context: Mapping[str, Any], external_context: Mapping[str, Any] | None = None
    ) -> Any:
        return self._evaluator.value(expression, {**(external_context or {}), **context})

    def execute(self, script: str, context: dict[str, Any], external_context: Mapping[str, Any] | None = None) -> bool:
        """All lines or none: nothing is assigned if one of them fails."""
        context.update(self._evaluator.assigned(script, {**(external_context or {}), **context}))
        return True


class Engine(PythonScriptEngine):  # type: ignore[misc]
    """Carries the context of one step; errors stay what they are, the step makes incidents of them."""

    def __init__(self, context: Context) -> None:
        super().__init__(SafeEnvironment(context))
        self.context = context

    def validate(self, expression: str) -> None:
        """Decision tables tell comparisons (`>= 90`) from values by a SyntaxError here."""
        try:
            check_expression(expression)
        except ExpressionError as error:
            raise SyntaxError(str(error)) from error

    def evaluate(self, task: Task, expression: str, external_context: Mapping[str, Any] | None = None) -> Any:
        return self.environment.evaluate(expression, task.data, external_context)

    def execute(self, task: Task, script: str, external_context: Mapping[str, Any] | None = None) -> bool:
        return bool(self.environment.execute(script, task.data, external_context))
