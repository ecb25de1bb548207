"""When jobs are due: the same instants for every scheduler."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.background import registry
from webapp.background.schedules import crontab, every


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC), datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)),
        (datetime(2026, 11, 20, 4, 0, 14, 999999, tzinfo=UTC), datetime(2026, 11, 20, 4, 0, 0, tzinfo=UTC)),
        (datetime(2026, 11, 20, 4, 0, 15, tzinfo=UTC), datetime(2026, 11, 20, 4, 0, 15, tzinfo=UTC)),
    ],
)
def test_an_interval_is_due_at_whole_multiples(now: datetime, due: datetime) -> None:
    assert every(timedelta(seconds=15)).latest(now) == due


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 11, 19, 19, 9, tzinfo=UTC), datetime(2026, 11, 18, 19, 10, tzinfo=UTC)),
        (datetime(2026, 11, 19, 19, 10, tzinfo=UTC), datetime(2026, 11, 19, 19, 10, tzinfo=UTC)),
        (datetime(2026, 11, 20, 12, 0, tzinfo=UTC), datetime(2026, 11, 19, 19, 10, tzinfo=UTC)),
    ],
)
def test_a_crontab_is_read_in_office_time(now: datetime, due: datetime) -> None:
    assert crontab("10 3 * * *").latest(now) == due


def test_a_rare_crontab_is_not_made_up_after_a_week() -> None:
    assert crontab("0 0 1 1 *").latest(datetime(2026, 11, 20, tzinfo=UTC)) is None


def test_a_periodic_job_needs_exactly_one_schedule() -> None:
    with pytest.raises(ValueError, match="either every or cron"):
        registry.periodic("test.both", every=timedelta(seconds=1), cron="0 0 * * *")
    with pytest.raises(ValueError, match="either every or cron"):
        registry.periodic("test.neither")
