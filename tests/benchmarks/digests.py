"""The digests of one morning: everybody has a dozen open tasks; built from the sweep's own queries, with their rows."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day

from sqlalchemy import text, update

from tests.benchmarks.cases import prepare_waiting
from tests.benchmarks.inbox import add_others
from tests.benchmarks.laboratory import Laboratory, connect
from tests.conftest import close
from tests.factories.api_client import Office
from webapp import clock, create_app
from webapp.database import transaction
from webapp.deadlines.current import calendar_in_force
from webapp.mail.digests import build_digests
from webapp.mail.models import MailSettings

PEOPLE, TASKS = 10_000, 60_000
"""Each task has two candidates."""


@dataclass(frozen=True)
class Digests:
    """How long they took."""

    seconds: float
    built: int
    characters: int
    """Of an average digest's facts."""


def measure_digests(laboratory: Laboratory) -> Digests:
    """Fill a database and build the digests of its next working day."""
    url = laboratory.demonstration()
    app = create_app(laboratory.settings, url)
    with connect(url) as connection:
        waiting = prepare_waiting(Office(app), connection, 1, honour="city", asked=False)
        add_others(connection, waiting.reviewer, TASKS, PEOPLE)
    with app.app_context():
        morning = _next_morning()
        with transaction() as session:
            session.execute(update(MailSettings).values(digested_until=morning - timedelta(hours=2)))
        began = time.perf_counter()
        built = build_digests(morning)
        seconds = time.perf_counter() - began
        with transaction() as session:
            characters = session.scalar(
                text("SELECT avg(length(facts::text)) FROM mail_messages WHERE kind = 'digest'")
            )
    close(app)
    return Digests(seconds, built, round(characters or 0))


def _next_morning() -> datetime:
    day = clock.today() + timedelta(days=1)
    while not calendar_in_force().works(day):
        day += timedelta(days=1)
    return datetime.combine(day, time_of_day(9), clock.SHANGHAI)
