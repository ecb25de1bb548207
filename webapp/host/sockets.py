"""Where the embedded server's unix socket lies: beside its data, or in a private short folder when that is too long."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from webapp.host.failure import HostError

_LONGEST = 107 - len("/.s.PGSQL.5432.lock")


def socket_folder(data: Path, uid: int, gid: int) -> Path:
    """The folder for the socket of the server under ``data``; made if missing, open to user ``uid`` alone.

    Raises:
        HostError: the folder exists and belongs to somebody else.
    """
    folder = data / "socket"
    if len(os.fsencode(folder)) > _LONGEST:
        folder = _short_folder(data, uid)
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid:
            raise HostError(f"{folder} 属于他人，请将其删除", f"{folder} belongs to somebody else: remove it") from None
        folder.chmod(0o700)
    return folder


def _short_folder(data: Path, uid: int) -> Path:
    name = f"wenming-{uid}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if len(os.fsencode(folder)) <= _LONGEST else Path("/tmp") / name  # noqa: S108 (owner is checked)
