"""Two years typed in from the notices themselves, to hold the calendar against something it was not made from.

2020: 国办发明电〔2019〕16号, with the longer Spring Festival of 国办发明电〔2020〕1号. 2021: 国办发明电〔2020〕27号.
"""

from datetime import date, timedelta

REST = (
    ("2020-01-01", "2020-01-01"),
    ("2020-01-24", "2020-02-02"),
    ("2020-04-04", "2020-04-06"),
    ("2020-05-01", "2020-05-05"),
    ("2020-06-25", "2020-06-27"),
    ("2020-10-01", "2020-10-08"),
    ("2021-01-01", "2021-01-03"),
    ("2021-02-11", "2021-02-17"),
    ("2021-04-03", "2021-04-05"),
    ("2021-05-01", "2021-05-05"),
    ("2021-06-12", "2021-06-14"),
    ("2021-09-19", "2021-09-21"),
    ("2021-10-01", "2021-10-07"),
)
WORKED = {
    date.fromisoformat(text)
    for text in (
        *("2020-01-19", "2020-04-26", "2020-05-09", "2020-06-28", "2020-09-27", "2020-10-10"),
        *("2021-02-07", "2021-02-20", "2021-04-25", "2021-05-08", "2021-09-18", "2021-09-26", "2021-10-09"),
    )
}


def is_worked(day: date) -> bool:
    """Whether people work on a day of 2020 or 2021."""
    if any(date.fromisoformat(first) <= day <= date.fromisoformat(last) for first, last in REST):
        return False
    return day in WORKED or day.weekday() < 5


def every_day() -> list[date]:
    """All days of both years."""
    return [date(2020, 1, 1) + timedelta(days=number) for number in range(366 + 365)]
