"""One step of a trial that is made whole or not at all."""

from collections.abc import Mapping
from typing import Any

from webapp.problems import Problem
from webapp.trials.playing import Play

Json = dict[str, Any]


def attempt(play: Play, step: Mapping[str, Any]) -> Json | None:
    """Make one step, or leave everything as it was and say why not."""
    play.session.commit()  # of a savepoint: what is undone below is this step alone
    play.step_began = play.now
    before = play.instance
    try:
        play.do(step)
    except Problem as problem:
        play.session.rollback()
        play.session.expire_all()
        play.instance = before
        return {"message": problem.detail, "errors": [error.as_json() for error in problem.errors]}
    return None
