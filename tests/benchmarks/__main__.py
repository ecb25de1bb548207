"""Measure and print the table of figures: ``make bench``.

``BENCH_ROWS`` (1,000,000) is the largest number of open tasks, ``BENCH_SLICES`` (10) how many slices of a second
each comparison takes, ``BENCH_JSON`` a file for the same rows.
"""

import json
import os
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.bulk import measure_bulk
from tests.benchmarks.completions import measure_completions
from tests.benchmarks.deadlines import measure_deadlines
from tests.benchmarks.digests import measure_digests
from tests.benchmarks.engine_step import measure_engine_step
from tests.benchmarks.inbox import measure_inbox
from tests.benchmarks.laboratory import Laboratory, open_laboratory
from tests.benchmarks.migration import measure_migration
from tests.benchmarks.pairing import measure_pairing
from tests.benchmarks.quotas import measure_quotas
from tests.benchmarks.statements import measure_statements
from tests.benchmarks.storage import measure_storage
from tests.benchmarks.table import (
    Figure,
    bulk_figures,
    completion_figures,
    deadline_figures,
    digest_figures,
    engine_figures,
    inbox_figures,
    memory_figures,
    migration_figures,
    pairing_figures,
    quota_figures,
    statement_figures,
    storage_figures,
    write_table,
)

_DECLARATIONS = 12
_REPEATS = 80


def main() -> None:
    """Take all figures on a server of its own, and leave nothing behind."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    began = time.monotonic()
    with open_laboratory() as laboratory:
        figures = _measure(laboratory)
    write_table(figures)
    sys.stdout.write(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    if target := os.environ.get("BENCH_JSON"):
        Path(target).write_text(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False, indent=1))


def _measure(laboratory: Laboratory) -> list[Figure]:
    most = int(os.environ.get("BENCH_ROWS", "1000000"))
    sizes = sorted({min(size, most) for size in (1_000, 100_000, most)})
    completions = measure_completions(laboratory, int(os.environ.get("BENCH_SLICES", "10")))
    return [
        *completion_figures(completions),
        *statement_figures(measure_statements(laboratory)),
        *bulk_figures(measure_bulk(laboratory)),
        *engine_figures(measure_engine_step()),
        *inbox_figures(measure_inbox(laboratory, sizes, _REPEATS)),
        *deadline_figures(measure_deadlines(laboratory, most)),
        *digest_figures(measure_digests(laboratory)),
        *pairing_figures(measure_pairing(laboratory)),
        *quota_figures(measure_quotas(laboratory)),
        *migration_figures(measure_migration(laboratory, min(100_000, most))),
        *storage_figures(measure_storage(laboratory, _DECLARATIONS)),
        *memory_figures(completions),
    ]


if __name__ == "__main__":
    main()
