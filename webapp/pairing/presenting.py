"""Pairs, programmes, matchings and boards as the API and the command line say them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.pairing import boards, documents, programme_queries
from webapp.pairing.models import MatchingRun, Programme, Visit
from webapp.pairing.programmes import answers_of
from webapp.pairing.rules import KINDS, Party
from webapp.pairing.work import Work
from webapp.registry.models import Region

MOST = 500
"""How many helpers without partner one answer lists."""


def pairing_json(row: Any) -> dict[str, Any]:
    """One row of a list of pairs."""
    p = row.Pairing
    return {
        "id": p.id,
        "programme": p.programme_id,
        "kind": p.kind,
        "status": p.status,
        "helper": {"id": p.helper_id, "name": row.helper},
        "helped": {"id": p.helped_id, "name": row.helped},
        "region": row.region,
        "target": p.target_honour,
        "target_on": _iso(p.target_on),
        "origin": p.origin,
        "pinned": p.is_pinned,
        "score": None if p.score is None else float(p.score),
        "reasons": p.reasons,
        "exception": {"reason": p.exception_reason, "approved": p.approved_by is not None} if p.is_exception else None,
        "instance": p.instance_id,
        "active_since": _iso(p.active_since),
        "last_log_on": _iso(p.last_log_on),
        "silent_for": row.silent_for if p.status == "active" else None,
        "milestones": p.milestones,
        "milestones_done": p.milestones_done,
        "outcome": p.outcome,
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def work_json(work: Work) -> dict[str, Any]:
    """What a pair has done."""
    return {
        "signatures": [_signature(side, row) for side, row in work.signatures.items()],
        "plan": [
            {"id": m.id, "year": m.year, "title": m.title, "due_on": _iso(m.due_on), "done_on": _iso(m.done_on)}
            for m in work.milestones
        ],
        "logs": [_log(row) for row in work.logs],
        "missing_months": [f"{month:%Y-%m}" for month in work.missing],
        "visits": [_visit(row.Visit) for row in work.visits],
        "evaluations": [
            {"kind": row.Evaluation.kind, "total": float(row.Evaluation.total), "full": float(row.Evaluation.full)}
            for row in work.evaluations
        ],
        "recognitions": [
            {"kind": r.kind, "status": r.status, "document_number": r.document_number} for r in work.recognitions
        ],
    }


def _signature(side: str, row: Any) -> dict[str, Any]:
    signed = row.Signature
    return {"side": side, "representative": signed.representative, "by": row.name, "at": signed.signed_at.isoformat()}


def _log(row: Any) -> dict[str, Any]:
    return {
        "month": f"{row.Log.month:%Y-%m}",
        "entries": row.Log.entries,
        "photos": row.Log.photos,
        "nothing_reason": row.Log.nothing_reason,
        "closing": row.Log.is_closing,
        "missed": row.Log.written_by is None,
        "by": row.by,
    }


def _visit(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.id,
        "announced": visit.is_announced,
        "purpose": visit.purpose,
        "visited_on": _iso(visit.visited_on),
        "verdict": visit.verdict,
    }


def party_json(party: Party) -> dict[str, Any]:
    """An organisation that may help."""
    return {
        "id": party.id,
        "name": party.name,
        "kind": party.kind,
        "region": party.region_path.split("/")[-1],
        "honours": sorted(party.honours),
    }


def programme_json(programme: Programme) -> dict[str, Any]:
    """A programme with its settings as the answers of its form."""
    return {
        "id": programme.id,
        "region": programme.region_code,
        "status": programme.status,
        "kind": programme.kind,
        "reported_at": _iso(programme.reported_at),
        "data": answers_of(programme),
    }


def details_json(session: Session, programme: Programme, now: datetime) -> dict[str, Any]:
    """The units of a programme, the newest matching and what is to be said of its date."""
    run, due = programme_queries.last_matching(session, programme.id), documents.due_words(programme, now)
    return {
        "units": [
            {"unit": row.HelpedUnit.organisation_id, "name": row.name, "target": row.HelpedUnit.target_honour}
            | {"origin": row.HelpedUnit.origin, "helper": row.helper}
            for row in programme_queries.list_named(session, programme.id)
        ],
        "matching": matching_json(run) if run else None,
        "report": {"on": _iso(due["on"]), "due_at": _iso(due["due_at"]), "late": due["is_late"]}
        | {"rest_day": due["rest_day"]},
    }


def matching_json(run: MatchingRun) -> dict[str, Any]:
    """A matching: how far it is, and the rest with reasons."""
    return {
        "id": run.id,
        "programme": run.programme_id,
        "status": run.status,
        "progress": run.progress,
        "step": run.step,
        "pairs": run.pairs,
        "rest": run.rest,
    }


def board_json(region: Region, board: boards.Board) -> dict[str, Any]:
    """The board of a region."""
    return {
        "region": {"code": region.code, "name": region.name},
        "places": [
            {"code": row.code, "name": row.name} | {key: int(getattr(row, key)) for key in board.totals}
            for row in board.places
        ],
        "totals": dict(board.totals),
        "without_partner": [
            {"kind": kind, "name": KINDS[kind].name, "helpers": count} for kind, count in board.without_partner.items()
        ],
    }
