"""An iCalendar file that every reader takes, whatever the texts hold."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from webapp.feeds.rules import Entry, calendar, fold

MADE = datetime(2026, 11, 20, tzinfo=UTC)
TEXTS = st.text(max_size=300)


def unfolded(file: str) -> list[str]:
    """The content lines, as RFC 5545 §3.1 puts them together."""
    assert file.endswith("\r\n")
    return file.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def value(lines: list[str], name: str) -> str:
    """The text of a property, as RFC 5545 §3.3.11 reads it."""
    (line,) = [line for line in lines if line.startswith(f"{name}:")]
    text, found, position = line.partition(":")[2], "", 0
    while position < len(text):
        step = 2 if text[position] == "\\" else 1
        piece = text[position : position + step]
        found += {"\\n": "\n"}.get(piece, piece[-1])
        position += step
    return found


def entry(text: str, due: datetime = MADE) -> Entry:
    return Entry("1@wenming", text, text, "https://wm.example.cn/tasks/1", due)


def plain(text: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c == "\n" or (c >= " " and c != "\x7f"))


@given(TEXTS)
def test_texts_come_back_and_lines_are_short(text: str) -> None:
    file = calendar(text, [entry(text)], MADE)

    assert all(len(line.encode()) <= 75 for line in file.split("\r\n"))
    lines = unfolded(file)
    assert value(lines, "SUMMARY") == value(lines, "DESCRIPTION") == value(lines, "X-WR-CALNAME") == plain(text)
    assert lines.count("BEGIN:VEVENT") == 1


@given(st.text(alphabet=st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=400))
def test_folding_breaks_no_character(line: str) -> None:
    pieces = list(fold(line))
    assert pieces[0] + "".join(piece[1:] for piece in pieces[1:]) == line


def test_the_end_of_a_day_is_that_day() -> None:
    late = datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC)
    midnight = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    for due in (late, midnight):
        lines = unfolded(calendar("x", [entry("x", due)], MADE))
        assert "DTSTART;VALUE=DATE:20261120" in lines
        assert "DTEND;VALUE=DATE:20261121" in lines
    lines = unfolded(calendar("x", [entry("x", datetime(2026, 11, 20, 9, 0, tzinfo=UTC))], MADE))
    assert "DTEND:20261120T090000Z" in lines
