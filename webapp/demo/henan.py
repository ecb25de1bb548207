"""The table of S4 豫文明办〔2021〕5号 附件 as printed, and the offices of the province and of one of its cities."""

from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp import clock
from webapp.demo.people import Account
from webapp.imports.operations import Upload, import_file
from webapp.registry.models import Organisation

TABLE_FILE = Path(__file__).parent / "data" / "henan-2021.txt"
_OFFICES = {"410000": "河南省文明办", "410400": "平顶山市文明办"}


def add_henan(session: Session) -> None:
    """Import the table; its printed totals differ from the sums, which a person has to acknowledge."""
    import_file(session, None, Upload("quotas", TABLE_FILE.name, TABLE_FILE.read_bytes()))


def add_henan_offices(session: Session) -> list[Account]:
    """Add the offices; returns who works there."""
    at = clock.real_now()
    rows = [
        {"name": name, "kind": "office", "region_code": code, "source": "demo", "created_at": at}
        for code, name in _OFFICES.items()
    ]
    ids = session.scalars(insert(Organisation).returning(Organisation.id, sort_by_parameter_order=True), rows)
    province, city = ids.all()
    return [
        ("henan.officer1", "河南省经办人甲", "provincial_officer", province),
        ("pingdingshan.reviewer1", "平顶山市审核员甲", "city_reviewer", city),
        ("pingdingshan.leader", "平顶山市负责人", "city_leader", city),
    ]
