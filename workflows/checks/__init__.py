"""Problems of any BPMN file: what the engine accepts silently and gets wrong is found here, in Chinese, with the mending."""

from workflows.checks.problem import Problem, Severity

__all__ = ["Problem", "Severity"]
