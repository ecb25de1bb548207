"""What the calls about places and nominations answer with."""

from webapp.api.schema_words import FLAG, MOMENT, NUMBER, OBJECT, TEXT, Schema, listed, maybe, one_of, record, reference

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
