"""What must hold before anything is started: each failure is one line that says what to do."""

import socket
from pathlib import Path

import click

from webapp.config import Settings
from webapp.host.failure import HostError
from webapp.host.locks import FileLock

_BACKLOG = 512
_ORPHANS_MAY_TAKE = 30.0


def check_folders(settings: Settings) -> None:
    """Make the folders of the installation and make sure that they can be written.

    Raises:
        HostError: one cannot.
    """
    for folder in (settings.data, settings.attachments, settings.keys, settings.data / "log"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755 if folder == settings.data else 0o700)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise HostError(
                f"数据目录 {folder} 不可写（{error.strerror}），请修改权限或用 WENMING_DATA 指定别的目录",
                f"the data folder {folder} cannot be written: change its rights or set WENMING_DATA",
            ) from error


def listen(settings: Settings) -> socket.socket:
    """The listening socket of the web server: taking it is the test whether the port is free.

    Raises:
        HostError: the port is taken, not allowed, or HOST is no address of this machine.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _name, address = min(found, key=lambda info: info[0] != socket.AF_INET)
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        raise HostError(
            f"无法在 {host} 的端口 {port} 上监听（{error.strerror}），请用 PORT 或 HOST 换一个",
            f"cannot listen on port {port} of {host}: set PORT or HOST to another one",
        ) from error
    return listener


class RunLocks:
    """One application per data folder; a new one waits until what a killed one left behind has gone."""

    def __init__(self, data: Path) -> None:
        self._supervisor = FileLock(data / "run.lock")
        self.children = FileLock(data / "children.lock")

    def take(self) -> None:
        """Take both locks.

        Raises:
            HostError: the application runs already, or processes of a killed one do not end.
        """
        if not self._supervisor.take():
            raise HostError("程序已在运行", "the application is running already in this data folder")
        if self.children.take():
            return
        click.echo("等待上次运行的进程退出 / waiting for processes of the last run to end", err=True)
        if not self.children.take(wait=_ORPHANS_MAY_TAKE):
            raise HostError("上次运行的进程尚未退出，请稍后再试", "processes of the last run have not ended yet")

    def release(self) -> None:
        """Let the next one start."""
        self.children.release()
        self._supervisor.release()


def refuse_running(data: Path) -> FileLock:
    """The lock that keeps the application from starting, for a command that must be alone.

    Raises:
        HostError: the application runs.
    """
    lock = FileLock(data / "run.lock")
    if not lock.take():
        raise HostError("程序正在运行，请先停止", "the application is running: stop it first")
    return lock
