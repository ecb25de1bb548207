"""Processes that send mail and die: ``python mortal_workers.py DATABASE_URL DATA_FOLDER``.

Each line on standard input kills one of the workers at once, with SIGKILL, and a new one takes its place; the end of
the input lets the others finish what they have in hand.
"""

import os
import random
import select
import signal
import sys
import time
from pathlib import Path

from flask import Flask

from tests.conftest import make_settings
from webapp import create_app
from webapp.mail.sending import has_due, send_due

WORKERS = 3


def work(app: Flask) -> None:
    """Send mail until nothing is due."""
    with app.app_context():
        while has_due():
            send_due(most=25)
            time.sleep(0.01)


def _fork(app: Flask) -> int:
    number = os.fork()
    if number == 0:
        os.close(0)
        try:
            work(app)
        finally:
            os._exit(0)
    return number


def main(url: str, data: Path) -> None:
    """Keep the workers running and kill them as told."""
    app = create_app(make_settings(data), url)
    running = [_fork(app) for _ in range(WORKERS)]
    is_open = True
    while is_open or running:
        ready, _, _ = select.select([0] if is_open else [], [], [], 0.02)
        if ready:
            told = os.read(0, 1)
            is_open = bool(told)
            if told and running:
                os.kill(random.choice(running), signal.SIGKILL)
        for number in list(running):
            ended, _status = os.waitpid(number, os.WNOHANG)
            if ended:
                running.remove(number)
                if is_open:
                    running.append(_fork(app))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
