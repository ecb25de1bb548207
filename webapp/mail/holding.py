"""Hold what is due while working on it, by locks that the database lets go when the process that has them dies."""

import random
from collections.abc import Callable, Generator

from sqlalchemy import BigInteger, Connection, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from webapp.database import db

_HELD_AT_ONCE = 20
_HOLD = text("SELECT id FROM unnest(:numbers) AS id WHERE pg_try_advisory_lock(:base + id)").bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger)), bindparam("base", type_=BigInteger)
)
_LET_GO = text("SELECT pg_advisory_unlock_all()")


def hold_due(space: int, list_due: Callable[[int], list[int]], most: int) -> Generator[int, None, None]:
    """Numbers that are due and that nobody else works on; each is ours while the caller looks at it. To be closed.

    Args:
        space: what is numbered; the same for all who work on it.
        list_due: the first so many that are due.
        most: how many to try at most.
    """
    with db.engine.connect() as connection:
        guard = connection.execution_options(isolation_level="AUTOCOMMIT")
        try:
            yield from _hold_some(guard, space << 32, list_due, most)
        finally:
            guard.execute(_LET_GO)


def _hold_some(
    guard: Connection, base: int, list_due: Callable[[int], list[int]], most: int
) -> Generator[int, None, None]:
    tried: set[int] = set()
    while len(tried) < most:
        due = [number for number in list_due(most + len(tried)) if number not in tried]
        if not due:
            return
        begin = random.randrange(len(due)) // _HELD_AT_ONCE * _HELD_AT_ONCE  # noqa: S311 (workers keep apart)
        some = due[begin : begin + min(_HELD_AT_ONCE, most - len(tried))]
        tried.update(some)
        yield from guard.scalars(_HOLD, {"numbers": some, "base": base}).all()
        guard.execute(_LET_GO)
