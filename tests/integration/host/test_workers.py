"""Web workers share the connections: no core rests while another serves everybody."""

import http.client
import socket
import subprocess
import sys
import time
from collections import Counter

WORKERS, CONNECTIONS = 2, 40
SERVER = """
import os, sys
from gunicorn.app.base import BaseApplication
from webapp.host.workers import TurnTakingWorker

class Server(BaseApplication):
    def load_config(self):
        options = {"bind": f"fd://{sys.argv[1]}", "workers": int(sys.argv[2]), "threads": 4, "loglevel": "error",
                   "worker_class": TurnTakingWorker, "control_socket_disable": True}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self):
        def say_who(environ, start_response):
            answer = str(os.getpid()).encode()
            start_response("200 OK", [("Content-Length", str(len(answer)))])
            return [answer]
        return say_who

Server().run()
"""


def _ask(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


def test_connections_that_come_at_once_go_to_all_workers() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        port, descriptor = listener.getsockname()[1], listener.fileno()
        words = [sys.executable, "-c", SERVER, str(descriptor), str(WORKERS)]
        server = subprocess.Popen(words, pass_fds=[descriptor])
    try:
        _await_workers(port)
        connections = [http.client.HTTPConnection("127.0.0.1", port, timeout=30) for _ in range(CONNECTIONS)]
        for each in connections:
            each.connect()
        served = Counter(_ask(each) for each in connections)
        for each in connections:
            each.close()
    finally:
        server.terminate()
        server.wait(30)
    assert len(served) == WORKERS
    assert min(served.values()) >= CONNECTIONS * 0.4, served


def _await_workers(port: int) -> None:
    """Until every worker has answered."""
    until, seen = time.monotonic() + 30, set[str]()
    while len(seen) < WORKERS and time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        seen.add(_ask(connection))
        connection.close()
    assert len(seen) == WORKERS
