"""What monitors ask: the process lives, and it can serve."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.host.heartbeats import BACKGROUND, beat, leave


def test_a_living_process_says_so(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json == {"status": "ok"}


def test_ready_needs_worker_and_scheduler(client: FlaskClient, session: Session) -> None:
    assert client.get("/readyz").status_code == 503

    for name in BACKGROUND:
        beat(session, name)
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "checks": {"database": True, "worker": True, "scheduler": True}}

    leave(session, "worker")
    session.commit()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"] == {"database": True, "worker": False, "scheduler": True}


def test_an_old_sign_of_life_does_not_count(client: FlaskClient, session: Session) -> None:
    for name in BACKGROUND:
        beat(session, name)
    session.connection().exec_driver_sql("UPDATE heartbeats SET beat_at = now() - interval '2 minutes'")
    session.commit()

    assert client.get("/readyz").status_code == 503
