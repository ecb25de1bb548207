"""Build the digest of a working day for everybody whose time has come; in bulk, one per person and day.

A scheduler that was away makes up the moments that it missed today, and no others. What waits for the digest of
somebody who has turned it off meanwhile leaves by itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from webapp import clock
from webapp.background.deferral import defer
from webapp.database import transaction
from webapp.deadlines.current import calendar_in_force
from webapp.deadlines.rules import days_left_text, severity
from webapp.mail.builders import path_of
from webapp.mail.content import Json
from webapp.mail.drafting import content_of
from webapp.mail.kinds import get_kind
from webapp.mail.models import MailMessage, MailSettings
from webapp.mail.operations import SEND
from webapp.mail.reading import about_of, messages

MOST_LINES = 30
SUPERSEDED = "已由新一天的汇总代替。"
_BATCH = 1000
_EARLIER = timedelta(days=1)

_DUE = text("""
    SELECT u.id, o.region_code, COALESCE(p.rests, true) AS rests
    FROM users u JOIN organisations o ON o.id = u.organisation_id LEFT JOIN mail_preferences p ON p.user_id = u.id
    WHERE u.id > :after AND u.disabled_at IS NULL AND COALESCE(p.wants_digest, true)
        AND COALESCE(p.digest_at, :usual) > :from AND COALESCE(p.digest_at, :usual) <= :until
        AND (:works OR NOT COALESCE(p.rests, true))
        AND NOT EXISTS (SELECT FROM mail_messages d WHERE d.user_id = u.id AND d.day = :day)
        AND (
            EXISTS (SELECT FROM task_candidates c WHERE c.user_id = u.id AND c.is_open)
            OR EXISTS (
                SELECT FROM mail_messages n WHERE n.user_id = u.id AND n.status = 'digest' AND n.digest_id IS NULL
            )
        )
    ORDER BY u.id LIMIT :batch
""")
_TASKS = text("""
    SELECT * FROM (
        SELECT c.user_id, t.id, t.name, t.due_at, COALESCE(unit.name, i.title) AS unit, i.number,
            row_number() OVER mine AS place, count(*) OVER (PARTITION BY c.user_id) AS total,
            count(*) FILTER (WHERE t.due_at < :now) OVER (PARTITION BY c.user_id) AS late
        FROM task_candidates c
        JOIN tasks t ON t.id = c.task_id AND t.status = 'open' AND (t.claimed_by IS NULL OR t.claimed_by = c.user_id)
        JOIN instances i ON i.id = t.instance_id
        LEFT JOIN organisations unit ON unit.id = i.subject_id
        WHERE c.user_id = ANY(:people) AND c.is_open
        WINDOW mine AS (PARTITION BY c.user_id ORDER BY c.due_at, c.task_id)
    ) listed WHERE place <= :most ORDER BY user_id, place
""")
_INSERT = text("""
    INSERT INTO mail_messages (
        kind, user_id, message_id, facts, created_at, due_at, has_slot, status, attempts, repeats, day
    )
    SELECT 'digest', r.user_id,
        '<' || gen_random_uuid() || '@' || COALESCE(NULLIF(split_part(s.sender, '@', 2), ''), 'wenming') || '>',
        r.facts, :now, :real_now, false, 'queued', 0, 0, :day
    FROM jsonb_to_recordset(:rows) AS r(user_id integer, facts jsonb) CROSS JOIN mail_settings s
    ON CONFLICT (user_id, day) WHERE day IS NOT NULL DO NOTHING
    RETURNING id, user_id
""").bindparams(bindparam("rows", type_=JSONB))

_RELEASE = text("""
    UPDATE mail_messages m SET status = 'queued', due_at = :real_now FROM mail_preferences p
    WHERE p.user_id = m.user_id AND NOT p.wants_digest
        AND m.status = 'digest' AND m.digest_id IS NULL AND m.created_at > :since
    RETURNING m.id
""")
_RELEASED_AGE = timedelta(days=7)
"""What has waited for longer is old news; it stays in the bell."""

_Digest = aliased(MailMessage)
_NOT_LEFT = ("queued", "held", "failed")


def build_digests(now: datetime) -> int:
    """Build the digests that became due since the last time, up to ``now`` (business time); returns how many."""
    with transaction() as session:
        settings = session.execute(select(MailSettings)).scalar_one()
        since = settings.digested_until
    if since is None or since > now:
        since = now - _EARLIER if since is None else now
    built = sum(_build(now, people) for people in _due_people(since, now))
    with transaction() as session:
        session.execute(update(MailSettings).values(digested_until=now))
        released = session.scalars(_RELEASE, {"real_now": clock.real_now(), "since": now - _RELEASED_AGE}).all()
        if built or released:
            defer(session, SEND, {}, lock=SEND)
    return built


def _due_people(since: datetime, now: datetime) -> Iterator[list[int]]:
    """Those whose moment of today lies between the two instants and who do not rest today, in batches."""
    local, before = now.astimezone(clock.SHANGHAI), since.astimezone(clock.SHANGHAI)
    calendar, today, after = calendar_in_force(), local.date(), 0
    values = {"from": before.time() if before.date() == today else time.min, "until": local.time(), "day": today}
    values |= {"usual": time(8, 30), "works": calendar.works(today), "batch": _BATCH}
    while True:
        with transaction() as session:
            rows = session.execute(_DUE, values | {"after": after}).all()
        yield [row.id for row in rows if not row.rests or calendar.works(today, row.region_code)]
        if len(rows) < _BATCH:
            return
        after = rows[-1].id


def _build(now: datetime, people: Sequence[int]) -> int:
    if not people:
        return 0
    day = now.astimezone(clock.SHANGHAI).date()
    with transaction() as session:
        notes = _notes(session, now, day, people)
        facts = _facts(session, now, day, people, {user: [line for _id, line in mine] for user, mine in notes.items()})
        rows = [{"user_id": user, "facts": one} for user, one in facts.items()]
        stamps = {"now": now, "real_now": clock.real_now(), "day": day}
        made = session.execute(_INSERT, {"rows": rows, **stamps}).all() if rows else []
        _carry(session, day, {row.user_id: row.id for row in made}, notes)
    return len(made)


def _notes(session: Session, now: datetime, day: date, people: Sequence[int]) -> dict[int, list[tuple[int, Json]]]:
    """What waits for the digest of each person, as lines; what has become moot is void.

    That is also what an earlier digest carries that never left and is now replaced.
    """
    carried = select(_Digest.id).where(_Digest.user_id.in_(people), _Digest.day < day, _Digest.status.in_(_NOT_LEFT))
    query = messages().where(
        MailMessage.user_id.in_(people),
        MailMessage.status == "digest",
        MailMessage.digest_id.is_(None) | MailMessage.digest_id.in_(carried),
    )
    found: dict[int, list[tuple[int, Json]]] = defaultdict(list)
    for row in session.execute(query.order_by(MailMessage.id)):
        message, about = row.MailMessage, about_of(row)
        if reason := get_kind(message.kind).moot(about):
            if message.digest_id is None:
                message.status, message.last_error = "void", reason
            continue
        content = content_of(message, about, now)
        line = {"title": content.title, "note": content.lead, "path": path_of(about.matter)}
        found[message.user_id].append((message.id, line))
    session.flush()
    return found


def _facts(
    session: Session, now: datetime, day: date, people: Sequence[int], notes: dict[int, list[Json]]
) -> dict[int, Json]:
    """What the digest of each person says; nobody is in it who has nothing."""
    found: dict[int, Json] = {}
    for row in session.execute(_TASKS, {"people": list(people), "now": now, "most": MOST_LINES}):
        mine = found.setdefault(row.user_id, _empty(day) | {"total": row.total, "late": row.late})
        mine["more"] = max(0, row.total - MOST_LINES)
        mine["tasks"].setdefault(severity(row.due_at, now), []).append(_line(row, now))
    for user, lines in notes.items():
        unlike = [line for place, line in enumerate(lines) if line not in lines[:place]]
        found.setdefault(user, _empty(day))["notes"] = unlike[:MOST_LINES]
    return found


def _empty(day: date) -> Json:
    return {"day": day.isoformat(), "total": 0, "late": 0, "more": 0, "tasks": {}, "notes": []}


def _line(row: Any, now: datetime) -> Json:
    title = f"{row.unit} {row.name}"
    note = f"{days_left_text(row.due_at, now)}，{row.number}"
    return {"title": title, "note": note, "path": f"/tasks/{row.id}", "task": str(row.id)}


def _carry(session: Session, day: date, made: dict[int, int], notes: dict[int, list[tuple[int, Json]]]) -> None:
    """Note which digest carries what, and let it replace the person's earlier ones that never left."""
    for user, digest in made.items():
        if user in notes:
            ids = [number for number, _line_ in notes[user]]
            session.execute(update(MailMessage).where(MailMessage.id.in_(ids)).values(digest_id=digest))
    session.execute(
        update(MailMessage)
        .where(MailMessage.user_id.in_(made), MailMessage.day < day)
        .where(MailMessage.status.in_(_NOT_LEFT))
        .values(status="void", last_error=SUPERSEDED)
        .execution_options(synchronize_session=False)
    )
