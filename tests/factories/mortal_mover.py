"""A worker that moves the cases of one migration: ``python mortal_mover.py DATABASE_URL DATA_FOLDER MIGRATION``."""

import sys
from pathlib import Path

from tests.conftest import make_settings
from webapp import create_app
from webapp.migration import jobs


def main(url: str, data: Path, migration: int) -> None:
    """Move until nothing is left, or until somebody kills us."""
    app = create_app(make_settings(data), url)
    with app.app_context():
        jobs.run(migration)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
