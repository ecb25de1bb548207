"""What each case is found by; written once with the case, so that no decision pays for it."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import Model


class SearchEntry(Model):
    """The texts of a case: title, number, present name of the unit, who filed it."""

    __tablename__ = "search_entries"
    __table_args__ = (Index("ix_search_entries_terms", "terms", postgresql_using="gin"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("instances.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[str]
    """Normalised, one text a line: what pairs alone find is compared with it."""
    terms: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
