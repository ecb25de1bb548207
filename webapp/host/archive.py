"""The one file of a backup: a tar of named members and, last, a manifest with the digest of each.

What is read back is trusted only after every digest was found right.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from webapp.host.failure import HostError

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class _Digesting:
    """A file that computes the digest of what is read from it."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self.sha256.update(chunk)
        return chunk


@dataclass
class ArchiveWriter:
    """Adds members to an archive that is being written."""

    tar: tarfile.TarFile
    digests: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, path: Path) -> None:
        """Add the file at ``path`` as the member ``name``."""
        with path.open("rb") as file:
            source = _Digesting(file)
            member = tarfile.TarInfo(name)
            member.size = os.fstat(file.fileno()).st_size
            member.mode = 0o600
            self.tar.addfile(member, source)
        self.digests[name] = source.sha256.hexdigest()


@contextmanager
def write_archive(path: Path, about: dict[str, Any]) -> Iterator[ArchiveWriter]:
    """Write the archive ``path``, complete or not at all; ``about`` goes into its manifest."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with fresh.open("xb") as file:
            fresh.chmod(0o600)
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                writer = ArchiveWriter(tar)
                yield writer
                _add_manifest(tar, about | {"format": FORMAT, "sha256": writer.digests})
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _add_manifest(tar: tarfile.TarFile, manifest: dict[str, Any]) -> None:
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def unpack(path: Path, target: Path) -> dict[str, Any]:
    """Unpack the archive ``path`` into the empty folder ``target`` and return its manifest.

    Raises:
        HostError: it is no backup, or not whole: a digest differs, a member is missing or unexpected.
    """
    try:
        with tarfile.open(path, mode="r:") as tar:
            digests = {member.name: _unpack_member(tar, member, target) for member in tar}
        manifest = json.loads((target / MANIFEST).read_text(encoding="utf-8"))
        del digests[MANIFEST]
        stated = manifest["sha256"]
    except FileNotFoundError as error:
        raise HostError(f"找不到备份文件或其清单：{path}", f"there is no such backup: {path}") from error
    except (tarfile.TarError, ValueError, KeyError, TypeError, EOFError) as error:
        raise _damaged(path, type(error).__name__) from error
    if manifest.get("format") != FORMAT:
        raise HostError("备份文件的格式不受支持", f"the format of {path} is not supported")
    wrong = sorted(name for name in digests.keys() | stated.keys() if digests.get(name) != stated.get(name))
    if wrong:
        raise _damaged(path, wrong[0])
    return dict(manifest)


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    name = PurePosixPath(member.name)
    source = tar.extractfile(member) if member.isreg() else None
    if source is None or name.is_absolute() or ".." in name.parts:
        raise ValueError(member.name)
    place = target / name
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digesting = _Digesting(source)
    with place.open("xb") as file:
        while chunk := digesting.read(_CHUNK):
            file.write(chunk)
    return digesting.sha256.hexdigest()


def _damaged(path: Path, detail: str) -> HostError:
    return HostError(
        f"备份文件 {path} 已损坏或不完整（{detail}），没有恢复任何内容",
        f"the backup is damaged ({detail}), nothing was restored",
    )
