from sqlalchemy import select

from webapp.accounts.bootstrap import ensure_administrator
from webapp.accounts.models import User
from webapp.accounts.operations import log_in


def test_the_first_administrator_gets_a_one_time_password_once(session):
    password = ensure_administrator(session)
    assert password
    user = session.scalars(select(User)).one()
    assert (user.username, user.roles, user.must_change_password) == ("admin", ["administrator"], True)
    assert log_in(session, "admin", password, kind="browser", address="::1")
    assert ensure_administrator(session) is None
