"""The table of figures: what was measured, its ratio, both raw figures and what was asked for."""

import statistics
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.bulk import WHOLE, BulkFigures
from tests.benchmarks.completions import Completions
from tests.benchmarks.deadlines import DeadlineFigures
from tests.benchmarks.digests import Digests
from tests.benchmarks.engine_step import EngineFigures
from tests.benchmarks.inbox import MOST_MILLISECONDS, PAGES, USUAL_MILLISECONDS, Inbox
from tests.benchmarks.migration import MigrationFigures
from tests.benchmarks.pairing import PAIRS, SIDE, PairingFigures
from tests.benchmarks.quotas import SUBMITTERS, QuotaFigures
from tests.benchmarks.storage import Stored
from tests.factories.statements import Statements

_MOST_MEMORY = 150
_MOST_OWN, _MOST_AROUND = 8, 3
_MOST_ENGINE = (1.0, 2.0)
_MOST_GROWTH = 1.5
_MOST_DIGESTING = 60
_LEAST_RATE = 200
_MOST_FINDING, _MOST_IDLE = 50, 20
_MOST_LATENCY = 60
_MOST_MATCHING, _MOST_BOARD = 30, 200
_LEAST_TOGETHER = 0.6
_LEAST_MOVED, _MOST_HEAT = 100, 1000


@dataclass(frozen=True)
class Figure:
    """One row."""

    name: str
    value: str
    raw: str
    target: str = ""
    is_met: bool | None = None


def completion_figures(found: Completions) -> Iterator[Figure]:
    """Rates against the bare view."""
    for one in found.comparisons:
        clients = f"{one.clients} client" + ("s" if one.clients > 1 else "")
        raw = (
            f"{one.ours.rate:.0f}/s against {one.bare.rate:.0f}/s; "
            f"p50 {one.ours.percentile(0.5):.1f} against {one.bare.percentile(0.5):.1f} ms, "
            f"p95 {one.ours.percentile(0.95):.1f} against {one.bare.percentile(0.95):.1f} ms"
        )
        target = one.way.target
        asked = f">= {target}" if target else ""
        is_met = one.ratio >= target if target else None
        yield Figure(f"completion, {one.way.name}, {clients}", f"{one.ratio:.2f}", raw, asked, is_met)


def statement_figures(made: Mapping[str, Statements]) -> Iterator[Figure]:
    """The most that a step took, with what attachments and services add."""
    own = {step: len(found.own) for step, found in made.items()}
    around = max(len(found.around) for found in made.values())
    worst = max(own, key=lambda step: own[step])
    raw = f"{worst}; median {statistics.median(own.values()):.0f}; session, rights and clocks {around}; one commit each"
    is_met = own[worst] <= _MOST_OWN and around <= _MOST_AROUND and all(f.commits == 1 for f in made.values())
    yield Figure("statements of a completion, at most", str(own[worst]), raw, "<= 8 + 3", is_met)
    more = {step: len(found.attached) + len(found.served) for step, found in made.items()}
    most = max(more, key=lambda step: more[step])
    raw = f"{most}: {len(made[most].attached)} for attachments, {len(made[most].served)} of the services it calls"
    yield Figure("statements beside these, at most", str(more[most]), raw)


def engine_figures(found: EngineFigures) -> Iterator[Figure]:
    """The engine alone."""
    for name, value, size, most in (
        ("at the first return", found.first_ms, found.first_state, _MOST_ENGINE[0]),
        (f"after {found.returns} returns", found.last_ms, found.last_state, _MOST_ENGINE[1]),
    ):
        raw = f"median; state of {size} characters"
        yield Figure(f"engine step, {name}", f"{value:.2f} ms", raw, f"< {most:.0f} ms", value < most)


def inbox_figures(found: Sequence[Inbox]) -> Iterator[Figure]:
    """Pages of one reviewer with more and more tasks of others in the tables."""
    for page in PAGES:
        for one in found:
            growth = one.p95(page) / found[0].p95(page)
            raw = f"p95 {one.p95(page):.1f} ms against {found[0].p95(page):.1f} ms; median {one.median(page):.1f} ms"
            raw += f"; {one.statements[page]} statements"
            is_last = one is found[-1]
            same = one.statements == found[0].statements
            most = MOST_MILLISECONDS.get(page, USUAL_MILLISECONDS)
            yield Figure(
                f"{page}, {one.open_tasks:,} open tasks",
                f"{growth:.2f}",
                raw,
                f"<= {_MOST_GROWTH}, < {most} ms" if is_last else "",
                growth <= _MOST_GROWTH and same and one.p95(page) < most if is_last else None,
            )


def deadline_figures(found: DeadlineFigures) -> Iterator[Figure]:
    """Sweeps among very many pending ones, and how soon a due moment is acted on."""
    for one in found.sweeps:
        among = f"{one.due:,} of {one.pending:,} pending {one.name}"
        raw = f"all in {one.seconds:.1f} s, one worker"
        yield Figure(f"sweep, {among}", f"{one.rate:.0f}/s", raw, f">= {_LEAST_RATE}/s", one.rate >= _LEAST_RATE)
        for name, took, most in (("finding", one.finding, _MOST_FINDING), ("idle", one.idling, _MOST_IDLE)):
            median = 1000 * statistics.median(took)
            raw = f"median of {len(took)}; worst {1000 * max(took):.1f} ms"
            yield Figure(f"{name}, {one.pending:,} {one.name}", f"{median:.1f} ms", raw, f"< {most} ms", median < most)
    slowest = max(found.latencies)
    raw = "scheduler and worker as processes: " + ", ".join(f"{took:.1f} s" for took in found.latencies)
    yield Figure("from a due moment to the notice", f"{slowest:.0f} s", raw, "< 60 s", slowest < _MOST_LATENCY)


def digest_figures(found: Digests) -> Iterator[Figure]:
    """The digests of a morning."""
    raw = f"{found.built / found.seconds:.0f}/s; facts of {found.characters} characters on average"
    is_met = found.built >= 10_000 and found.seconds < _MOST_DIGESTING
    yield Figure(f"{found.built:,} digests built", f"{found.seconds:.1f} s", raw, f"< {_MOST_DIGESTING} s", is_met)


def pairing_figures(found: PairingFigures) -> Iterator[Figure]:
    """An optimal matching, and boards over many pairs."""
    raw = f"progress told {found.steps} times"
    took, most = found.matching, _MOST_MATCHING
    yield Figure(f"matching {SIDE:,} x {SIDE:,}", f"{took:.1f} s", raw, f"< {most} s", took < most)
    for name, all_took in (("board", found.board), ("longest silent", found.silent)):
        slow = 1000 * statistics.quantiles(all_took, n=20)[-1]
        raw = f"p95 of {len(all_took)}; median {1000 * statistics.median(all_took):.0f} ms"
        yield Figure(f"{name} of {PAIRS:,} pairs", f"{slow:.0f} ms", raw, f"< {_MOST_BOARD} ms", slow < _MOST_BOARD)


def quota_figures(found: QuotaFigures) -> Iterator[Figure]:
    """Who gets the last place, and boards of places and of calls."""
    raw = f"{len(found.winners)} rounds, all answered within {1000 * max(found.answered):.0f} ms"
    is_right = set(found.winners) == {1} and set(found.refused) == {SUBMITTERS - 1}
    value = f"{max(found.winners)} won, {min(found.refused)} told"
    yield Figure(f"last place, {SUBMITTERS} at once", value, raw, f"1 won, {SUBMITTERS - 1} told", is_right)
    names = {f"board of {found.rows:,} places": found.places, f"boards of {found.nominees:,} nominees": found.calls}
    for name, all_took in names.items():
        slow = 1000 * statistics.quantiles(all_took, n=20)[-1]
        raw = f"p95 of {len(all_took)}; median {1000 * statistics.median(all_took):.0f} ms"
        yield Figure(name, f"{slow:.0f} ms", raw, f"< {_MOST_BOARD} ms", slow < _MOST_BOARD)


def bulk_figures(found: BulkFigures) -> Iterator[Figure]:
    """The rate per row of rows decided together, against that of single decisions."""
    ratio = found.together_rate / found.single_rate
    raw = (
        f"{found.together_rate:.0f}/s against {found.single_rate:.0f}/s in one process; "
        f"a call with {WHOLE:,} rows took {found.whole_seconds:.1f} s"
    )
    target, is_met = f">= {_LEAST_TOGETHER}", ratio >= _LEAST_TOGETHER
    yield Figure("bulk decision per row against single decisions", f"{ratio:.2f}", raw, target, is_met)


def migration_figures(found: MigrationFigures) -> Iterator[Figure]:
    """Cases per second of one worker, and how long the figures of a version take to read."""
    rate = found.cases / found.moved
    raw = f"examined {found.cases / found.examined:.0f}/s; the worker's own processor {found.processor:.1f} s"
    yield Figure(
        f"migration of {found.cases:,} cases", f"{rate:.0f}/s", raw, f">= {_LEAST_MOVED}/s", rate >= _LEAST_MOVED
    )
    slow = 1000 * statistics.quantiles(found.read, n=20)[-1]
    raw = f"p95 of {len(found.read)}; a worker counts all anew in {1000 * found.computed:.0f} ms"
    yield Figure(
        f"heatmap of {found.heat_cases:,} cases", f"{slow:.0f} ms", raw, f"< {_MOST_HEAT} ms", slow < _MOST_HEAT
    )
    first, raw = 1000 * found.first, "nothing was ever counted: the latest 3,000 are shown meanwhile"
    yield Figure("the first look at it", f"{first:.0f} ms", raw, f"< {_MOST_HEAT} ms", first < _MOST_HEAT)


def storage_figures(found: Stored) -> Iterator[Figure]:
    """Bytes of a finished declaration."""
    given = found.typed + found.attached
    raw = (
        f"{found.database:,.0f} bytes against {found.typed:,.0f} typed + {found.attached:,.0f} attached (on disk); "
        f"{found.decisions:.0f} decisions each, mean of {found.declarations}"
    )
    yield Figure("database bytes of a finished declaration", f"{found.database / given:.1f}", raw)


def memory_figures(found: Completions) -> Iterator[Figure]:
    """Web workers before and after the load."""
    for name, workers in (("after warm-up", found.memory_warm), ("after the load", found.memory_loaded)):
        most = max(resident for resident, _ in workers)
        raw = ", ".join(
            f"{resident:.0f} MB resident ({share:.0f} MB with shared pages divided)" for resident, share in workers
        )
        yield Figure(
            f"memory of a web worker, {name}", f"{most:.0f} MB", raw, f"< {_MOST_MEMORY} MB", most < _MOST_MEMORY
        )


def write_table(figures: Sequence[Figure]) -> None:
    """Print all rows under one another."""
    marks = {True: "ok", False: "MISSED", None: ""}
    rows = [("figure", "result", "asked", "", "raw")]
    rows += [(f.name, f.value, f.target, marks[f.is_met], f.raw) for f in figures]
    widths = [max(_width(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row[:4], widths, strict=True)]
        sys.stdout.write("  ".join([*cells, row[4]]).rstrip() + "\n")


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
