"""Phrases: each belongs to one person or to one organisation."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class Phrase(Model):
    """One text that is used again."""

    __tablename__ = "phrases"
    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (organisation_id IS NULL)", name="owner"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    text: Mapped[str]
    position: Mapped[int]

    @property
    def is_shared(self) -> bool:
        """Whether it belongs to the whole office."""
        return self.organisation_id is not None
