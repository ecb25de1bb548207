"""Which cases of a notice an objection names; no session, no request."""

from collections.abc import Mapping, Sequence


def named_cases(text: str, cases: Mapping[int, str]) -> Sequence[int]:
    """The cases whose unit is named in ``text``, or all of them where none is.

    A name that is part of a longer named one does not count (岳阳县人民法院 in 湖南省岳阳县人民法院第一庭).
    """
    named = {key: name for key, name in cases.items() if name and name in text}
    longest = [
        key for key, name in named.items() if not any(name != other and name in other for other in named.values())
    ]
    return longest or list(cases)
