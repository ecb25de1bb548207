"""A list's state survives its address, and nonsense in one part leaves the others as they are."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.inbox.rules import COLUMNS, FILTERS, SORTS, TABS, ListState

STATES = st.builds(
    ListState,
    view=st.sampled_from(sorted(TABS)),
    filters=st.dictionaries(st.sampled_from(["q", "element", "honour"]), st.sampled_from(["平江 & 云溪", "a=b", "x"]))
    .map(lambda found: {name: value for name, value in found.items() if FILTERS[name](value)}),
    sort=st.lists(st.sampled_from(SORTS), unique=True, max_size=3).map(tuple),
    columns=st.lists(st.sampled_from(list(COLUMNS)), unique=True, min_size=1)
    .map(lambda chosen: tuple(name for name in COLUMNS if name in chosen)),
    page=st.integers(1, 900),
    per_page=st.sampled_from([20, 50, 100, 1000]),
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(STATES)
def test_an_address_brings_back_the_same_list(state: ListState) -> None:
    assert ListState.parse(state.text) == state


@given(st.dictionaries(st.sampled_from(["view", "sort", "cols", "page", "per_page", *FILTERS]), st.text(max_size=30)))
def test_nonsense_is_left_out_and_named(arguments: dict[str, str]) -> None:
    state = ListState.read(arguments)
    again = ListState.read(state.arguments)
    assert again == state
    assert again.ignored == ()


def test_what_is_not_understood_is_named() -> None:
    state = ListState.read({"view": "x", "severity": "awful", "due_from": "2026-13-40", "page": "-1", "q": "平江"})
    assert set(state.ignored) == {"view", "severity", "due_from", "page"}
    assert state.filters == {"q": "平江"}


def test_clicking_heads_sorts_by_several_keys() -> None:
    state = ListState().sorted_by("region").sorted_by("honour").sorted_by("honour")
    assert state.sort == ("-honour", "region")
    assert (state.direction("honour"), state.direction("region"), state.direction("unit")) == ("desc", "asc", None)
    assert not state.is_grouped
    assert ListState().is_grouped
