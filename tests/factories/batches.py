"""Batches that ask nobody and draw nobody unless told otherwise."""

from collections.abc import Mapping
from typing import Any


def plain_batch(title: str, term: str, honours: list[str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that open one.

    Args:
        settings: what is to be otherwise.
    """
    return {
        "title": title,
        "document_number": "岳市文明委〔2026〕8号",
        "term": term,
        "opens_on": "2020-01-01",
        "closes_on": "2040-12-31",
        "honours": honours,
        "pass_mark": 60,
        "sampling_percent": 0,
        "notice_days": 5,
        "consultation_days": 10,
        "departments": [],
        "indicators": [{"label": "创建成效", "max_score": 100}],
    } | dict(settings)
