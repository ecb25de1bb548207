"""The pages of the calendar."""

from flask import Flask

from webapp.deadlines import current


def install(app: Flask) -> None:
    current.install(app)
