"""What completions are measured against: Flask, Flask-SQLAlchemy and WTForms, one field checked, one row committed."""

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Length

db = SQLAlchemy()


class Row(db.Model):  # type: ignore[name-defined, misc] # (the library has no types)
    """The one row."""

    __tablename__ = "bare_rows"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String, nullable=False)


class RowForm(Form):
    """The one field."""

    text = StringField(validators=[DataRequired(), Length(max=200)])


def create_bare_app(database_url: str) -> Flask:
    """Make the application; its table must exist."""
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db.init_app(app)
    app.post("/rows")(_add_row)
    return app


def create_table(database_url: str) -> None:
    """Make the table of the one row."""
    app = create_bare_app(database_url)
    with app.app_context():
        db.create_all()
        db.engine.dispose()


def _add_row() -> ResponseReturnValue:
    form = RowForm(request.form)
    if not form.validate():
        return {"errors": form.errors}, 422
    db.session.add(Row(text=form.text.data))
    db.session.commit()
    return {"status": "ok"}
