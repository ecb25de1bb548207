"""What the calls take and answer, as JSON Schema (OpenAPI 3.1); answers may hold more than is named here."""

from collections.abc import Mapping

from webapp.api import act_schemas, pairing_schemas, place_schemas
from webapp.api.schema_words import (
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    PAGED,
    REASON,
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
    **pairing_schemas.COMPONENTS,
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

BODIES: Mapping[str, Schema] = {
    **act_schemas.BODIES,
    **pairing_schemas.BODIES,
    **place_schemas.BODIES,
    "create_token": taken(username=TEXT, password=TEXT),
    "change_password": taken(current=TEXT, new=TEXT),
    "start_instance": taken("data", process=TEXT, data=OBJECT),
    "withdraw_instance": REASON,
    "suspend_instance": REASON,
    "resume_instance": REASON,
    "retry_instance": taken("data", "reason", data=OBJECT, reason=TEXT),
    "save_draft": taken(data=OBJECT),
    "complete_task": taken("data", data=OBJECT, version=NUMBER),
    "extend_task": taken("until", "working_days", until=TEXT, working_days=NUMBER, reason=TEXT, version=NUMBER),
    "save_filter": taken("shared", "start", name=TEXT, state=OBJECT, shared=FLAG, start=FLAG),
    "complete_many": taken("data", "dry_run", items=_VERSIONED, data=OBJECT, dry_run=FLAG),
    "open_batch": taken(data=OBJECT),
    "change_batch": taken(data=OBJECT),
    "pin_proposal": taken(),
    "unpin_proposal": taken(),
    "drop_proposal": taken(),
    "raise_objection": taken("instance", name=TEXT, contact=TEXT, text=TEXT, instance=maybe(NUMBER)),
}
"""Operation → what it takes as JSON."""

ANSWERS: Mapping[str, Schema] = {
    **act_schemas.ANSWERS,
    **pairing_schemas.ANSWERS,
    **place_schemas.ANSWERS,
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
    "upload_attachment": reference("Attachment"),
    "list_units": page_of(reference("Unit")),
    "get_unit": reference("Unit"),
    "list_notices": page_of(reference("Notice")),
    "get_notice": reference("Notice"),
    "list_free_helpers": record(items=listed(OBJECT), total=NUMBER),
    "pin_proposal": reference("Pairing"),
    "unpin_proposal": reference("Pairing"),
    "drop_proposal": reference("Pairing"),
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
    "upload_attachment": 201,
    "raise_objection": 201,
    "delete_token": 204,
    "save_filter": 201,
    "delete_filter": 204,
    "change_password": 204,
    "open_pairing_programme": 201,
    "propose_pairing": 201,
    "add_pairing_visit": 201,
    "propose_quota_transfer": 201,
}
"""Operations that succeed with another status than 200."""

FILES = frozenset({"get_attachment", "get_pairing_agreement", "get_pairing_list", "export_nomination", "export_quota"})
"""Operations that answer with a file."""


QUERIES: Mapping[str, Mapping[str, Schema]] = {
    **pairing_schemas.QUERIES,
    **place_schemas.QUERIES,
    **{call: PAGED | query for call, query in act_schemas.QUERIES.items()},
    "preview_return": {"to_element": TEXT},
    "list_instances": PAGED | {"process": TEXT, "status": TEXT, "batch": NUMBER, "q": TEXT},
    "get_tasks": PAGED
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
    "list_batches": PAGED,
    "list_free_helpers": {"region": TEXT, "kind": TEXT},
    "list_units": PAGED | {"q": TEXT, "region": TEXT},
    "list_notices": PAGED,
    "list_late_tasks": PAGED | {"region": TEXT, "process": TEXT},
    "preview_deadlines": {"until": TEXT},
    "get_due": {"start": TEXT, "working_days": NUMBER, "calendar_days": NUMBER, "region": TEXT},
}
"""Operation → the parameters of its address."""
