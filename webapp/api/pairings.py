"""Pairings: programmes, proposals and matchings, confirm, log, evaluate, supervise; lists and boards."""

from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.access import access, current_actor
from webapp.api.bodies import body, instance_id_of, object_of, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.docx import docx_response
from webapp.exports import xlsx_response
from webapp.paging import page_numbers
from webapp.pairing import (
    acting,
    boards,
    confirming,
    documents,
    naming,
    parties,
    presenting,
    programme_queries,
    programmes,
    proposing,
    queries,
    supervising,
)
from webapp.pairing.forms import checked_programme, programme_form
from webapp.pairing.rules import KINDS
from webapp.pairing.work import read_work
from webapp.problems import InputError, Invalid, invalid


@blueprint.get("/pairings")
@access("pairings.read")
def list_pairings() -> dict[str, Any]:
    """The pairs that I may see, newest first; the longest silent first with ``silent=true``."""
    page, per_page = page_numbers(request.args)
    wanted = queries.filter_of(request.args)
    found = queries.list_pairings(db.session(), current_actor(), wanted, clock.today(), page, per_page)
    return found.as_json(presenting.pairing_json)


@blueprint.get("/pairings/board")
@access("pairings.supervise")
def get_pairing_board() -> dict[str, Any]:
    """How the pairs of a region stand: active, silent, milestones, who has no partner."""
    session, actor = db.session(), current_actor()
    region = boards.region_in_reach(session, actor, request.args.get("region", ""))
    kind = _kind(request.args.get("kind", ""))
    return presenting.board_json(region, boards.board(session, region.path, clock.today(), kind))


def _kind(text: str) -> str:
    if text and text not in KINDS:
        raise invalid("kind", "unknown", f"没有结对种类“{text[:20]}”。可用：{'、'.join(KINDS)}。")
    return text


@blueprint.get("/pairings/helpers")
@access("pairings.supervise")
def list_free_helpers() -> dict[str, Any]:
    """Who owes a pair of a kind and has none."""
    session, actor = db.session(), current_actor()
    region = boards.region_in_reach(session, actor, request.args.get("region", ""))
    kind = KINDS[_kind(request.args.get("kind", "")) or "assist"]
    found = parties.list_free_helpers(session, kind, region.path, limit=presenting.MOST)
    total = parties.count_free_helpers(session, kind, region.path)
    return {"items": [presenting.party_json(party) for party in found], "total": total}


@blueprint.get("/pairings/programmes")
@access("pairings.supervise")
def list_pairing_programmes() -> dict[str, Any]:
    """The programmes of my region and below."""
    rows = programme_queries.list_programmes(db.session(), current_actor())
    return {"items": [presenting.programme_json(row.Programme) for row in rows]}


@blueprint.get("/pairings/programmes/form")
@access("pairings.manage")
def get_pairing_programme_form() -> dict[str, Any]:
    """The form document that sets up a programme."""
    return {"form": programme_form().document}


@blueprint.post("/pairings/programmes")
@access("pairings.manage")
def open_pairing_programme() -> ResponseReturnValue:
    """Set up a programme with the answers to its form."""
    answers = checked_programme(object_of(body("data"), "data"))
    found = programmes.open_programme(db.session(), current_actor(), clock.now(), answers)
    return presenting.programme_json(found), 201


@blueprint.get("/pairings/programmes/<programme_id>")
@access("pairings.supervise")
def get_pairing_programme(programme_id: str) -> dict[str, Any]:
    """One programme with its units, the newest matching and the date of its list."""
    session, actor = db.session(), current_actor()
    found = programme_queries.get_programme(session, actor, instance_id_of(programme_id))
    return presenting.programme_json(found) | presenting.details_json(session, found, clock.now())


@blueprint.put("/pairings/programmes/<programme_id>")
@access("pairings.manage")
def change_pairing_programme(programme_id: str) -> dict[str, Any]:
    """Change a programme with the answers to its form."""
    answers = checked_programme(object_of(body("data"), "data"))
    found = programmes.change_programme(db.session(), current_actor(), instance_id_of(programme_id), answers)
    return presenting.programme_json(found)


@blueprint.post("/pairings/programmes/<programme_id>/units")
@access("pairings.manage")
def name_pairing_units(programme_id: str) -> dict[str, Any]:
    """Take units into a programme, each with the honour that it is helped towards."""
    units = _units(body("units").get("units"))
    added = naming.name_units(db.session(), current_actor(), clock.now(), instance_id_of(programme_id), units)
    return {"added": added}


def _units(given: Any) -> list[tuple[int, str]]:
    if not isinstance(given, list) or not given or len(given) > 5000:
        raise invalid("units", "required", "请给出单位列表，每项含 unit（编号）和 target（荣誉代码），最多 5000 项。")
    errors, found = [], []
    for place, one in enumerate(given):
        unit = one.get("unit") if isinstance(one, dict) else None
        target = one.get("target") if isinstance(one, dict) else None
        if isinstance(unit, bool) or not isinstance(unit, int) or not 0 < unit < 2**31 or not isinstance(target, str):
            errors.append(InputError(f"units.{place}", "type", "每项须含 unit（整数）和 target（文本）。"))
        else:
            found.append((unit, target))
    if errors:
        raise Invalid(errors)
    return found


@blueprint.post("/pairings/programmes/<programme_id>/nominees")
@access("pairings.manage")
def take_pairing_nominees(programme_id: str) -> dict[str, Any]:
    """Take the approved nominees of the region into a programme; with ``call`` only those of that call."""
    data = body("call")
    call = None if data.get("call") is None else _number(data, "call")
    number = instance_id_of(programme_id)
    added, refused = naming.take_nominees(db.session(), current_actor(), clock.now(), number, call)
    return {"added": added, "refused": refused}


@blueprint.post("/pairings/programmes/<programme_id>/report")
@access("pairings.manage")
def report_pairing_list(programme_id: str) -> dict[str, Any]:
    """Note that the list went to the province."""
    body()
    found = supervising.report_list(db.session(), current_actor(), clock.now(), instance_id_of(programme_id))
    return presenting.programme_json(found)


@blueprint.get("/pairings/programmes/<programme_id>/list")
@access("pairings.supervise")
def get_pairing_list(programme_id: str) -> Response:
    """The list to the province as DOCX, or as XLSX with ``format=xlsx``."""
    session, today = db.session(), clock.today()
    found = programme_queries.get_programme(session, current_actor(), instance_id_of(programme_id))
    if request.args.get("format") == "xlsx":
        return xlsx_response(f"{found.title}名单", documents.LIST_HEADER, documents.list_rows(session, found, today))
    return docx_response(f"{found.title}名单", documents.list_document(session, found, today))


@blueprint.get("/pairings/matchings/<matching_id>")
@access("pairings.supervise")
def get_matching(matching_id: str) -> dict[str, Any]:
    """How far a matching is, and who found nobody and why."""
    return presenting.matching_json(
        programme_queries.get_matching(db.session(), current_actor(), instance_id_of(matching_id))
    )


@blueprint.post("/pairings/propose")
@access("pairings.manage")
def propose_pairing() -> ResponseReturnValue:
    """Put ``helper`` and ``helped`` together by hand; without them, let the best assignment be computed."""
    session, actor, data = db.session(), current_actor(), body("programme", "helper", "helped")
    programme = _number(data, "programme")
    if data.get("helper") is None and data.get("helped") is None:
        run = proposing.ask_for_matching(session, actor, clock.now(), programme)
        return {"matching": presenting.matching_json(run)}, 202
    made = proposing.propose(session, actor, clock.now(), programme, _number(data, "helper"), _number(data, "helped"))
    return _pairing_json(made.id), 201


def _number(data: dict[str, Any], key: str) -> int:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**31:
        raise invalid(key, "required", f"请以整数填写 {key}。")
    return value


def _pairing_json(pairing_id: int) -> dict[str, Any]:
    session, actor = db.session(), current_actor()
    return presenting.pairing_json(queries.get_row(session, actor, pairing_id, clock.today()))


@blueprint.get("/pairings/<pairing_id>")
@access("pairings.read")
def get_pairing(pairing_id: str) -> dict[str, Any]:
    """One pair: plan, logs with missing months, visits, evaluations."""
    session, actor, today = db.session(), current_actor(), clock.today()
    row = queries.get_row(session, actor, instance_id_of(pairing_id), today)
    work = read_work(session, actor, row.Pairing, today)
    return presenting.pairing_json(row) | presenting.work_json(work)


@blueprint.get("/pairings/<pairing_id>/agreement")
@access("pairings.read")
def get_pairing_agreement(pairing_id: str) -> Response:
    """The agreement as DOCX."""
    session, actor, today = db.session(), current_actor(), clock.today()
    row = queries.get_row(session, actor, instance_id_of(pairing_id), today)
    return docx_response(f"{row.helper}与{row.helped}结对协议", documents.agreement(session, actor, row, today))


@blueprint.post("/pairings/<pairing_id>/confirm")
@access("pairings.manage")
def confirm_pairing(pairing_id: str) -> dict[str, Any]:
    """Confirm a proposal; a second pair of one side needs a ``reason`` and somebody who may approve it."""
    reason = text_of(body("reason"), "reason", required=False)
    made = confirming.confirm(db.session(), current_actor(), clock.now(), instance_id_of(pairing_id), reason)
    return _pairing_json(made.id)


@blueprint.post("/pairings/<pairing_id>/pin")
@access("pairings.manage")
def pin_proposal(pairing_id: str) -> dict[str, Any]:
    """Keep a proposal whatever later matchings say."""
    body()
    return _pairing_json(proposing.pin(db.session(), current_actor(), instance_id_of(pairing_id), pinned=True).id)


@blueprint.post("/pairings/<pairing_id>/unpin")
@access("pairings.manage")
def unpin_proposal(pairing_id: str) -> dict[str, Any]:
    """Let later matchings replace a proposal again."""
    body()
    return _pairing_json(proposing.pin(db.session(), current_actor(), instance_id_of(pairing_id), pinned=False).id)


@blueprint.post("/pairings/<pairing_id>/drop")
@access("pairings.manage")
def drop_proposal(pairing_id: str) -> dict[str, Any]:
    """Take a proposal back."""
    body()
    return _pairing_json(proposing.drop(db.session(), current_actor(), instance_id_of(pairing_id)).id)


@blueprint.post("/pairings/<pairing_id>/log")
@access("pairings.read")
def log_pairing(pairing_id: str) -> dict[str, Any]:
    """Log the open month with the answers to the form of ``write_log``."""
    return _act(pairing_id, acting.LOG)


@blueprint.post("/pairings/<pairing_id>/evaluate")
@access("pairings.supervise")
def evaluate_pairing(pairing_id: str) -> dict[str, Any]:
    """Make the evaluation that is due with the answers to its form."""
    return _act(pairing_id, acting.EVALUATE)


def _act(pairing_id: str, steps: tuple[str, ...]) -> dict[str, Any]:
    number, data = instance_id_of(pairing_id), object_of(body("data"), "data")
    acting.act(db.session(), current_actor(), clock.now(), number, steps, data)
    return get_pairing(pairing_id)


@blueprint.post("/pairings/<pairing_id>/visits")
@access("pairings.supervise")
def add_pairing_visit(pairing_id: str) -> ResponseReturnValue:
    """Announce a visit with its ``purpose``, or file an unannounced one with what was found."""
    session, actor, number = db.session(), current_actor(), instance_id_of(pairing_id)
    data = body("purpose", "visited_on", "verdict", "findings")
    if "visited_on" in data:
        said = (text_of(data, key, required=False) for key in ("visited_on", "verdict", "findings"))
        visit = supervising.file_visit(session, actor, clock.now(), number, *said)
    else:
        visit = supervising.ask_visit(session, actor, clock.now(), number, text_of(data, "purpose", required=False))
    return {"id": visit.id, "announced": visit.is_announced}, 201


@blueprint.post("/pairings/<pairing_id>/end")
@access("pairings.manage")
def end_pairing(pairing_id: str) -> dict[str, Any]:
    """End a pair before its time, to be matched anew or for good."""
    data, number = body("outcome", "reason"), instance_id_of(pairing_id)
    outcome, reason = (text_of(data, key, required=False) for key in ("outcome", "reason"))
    supervising.end_early(db.session(), current_actor(), clock.now(), number, outcome, reason)
    return _pairing_json(number)
