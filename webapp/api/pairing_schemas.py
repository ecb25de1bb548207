"""What the calls about pairing take and answer with."""

from collections.abc import Mapping

from webapp.api.schema_words import (
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    PAGED,
    TEXT,
    Schema,
    listed,
    maybe,
    one_of,
    page_of,
    record,
    reference,
    taken,
)

COMPONENTS: dict[str, Schema] = {
    "Pairing": record(
        id=NUMBER,
        programme=NUMBER,
        kind=one_of("assist", "joint", "cross_region"),
        status=one_of("proposed", "confirmed", "active", "ended", "dropped"),
        helper=record(id=NUMBER, name=TEXT),
        helped=record(id=NUMBER, name=TEXT),
        region=maybe(TEXT),
        target=TEXT,
        target_on=maybe(TEXT),
        origin=one_of("machine", "person"),
        pinned=FLAG,
        score=maybe({"type": "number"}),
        reasons=listed(OBJECT),
        exception=maybe(record(reason=maybe(TEXT), approved=FLAG)),
        instance=maybe(NUMBER),
        active_since=maybe(TEXT),
        last_log_on=maybe(TEXT),
        silent_for=maybe(NUMBER),
        milestones=NUMBER,
        milestones_done=NUMBER,
        outcome=maybe(TEXT),
    ),
    "PairingWork": {
        "allOf": [
            reference("Pairing"),
            record(
                signatures=listed(OBJECT),
                plan=listed(OBJECT),
                logs=listed(OBJECT),
                missing_months=listed(TEXT),
                visits=listed(OBJECT),
                evaluations=listed(OBJECT),
                recognitions=listed(OBJECT),
            ),
        ]
    },
    "PairingProgramme": record(
        id=NUMBER, region=TEXT, status=one_of("open", "closed"), kind=TEXT, reported_at=maybe(MOMENT), data=OBJECT
    ),
    "Matching": record(
        id=NUMBER,
        programme=NUMBER,
        status=one_of("waiting", "running", "done", "failed"),
        progress=NUMBER,
        step=maybe(TEXT),
        pairs=maybe(NUMBER),
        rest=listed(record(side=one_of("helper", "helped"), id=NUMBER, name=TEXT, reasons=listed(TEXT))),
    ),
}

BODIES: Mapping[str, Schema] = {
    "open_pairing_programme": taken(data=OBJECT),
    "change_pairing_programme": taken(data=OBJECT),
    "name_pairing_units": taken(units=listed(record(unit=NUMBER, target=TEXT))),
    "take_pairing_nominees": taken("call", call=maybe(NUMBER)),
    "report_pairing_list": taken(),
    "propose_pairing": taken("helper", "helped", programme=NUMBER, helper=maybe(NUMBER), helped=maybe(NUMBER)),
    "confirm_pairing": taken("reason", reason=TEXT),
    "log_pairing": taken(data=OBJECT),
    "evaluate_pairing": taken(data=OBJECT),
    "add_pairing_visit": taken(
        "purpose", "visited_on", "verdict", "findings", purpose=TEXT, visited_on=TEXT, verdict=TEXT, findings=TEXT
    ),
    "end_pairing": taken(outcome=one_of("rematched", "ended"), reason=TEXT),
}

ANSWERS: Mapping[str, Schema] = {
    "list_pairings": page_of(reference("Pairing")),
    "get_pairing": reference("PairingWork"),
    "get_pairing_board": record(region=OBJECT, places=listed(OBJECT), totals=OBJECT, without_partner=listed(OBJECT)),
    "list_pairing_programmes": record(items=listed(reference("PairingProgramme"))),
    "get_pairing_programme_form": record(form=reference("Form")),
    "open_pairing_programme": reference("PairingProgramme"),
    "change_pairing_programme": reference("PairingProgramme"),
    "get_pairing_programme": {
        "allOf": [
            reference("PairingProgramme"),
            record(units=listed(OBJECT), matching=maybe(reference("Matching")), report=OBJECT),
        ]
    },
    "name_pairing_units": record(added=NUMBER),
    "take_pairing_nominees": record(added=NUMBER, refused=listed(TEXT)),
    "report_pairing_list": reference("PairingProgramme"),
    "get_matching": reference("Matching"),
    "propose_pairing": {"anyOf": [reference("Pairing"), record(matching=reference("Matching"))]},
    "confirm_pairing": reference("Pairing"),
    "log_pairing": reference("PairingWork"),
    "evaluate_pairing": reference("PairingWork"),
    "add_pairing_visit": record(id=NUMBER, announced=FLAG),
    "end_pairing": reference("Pairing"),
}

QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "list_pairings": PAGED
    | {"status": TEXT, "kind": TEXT, "programme": NUMBER, "region": TEXT, "q": TEXT, "silent": FLAG},
    "get_pairing_board": {"region": TEXT, "kind": TEXT},
    "get_pairing_list": {"format": one_of("docx", "xlsx")},
}
