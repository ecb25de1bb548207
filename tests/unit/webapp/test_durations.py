"""Lengths of time and instants as people type them for the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from webapp.administration.durations import parse_duration, parse_instant
from webapp.clock import SHANGHAI


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10d", timedelta(days=10)),
        ("3h", timedelta(hours=3)),
        ("90m", timedelta(minutes=90)),
        ("45s", timedelta(seconds=45)),
        ("2w", timedelta(weeks=2)),
        (" 1d12h ", timedelta(days=1, hours=12)),
        ("1D", timedelta(days=1)),
        ("P10D", timedelta(days=10)),
        ("p2w", timedelta(weeks=2)),
        ("PT3H30M", timedelta(hours=3, minutes=30)),
        ("P1DT5S", timedelta(days=1, seconds=5)),
    ],
)
def test_lengths_of_time(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "10", "d", "-3d", "0d", "1.5d", "P", "PT", "P1", "P1DT", "3 d", "1y", "十天", "9999999d"]
)
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(ValueError, match="不是时间长度"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2027-03-01T09:00:00+08:00", datetime(2027, 3, 1, 1, tzinfo=UTC)),
        ("2027-03-01T09:00:00Z", datetime(2027, 3, 1, 9, tzinfo=UTC)),
        ("2027-03-01 09:00", datetime(2027, 3, 1, 9, tzinfo=SHANGHAI)),
        ("2027-03-01", datetime(2027, 3, 1, tzinfo=SHANGHAI)),
    ],
)
def test_instants_are_in_shanghai_unless_they_say(text: str, expected: datetime) -> None:
    assert parse_instant(text) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01", "09:00"])
def test_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="不是时刻"):
        parse_instant(text)
