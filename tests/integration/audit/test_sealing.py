"""The audit log cannot be changed, is sealed into one chain whoever writes at once, and tampering shows."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.audit.anchors import anchors_file, note_anchor, read_anchors, set_anchors_aside
from webapp.audit.jobs import seal_entries, seal_late_entries
from webapp.audit.models import AuditEntry, AuditSeal
from webapp.audit.operations import record, record_refusal
from webapp.audit.sealing import newest_seal, seal
from webapp.audit.verification import Verification, verify
from webapp.config import Settings
from webapp.database import db, transaction


def write(session: Session, number: int) -> None:
    for place in range(number):
        values = {"score": 92.5, "names": ["甲", None], "deep": {"n": place, "big": 2**60}}
        record(session, None, "test.act", subject=f"number:{place}", before=None, after=values)
    session.commit()


def broken(session: Session, settings: Settings | None = None) -> list[tuple[int, str]]:
    session.rollback()
    found = verify(session, read_anchors(settings) if settings else ())
    assert found.is_whole == (found.breaks == [])
    return [(b.position, b.kind) for b in found.breaks]


def tamper(session: Session, statement: str) -> None:
    """What only the superuser of the database can do: switch the triggers off."""
    session.rollback()
    session.execute(text("SET session_replication_role = replica"))
    session.execute(text(statement))
    session.execute(text("SET session_replication_role = origin"))
    session.commit()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET act = 'nothing'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries CASCADE",
        "UPDATE audit_seals SET hash = ''",
        "DELETE FROM audit_seals",
        "TRUNCATE audit_seals",
        "INSERT INTO audit_seals SELECT * FROM audit_seals ON CONFLICT (position) DO UPDATE SET hash = ''",
    ],
)
def test_the_database_refuses_changes(session: Session, statement: str) -> None:
    write(session, 2)
    seal(session)
    session.commit()

    with pytest.raises(DBAPIError, match="append-only"):
        session.execute(text(statement))


def test_an_empty_log_is_whole(session: Session) -> None:
    assert seal(session) == 0
    assert verify(session).as_json() == {
        "ok": True,
        "sealed": 0,
        "head": "0" * 64,
        "breaks": [],
        "unsealed": 0,
        "oldest_unsealed": None,
    }


def test_every_entry_is_sealed_once_and_refusals_too(session: Session) -> None:
    write(session, 3)
    record_refusal(None, "post secret", "不允许", subject="/secret", address="10.0.0.9")
    waiting = verify(session)
    assert (waiting.unsealed, waiting.sealed) == (4, 0)
    assert waiting.oldest_unsealed is not None

    assert (seal(session), seal(session)) == (4, 0)
    session.commit()

    found = verify(session)
    assert (found.sealed, found.unsealed, found.is_whole) == (4, 0, True)
    assert found.head == newest_seal(session)[1]


def test_who_commits_late_joins_the_chain_later(app: Flask, session: Session) -> None:
    with app.app_context(), Session(db.engine) as slow:
        record(slow, None, "slow.act")
        slow.flush()
        write(session, 2)
        assert seal(session) == 2
        session.commit()
        slow.commit()

    assert seal(session) == 1
    session.commit()

    acts = select(AuditEntry.act).join(AuditSeal, AuditSeal.entry_id == AuditEntry.id).order_by(AuditSeal.position)
    assert list(session.scalars(acts)) == ["test.act", "test.act", "slow.act"]
    assert session.scalar(select(AuditEntry.id).where(AuditEntry.act == "slow.act")) == 1
    assert verify(session).is_whole


def test_writers_and_sealers_at_once(app: Flask, session: Session) -> None:
    """Four writers and two sealers; whatever the order of commits, the chain holds and has everything."""
    barrier = threading.Barrier(6)
    failures: list[BaseException] = []

    def together(act: object, times: int) -> threading.Thread:
        def run() -> None:
            try:
                with app.app_context():
                    barrier.wait()
                    for number in range(times):
                        with transaction() as own:
                            act(own, number)  # type: ignore[operator]
            except BaseException as error:
                failures.append(error)

        return threading.Thread(target=run)

    def one_entry(own: Session, number: int) -> None:
        record(own, None, "test.act", after={"number": number})

    threads = [together(one_entry, 30) for _ in range(4)] + [together(lambda own, _n: seal(own), 20) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_entries()

    assert failures == []
    found = verify(session)
    assert (found.sealed, found.unsealed, found.breaks) == (120, 0, [])


def test_a_sealer_does_not_wait_for_another(app: Flask, session: Session) -> None:
    write(session, 1)
    with app.app_context(), Session(db.engine) as other:
        assert seal(other) == 1
        assert seal(session) == 0
        other.commit()


@pytest.fixture
def sealed(session: Session) -> Session:
    write(session, 6)
    seal_entries()
    assert broken(session) == []
    return session


@pytest.mark.parametrize(
    "change",
    [
        "act = 'other.act'",
        "at = at + interval '1 second'",
        "actor_id = 7",
        "refused = true",
        "after = '{}'",
        "before = '{}'",
        "address = '10.1.1.1'",
        "on_behalf_of = 1",
        "machine = NOT machine",
        "instance_id = 4",
        "subject = NULL",
        "business_at = business_at - interval '1 day'",
    ],
)
def test_a_changed_entry_shows(sealed: Session, change: str) -> None:
    tamper(sealed, f"UPDATE audit_entries SET {change} WHERE id = 3")
    assert broken(sealed) == [(3, "changed")]


def test_a_deleted_entry_shows(sealed: Session) -> None:
    tamper(sealed, "DELETE FROM audit_entries WHERE id = 3")
    assert broken(sealed) == [(3, "missing_entry")]


def test_a_deleted_seal_shows(sealed: Session) -> None:
    tamper(sealed, "DELETE FROM audit_seals WHERE position = 3")
    assert broken(sealed) == [(3, "missing_seal")]


def test_both_deleted_and_closed_up_shows(sealed: Session) -> None:
    tamper(sealed, "DELETE FROM audit_seals WHERE position = 3")
    tamper(sealed, "DELETE FROM audit_entries WHERE id = 3")
    assert broken(sealed) == [(3, "missing_seal")]
    tamper(sealed, "UPDATE audit_seals SET position = -position WHERE position > 3")
    tamper(sealed, "UPDATE audit_seals SET position = -position - 1 WHERE position < 0")
    assert broken(sealed) == [(3, "changed")]


def test_entries_that_change_places_show(sealed: Session) -> None:
    tamper(
        sealed, "UPDATE audit_seals SET entry_id = CASE entry_id WHEN 2 THEN -3 ELSE -2 END WHERE entry_id IN (2, 3)"
    )
    tamper(sealed, "UPDATE audit_seals SET entry_id = -entry_id WHERE entry_id < 0")
    assert broken(sealed) == [(2, "changed"), (3, "changed")]


def test_what_is_cut_off_the_end_shows_against_the_notes(sealed: Session, settings: Settings) -> None:
    assert broken(sealed, settings) == []
    tamper(sealed, "DELETE FROM audit_seals WHERE position > 4")
    tamper(sealed, "DELETE FROM audit_entries WHERE id > 4")

    assert broken(sealed) == [], "the chain alone cannot tell"
    assert broken(sealed, settings) == [(5, "truncated")]


def test_a_chain_that_was_computed_anew_shows_against_the_notes(sealed: Session, settings: Settings) -> None:
    tamper(sealed, "DELETE FROM audit_seals")
    tamper(sealed, "UPDATE audit_entries SET act = 'other.act' WHERE id = 3")
    seal(sealed)
    sealed.commit()

    assert broken(sealed) == []
    assert broken(sealed, settings) == [(6, "replaced")]


def test_one_note_a_day_stays(settings: Settings) -> None:
    at = datetime(2026, 11, 20, 4, tzinfo=UTC)
    for position in (1, 2, 3):
        note_anchor(settings, position, "a" * 64, at + timedelta(hours=position))
    note_anchor(settings, 4, "b" * 64, at + timedelta(days=1))
    note_anchor(settings, 0, "c" * 64, at + timedelta(days=2))

    assert [anchor.position for anchor in read_anchors(settings)] == [3, 4]


def test_a_restored_database_begins_anew(sealed: Session, settings: Settings) -> None:
    set_anchors_aside(settings)
    tamper(sealed, "DELETE FROM audit_seals WHERE position > 4")

    assert broken(sealed, settings) == []
    assert anchors_file(settings).with_suffix(".before-restore").exists()


def test_unreadable_notes_are_left_out(settings: Settings) -> None:
    file: Path = anchors_file(settings)
    file.parent.mkdir(parents=True)
    file.write_text('nonsense\n{"position": 1}\n[]\n' + json.dumps({"position": 2, "hash": "x", "at": "y"}), "utf-8")

    assert [anchor.position for anchor in read_anchors(settings)] == [2]


def test_what_is_far_behind_is_found_by_the_thorough_run(session: Session) -> None:
    write(session, 2)
    session.execute(text("SELECT setval(pg_get_serial_sequence('audit_entries', 'id'), 500000)"))
    write(session, 1)
    session.execute(text("INSERT INTO audit_seals VALUES (1, 500001, 'x', now())"))
    session.commit()
    assert seal(session) == 0
    session.rollback()
    seal_late_entries()
    assert verify(session).unsealed == 0


def test_breaks_are_counted_no_further_than_is_useful(session: Session) -> None:
    write(session, 150)
    seal_entries()
    tamper(session, "UPDATE audit_entries SET act = 'other.act'")
    session.rollback()

    found: Verification = verify(session)

    assert len(found.breaks) == 100
