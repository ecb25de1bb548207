"""Registers the declaration process; its pages belong to tasks, instances, batches and notices."""

from flask import Flask

from webapp.declaration.process import RULES
from webapp.instances.processes import register


def install(_app: Flask) -> None:
    register(RULES)
