"""Pages of pairing."""

from flask import Flask

from webapp.declaration.beginning import also_known
from webapp.instances.processes import register
from webapp.pairing.process import RULES
from webapp.pairing.steps import known_of_subject


def install(_app: Flask) -> None:
    register(RULES)
    also_known(known_of_subject)
