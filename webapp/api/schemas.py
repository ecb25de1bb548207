"""What the calls take and answer, as JSON Schema (OpenAPI 3.1); answers may hold more than is named here."""

from collections.abc import Mapping

from webapp.api import act_schemas, place_schemas
from webapp.api.schema_words import (
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    TEXT,
    UUID,
    Schema,
    listed,
    maybe,
    one_of,
    page_of,
    record,
    reference,
    taken,
)

__all__ = ["ANSWERS", "BODIES", "COMPONENTS", "FILES", "OBJECT", "QUERIES", "STATUSES", "TEXT"]

COMPONENTS: dict[str, Schema] = {
    **act_schemas.COMPONENTS,
    **place_schemas.COMPONENTS,
    "Problem": record(
        "errors",
        type=TEXT,
        title=TEXT,
        status=NUMBER,
        detail=TEXT,
        errors=listed(record(path=TEXT, code=TEXT, message=TEXT)),
    ),
    "Form": OBJECT | {"description": "form-js 表单文档；选项和重复行已按办件填好"},
    "Task": record(
        id=UUID,
        name=TEXT,
        element=TEXT,
        instance=NUMBER,
        process=TEXT,
        due_at=maybe(MOMENT),
        severity=one_of("serious", "overdue", "soon", "normal"),
        claimed_by=maybe(NUMBER),
        version=NUMBER,
    ),
    "Summary": record(
        id=NUMBER,
        number=TEXT,
        process=TEXT,
        version=NUMBER,
        status=one_of("running", "suspended", "completed", "withdrawn", "cancelled"),
        outcome=maybe(TEXT),
    ),
    "Instance": {
        "allOf": [
            reference("Summary"),
            record(
                waiting_for=listed(
                    record(element=TEXT, name=TEXT, kind=one_of("task", "timer", "message"), due_at=maybe(MOMENT))
                ),
                tasks=listed(reference("Task")),
                incidents=listed(OBJECT),
                data=OBJECT,
            ),
        ]
    },
    "OpenedTask": {
        "allOf": [
            reference("Task"),
            record(form=maybe(reference("Form")), data=OBJECT, actions=listed(TEXT)),
        ]
    },
    "HistoryLine": record(
        at=MOMENT,
        actor=maybe(TEXT),
        on_behalf_of=maybe(TEXT),
        machine=FLAG,
        element=maybe(TEXT),
        act=TEXT,
        comment=maybe(TEXT),
    ),
    "OutlineLine": record(
        element=TEXT,
        type=TEXT,
        name=TEXT,
        lane=maybe(TEXT),
        next=listed({}),
        state=one_of("done", "open", "ahead", "incident"),
    ),
    "Batch": record(id=NUMBER, status=one_of("open", "closed"), region=TEXT, data=OBJECT),
    "Unit": record(id=NUMBER, name=TEXT, uscc=maybe(TEXT), region=maybe(TEXT)),
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
    "Attachment": record(id=NUMBER, name=TEXT, size=NUMBER, sha256=TEXT),
    "Filter": record(
        "count",
        "count_capped",
        id=NUMBER,
        name=TEXT,
        state=OBJECT,
        shared=FLAG,
        owner=TEXT,
        own=FLAG,
        start=FLAG,
        count=NUMBER,
        count_capped=FLAG,
    ),
    "Notice": record(id=NUMBER, number=TEXT, title=TEXT, ends_at=MOMENT, is_open=FLAG),
}

_VERSIONED = listed(record(id=UUID, version=NUMBER))
_REASON = taken(reason=TEXT)

BODIES: Mapping[str, Schema] = {
    **act_schemas.BODIES,
    "create_token": taken(username=TEXT, password=TEXT),
    "change_password": taken(current=TEXT, new=TEXT),
    "start_instance": taken("data", process=TEXT, data=OBJECT),
    "withdraw_instance": _REASON,
    "suspend_instance": _REASON,
    "resume_instance": _REASON,
    "retry_instance": taken("data", "reason", data=OBJECT, reason=TEXT),
    "save_draft": taken(data=OBJECT),
    "complete_task": taken("data", data=OBJECT, version=NUMBER),
    "extend_task": taken("until", "working_days", until=TEXT, working_days=NUMBER, reason=TEXT, version=NUMBER),
    "save_filter": taken("shared", "start", name=TEXT, state=OBJECT, shared=FLAG, start=FLAG),
    "complete_many": taken("data", "dry_run", items=_VERSIONED, data=OBJECT, dry_run=FLAG),
    "acknowledge_quota": _REASON,
    "change_quota_settings": taken(
        "administrative_percent",
        "grassroots_percent",
        over_cap=one_of("block", "waitlist"),
        administrative_percent=maybe({"type": "number"}),
        grassroots_percent=maybe({"type": "number"}),
    ),
    "propose_quota_transfer": taken(
        "line", **{"from": TEXT}, honour=TEXT, to=TEXT, line=TEXT, number=NUMBER, reason=TEXT
    ),
    "decide_quota_transfer": taken("reason", approve=FLAG, reason=TEXT),
    "open_batch": taken(data=OBJECT),
    "change_batch": taken(data=OBJECT),
    "open_pairing_programme": taken(data=OBJECT),
    "change_pairing_programme": taken(data=OBJECT),
    "name_pairing_units": taken(units=listed(record(unit=NUMBER, target=TEXT))),
    "take_pairing_nominees": taken("call", call=maybe(NUMBER)),
    "report_pairing_list": taken(),
    "propose_pairing": taken("helper", "helped", programme=NUMBER, helper=maybe(NUMBER), helped=maybe(NUMBER)),
    "confirm_pairing": taken("reason", reason=TEXT),
    "pin_proposal": taken(),
    "unpin_proposal": taken(),
    "drop_proposal": taken(),
    "log_pairing": taken(data=OBJECT),
    "evaluate_pairing": taken(data=OBJECT),
    "add_pairing_visit": taken(
        "purpose", "visited_on", "verdict", "findings", purpose=TEXT, visited_on=TEXT, verdict=TEXT, findings=TEXT
    ),
    "end_pairing": taken(outcome=one_of("rematched", "ended"), reason=TEXT),
    "raise_objection": taken("instance", name=TEXT, contact=TEXT, text=TEXT, instance=maybe(NUMBER)),
}
"""Operation → what it takes as JSON."""

ANSWERS: Mapping[str, Schema] = {
    **act_schemas.ANSWERS,
    "create_token": record(token=TEXT, expires_at=MOMENT),
    "me": record(username=TEXT, name=TEXT, roles=listed(TEXT), organisation=OBJECT, region=maybe(OBJECT)),
    "list_definitions": record(
        items=listed(record(process=TEXT, name=TEXT, version=NUMBER, start_form=maybe(reference("Form"))))
    ),
    "check_definition": record(
        problems=listed(record(severity=one_of("error", "warning", "info"), code=TEXT, element=TEXT, message=TEXT)),
        outline=listed(OBJECT),
    ),
    "start_instance": reference("Instance"),
    "list_instances": page_of(reference("Summary")),
    "get_instance": reference("Instance"),
    "get_history": record(items=listed(reference("HistoryLine"))),
    "get_outline": record(items=listed(reference("OutlineLine"))),
    "withdraw_instance": reference("Instance"),
    "suspend_instance": reference("Instance"),
    "resume_instance": reference("Instance"),
    "retry_instance": reference("Instance"),
    "get_tasks": page_of(reference("Task")),
    "get_task": reference("OpenedTask"),
    "claim_task": reference("OpenedTask"),
    "release_task": reference("OpenedTask"),
    "save_draft": reference("OpenedTask"),
    "extend_task": reference("OpenedTask"),
    "complete_task": record(instance=NUMBER, status=TEXT, outcome=maybe(TEXT), remarks=listed(TEXT)),
    "list_filters": record(items=listed(reference("Filter"))),
    "save_filter": reference("Filter"),
    "complete_many": record(items=listed(record(id=UUID, status=TEXT, reasons=listed(TEXT)))),
    "list_batches": page_of(reference("Batch")),
    "get_batch_form": record(form=reference("Form")),
    "get_batch": reference("Batch"),
    "open_batch": reference("Batch"),
    "change_batch": reference("Batch"),
    "list_quotas": page_of(reference("QuotaPlan")),
    "get_quota": reference("QuotaPlanWithSums"),
    "get_quota_board": record(
        items=listed(
            record(
                region=maybe(TEXT),
                region_name=TEXT,
                printed_name=maybe(TEXT),
                honour=TEXT,
                line=TEXT,
                planned=NUMBER,
                reserved=NUMBER,
                used=NUMBER,
                free=NUMBER,
                excess=NUMBER,
            )
        )
    ),
    "acknowledge_quota": reference("QuotaPlanWithSums"),
    "change_quota_settings": reference("QuotaPlanWithSums"),
    "propose_quota_transfer": reference("QuotaTransfer"),
    "decide_quota_transfer": reference("QuotaTransfer"),
    "list_nominations": page_of(reference("Nomination")),
    "get_nomination": {"allOf": [reference("Nomination"), record(nominees=listed(reference("Nominee")))]},
    "get_nomination_board": record(
        items=listed(
            record(
                county=TEXT,
                county_name=TEXT,
                status=one_of("waiting", "submitted", "returned", "accepted", "missing"),
                submitted_at=maybe(MOMENT),
                submitted_by=maybe(TEXT),
                late_days=NUMBER,
                nominees=NUMBER,
                approved=NUMBER,
                waitlisted=NUMBER,
                flagged=NUMBER,
                explanation=maybe(TEXT),
            )
        )
    ),
    "upload_attachment": reference("Attachment"),
    "list_units": page_of(reference("Unit")),
    "get_unit": reference("Unit"),
    "list_notices": page_of(reference("Notice")),
    "get_notice": reference("Notice"),
    "list_pairings": page_of(reference("Pairing")),
    "get_pairing": reference("PairingWork"),
    "get_pairing_board": record(region=OBJECT, places=listed(OBJECT), totals=OBJECT, without_partner=listed(OBJECT)),
    "list_free_helpers": record(items=listed(OBJECT), total=NUMBER),
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
    "pin_proposal": reference("Pairing"),
    "unpin_proposal": reference("Pairing"),
    "drop_proposal": reference("Pairing"),
    "log_pairing": reference("PairingWork"),
    "evaluate_pairing": reference("PairingWork"),
    "add_pairing_visit": record(id=NUMBER, announced=FLAG),
    "end_pairing": reference("Pairing"),
    "raise_objection": record(id=NUMBER, objections=listed(NUMBER)),
    "get_due": record(
        due_at=MOMENT, provisional=FLAG, days=listed(record(date=TEXT, counted=FLAG, reason=maybe(TEXT)))
    ),
    "list_laggards": record(
        items=listed(
            record(
                region=TEXT,
                region_name=maybe(TEXT),
                process=TEXT,
                process_name=TEXT,
                late=NUMBER,
                serious=NUMBER,
                oldest_due_at=MOMENT,
            )
        )
    ),
    "list_late_tasks": page_of(
        record(
            id=UUID,
            name=TEXT,
            element=TEXT,
            process=TEXT,
            instance=NUMBER,
            number=TEXT,
            unit=maybe(TEXT),
            region=maybe(TEXT),
            organisation=maybe(TEXT),
            holder=maybe(TEXT),
            due_at=MOMENT,
            severity=one_of("serious", "overdue"),
            days_late=NUMBER,
        )
    ),
    "preview_deadlines": record(
        items=listed(
            record(
                at=MOMENT,
                kind=one_of("reminder", "escalation", "timer"),
                act=maybe(one_of("hand_over", "decide")),
                task=maybe(UUID),
                element=TEXT,
                instance=NUMBER,
                to=listed(record(id=NUMBER, username=TEXT, name=TEXT)),
            )
        )
    ),
}
"""Operation → what it answers."""

STATUSES: Mapping[str, int] = {
    **act_schemas.STATUSES,
    "create_token": 201,
    "start_instance": 201,
    "open_batch": 201,
    "propose_quota_transfer": 201,
    "upload_attachment": 201,
    "open_pairing_programme": 201,
    "propose_pairing": 201,
    "add_pairing_visit": 201,
    "raise_objection": 201,
    "delete_token": 204,
    "save_filter": 201,
    "delete_filter": 204,
    "change_password": 204,
}
"""Operations that succeed with another status than 200."""

FILES = frozenset({"get_attachment", "get_pairing_agreement", "get_pairing_list", "export_nomination", "export_quota"})
"""Operations that answer with a file."""

_PAGED = {"page": NUMBER, "per_page": NUMBER | {"maximum": 100}}

QUERIES: Mapping[str, Mapping[str, Schema]] = {
    **{call: _PAGED | query for call, query in act_schemas.QUERIES.items()},
    "preview_return": {"to_element": TEXT},
    "list_instances": _PAGED | {"process": TEXT, "status": TEXT, "batch": NUMBER, "q": TEXT},
    "get_tasks": _PAGED
    | {
        "view": TEXT,
        "process": TEXT,
        "element": TEXT,
        "instance": NUMBER,
        "batch": NUMBER,
        "severity": TEXT,
        "q": TEXT,
        "region": TEXT,
        "honour": TEXT,
        "due_from": TEXT,
        "due_to": TEXT,
        "opened_from": TEXT,
        "opened_to": TEXT,
        "returned": TEXT,
        "unread": TEXT,
    },
    "list_batches": _PAGED,
    "list_pairings": _PAGED
    | {"status": TEXT, "kind": TEXT, "programme": NUMBER, "region": TEXT, "q": TEXT, "silent": FLAG},
    "get_pairing_board": {"region": TEXT, "kind": TEXT},
    "list_free_helpers": {"region": TEXT, "kind": TEXT},
    "get_pairing_list": {"format": one_of("docx", "xlsx")},
    "list_nominations": _PAGED,
    "list_quotas": _PAGED | {"kind": one_of("target", "cap")},
    "get_quota_board": {"honour": TEXT, "region": TEXT},
    "export_nomination": {"format": one_of("docx", "xlsx")},
    "list_units": _PAGED | {"q": TEXT, "region": TEXT},
    "list_notices": _PAGED,
    "list_late_tasks": _PAGED | {"region": TEXT, "process": TEXT},
    "preview_deadlines": {"until": TEXT},
    "get_due": {"start": TEXT, "working_days": NUMBER, "calendar_days": NUMBER, "region": TEXT},
}
"""Operation → the parameters of its address."""
