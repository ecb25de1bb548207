"""Pairing at scale: an optimal matching of 2,000 with 2,000, and boards over 20,000 pairs."""

import time
from dataclasses import dataclass, field
from random import Random

from sqlalchemy import text

from tests.benchmarks.laboratory import Laboratory
from tests.conftest import close
from tests.factories.api_client import Office
from webapp import create_app
from webapp.database import transaction
from webapp.pairing.matching import match
from webapp.pairing.rules import KINDS, WEIGHTS, Party

SIDE, PAIRS = 2_000, 20_000
_REPEATS = 40
_PROGRAMMES = """
    INSERT INTO pairing_programmes (region_code, kind, title, source, report_on, silent_days, target_months, weights,
        indicators, status, created_by, created_at)
    SELECT region_code, kind, title || n, source, report_on, silent_days, target_months, weights,
        indicators, status, created_by, created_at FROM pairing_programmes, generate_series(1, 3) n
"""
_PAIRS = """
    INSERT INTO pairings (programme_id, kind, helper_id, helped_id, helper_path, helped_path, target_honour, status,
        origin, is_pinned, reasons, is_exception, exception_reason, approved_by, proposed_at, confirmed_by,
        confirmed_at, active_since, last_log_on, milestones, milestones_done)
    SELECT p.id, 'assist', a.id, b.id, ra.path, rb.path, 'city', 'active',
        'machine', false, '[]', true, 'bench', u.id, now(), u.id, now(), current_date - 300,
        current_date - (a.id + b.id) % 90, 8, b.id % 9
    FROM organisations a JOIN regions ra ON ra.code = a.region_code
    JOIN organisations b ON b.id <> a.id JOIN regions rb ON rb.code = b.region_code
    CROSS JOIN (SELECT min(id) AS id FROM users) u CROSS JOIN pairing_programmes p
    LIMIT :pairs
"""
"""Every helper helps very many: what boards count and sort does not ask whom."""


@dataclass
class PairingFigures:
    """Seconds."""

    matching: float = 0.0
    steps: int = 0
    board: list[float] = field(default_factory=list)
    silent: list[float] = field(default_factory=list)


def measure_pairing(laboratory: Laboratory) -> PairingFigures:
    """Match in this process; ask a warm application for its boards, as a person of the city does."""
    found = PairingFigures()
    random, heard = Random(7), set()
    helpers, helped = _parties(random, 1), _parties(random, SIDE + 1)
    began = time.perf_counter()
    match(KINDS["assist"], helpers, helped, WEIGHTS, {}, lambda percent, _words: heard.add(percent))
    found.matching, found.steps = time.perf_counter() - began, len(heard)
    app = create_app(laboratory.settings, laboratory.demonstration())
    try:
        with app.app_context(), transaction() as session:
            session.execute(text(_PROGRAMMES))
            made = session.execute(text(_PAIRS), {"pairs": PAIRS}).rowcount  # type: ignore[attr-defined]
            assert made == PAIRS, f"only {made} pairs"
        with app.app_context(), transaction() as session:
            session.execute(text("ANALYZE"))
        city = Office(app).person("city.reviewer1")
        for path, took in (("/pairings/board", found.board), ("/pairings?silent=1", found.silent)):
            city.get(path)
            for _ in range(_REPEATS):
                began = time.perf_counter()
                city.get(path)
                took.append(time.perf_counter() - began)
    finally:
        close(app)
    return found


def _parties(random: Random, first: int) -> list[Party]:
    return [
        Party(
            first + place,
            f"单位{first + place}",
            "unit",
            f"430000/4306{random.randrange(14):02}/4306{random.randrange(99):02}",
            "county",
            random.choice([None, *(f"行业{n}" for n in range(30))]),
            "非公",
            frozenset(),
            terms=random.randrange(6),
            load=random.randrange(3),
        )
        for place in range(SIDE)
    ]
