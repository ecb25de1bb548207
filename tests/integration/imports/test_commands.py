"""``wenming import`` and ``wenming demo`` as programs of others call them."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from webapp.registry.models import Organisation

WENMING = Path(sys.executable).with_name("wenming")
GOOD = "name,jurisdiction,honour,term\n示例甲局,430603,city,2024年\n"

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def wenming(demo_database_url: str, demo_data: Path) -> Run:
    """Runs a command on the demonstration."""
    address = demo_database_url.replace("postgresql+psycopg://", "postgresql://", 1)
    environment = os.environ | {"DATABASE_URL": address, "WENMING_DATA": str(demo_data)}

    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([WENMING, *words], env=environment, capture_output=True, text=True, check=False)

    return run


def test_a_file_is_tried_imported_and_imported_again(wenming, records, tmp_path):
    file = tmp_path / "名 单.csv"
    file.write_text(GOOD, encoding="gb18030")
    present = select(func.count()).where(Organisation.name == "示例甲局")
    expected = [(("--dry-run",), False, 1, 0), ((), True, 1, 1), ((), True, 0, 1)]
    for options, applied, changes, count in expected:
        answer = wenming("import", "units", str(file), "--json", *options)
        assert (answer.returncode, answer.stderr) == (0, "")
        report = json.loads(answer.stdout)
        assert {"rows", "accepted", "flagged", "refused", "computed", "printed", "differences", "items"} <= set(report)
        assert (report["applied"], bool(report["changes"])) == (applied, bool(changes))
        assert records.scalar(present) == count


def test_a_refusal_is_one_line_and_exit_code_1(wenming, tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text(GOOD + "坏,火星,,\n", encoding="utf-8")
    answer = wenming("import", "units", str(file), "--json")
    assert answer.returncode == 1
    assert answer.stderr.strip().count("\n") == 0
    assert json.loads(answer.stdout)["items"][1]["reasons"][0]["code"] == "unknown_region"
    file.write_bytes(b"PK\x03\x04")
    answer = wenming("import", "units", str(file))
    assert (answer.returncode, answer.stdout, answer.stderr.strip().count("\n")) == (1, "", 0)


def test_demo_accounts_are_listed_for_programs_and_people(wenming):
    accounts = json.loads(wenming("demo", "accounts", "--json").stdout)
    assert {"username", "password", "role", "organisation", "region"} == set(accounts[0])
    assert accounts[0]["username"] in wenming("demo", "accounts").stdout
