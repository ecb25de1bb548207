"""Tokens and who I am."""

from typing import Any

from flask import g, request
from flask.typing import ResponseReturnValue

from webapp.access import access, current_actor, public
from webapp.accounts import operations
from webapp.api.bodies import body, text_of
from webapp.api.views import blueprint
from webapp.database import db
from webapp.instances.queries import iso


@blueprint.post("/tokens")
@public
def create_token() -> ResponseReturnValue:
    """Get a bearer token for a user name and password."""
    data = body("username", "password")
    secret, expires = operations.log_in(
        db.session(),
        text_of(data, "username"),
        text_of(data, "password"),
        kind="token",
        address=request.remote_addr or "",
    )
    return {"token": secret, "expires_at": iso(expires)}, 201


@blueprint.delete("/tokens")
@access("account.own")
def delete_token() -> ResponseReturnValue:
    """End the token of this request."""
    operations.log_out(db.session(), current_actor(), g.session_secret)
    return "", 204


@blueprint.post("/me/password")
@access("account.own")
def change_password() -> ResponseReturnValue:
    """Change my password; my other sessions and tokens end."""
    data = body("current", "new")
    operations.change_password(
        db.session(), current_actor(), text_of(data, "current"), text_of(data, "new"), g.session_secret
    )
    return "", 204


@blueprint.get("/me")
@access("account.own")
def me() -> dict[str, Any]:
    """Who the token belongs to."""
    actor = current_actor()
    return {
        "username": actor.username,
        "name": actor.name,
        "roles": sorted(actor.roles),
        "organisation": {"id": actor.organisation_id, "name": actor.organisation_name, "kind": actor.organisation_kind},
        "region": None if actor.region_code is None else {"code": actor.region_code, "name": actor.region_name},
    }
