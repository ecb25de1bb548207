"""What the calls about places and nominations take and answer with."""

from collections.abc import Mapping

from webapp.api.schema_words import (
    FLAG,
    MOMENT,
    NUMBER,
    OBJECT,
    PAGED,
    REASON,
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
    "Nomination": record(
        id=NUMBER,
        instance=maybe(NUMBER),
        title=TEXT,
        document_number=TEXT,
        paragraph=TEXT,
        region=TEXT,
        minimum=NUMBER,
        maximum=NUMBER,
        kinds=listed(TEXT),
        honours=listed(TEXT),
        due_on=TEXT,
        plan=maybe(NUMBER),
        status=one_of("open", "closed", "approved", "reported", "cancelled"),
        report_number=maybe(TEXT),
        reported_at=maybe(MOMENT),
    ),
    "QuotaPlan": record(
        id=NUMBER,
        kind=one_of("target", "cap"),
        title=TEXT,
        period=TEXT,
        region=TEXT,
        document_number=maybe(TEXT),
        batch=maybe(NUMBER),
        printed=OBJECT,
        in_force=FLAG,
        acknowledged_at=maybe(MOMENT),
        acknowledgement=maybe(TEXT),
        over_cap=one_of("block", "waitlist"),
        administrative_percent=maybe({"type": "number"}),
        grassroots_percent=maybe({"type": "number"}),
    ),
    "QuotaPlanWithSums": {
        "allOf": [
            reference("QuotaPlan"),
            record(
                computed=OBJECT,
                differences=listed(record(field=TEXT, computed=NUMBER, printed=NUMBER)),
                transfers=listed(OBJECT),
            ),
        ]
    },
    "QuotaTransfer": record(id=NUMBER, plan=NUMBER, number=NUMBER, status=one_of("proposed", "approved", "refused")),
    "Nominee": record(
        id=NUMBER,
        unit=NUMBER,
        unit_name=TEXT,
        uscc=maybe(TEXT),
        county=TEXT,
        county_name=TEXT,
        kind=TEXT,
        honour=TEXT,
        position=NUMBER,
        rank=maybe(NUMBER),
        status=one_of("submitted", "waitlisted", "approved", "rejected"),
        flags=listed(record(code=TEXT, message=TEXT)),
        decision_reason=maybe(TEXT),
    ),
}

BODIES: Mapping[str, Schema] = {
    "acknowledge_quota": REASON,
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
}

ANSWERS: Mapping[str, Schema] = {
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
}

QUERIES: Mapping[str, Mapping[str, Schema]] = {
    "list_nominations": PAGED,
    "list_quotas": PAGED | {"kind": one_of("target", "cap")},
    "get_quota_board": {"honour": TEXT, "region": TEXT},
    "export_nomination": {"format": one_of("docx", "xlsx")},
}
