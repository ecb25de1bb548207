"""Which files may be attached: the bytes must be what the name says, and sizes are limited."""

from pathlib import PurePosixPath

_OFFICE = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES: dict[str, tuple[str, tuple[bytes, ...]]] = {
    ".pdf": ("application/pdf", (b"%PDF-",)),
    ".jpg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".jpeg": ("image/jpeg", (b"\xff\xd8\xff",)),
    ".png": ("image/png", (b"\x89PNG\r\n\x1a\n",)),
    ".gif": ("image/gif", (b"GIF87a", b"GIF89a")),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (_OFFICE,)),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (_OFFICE,)),
    ".pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", (_OFFICE,)),
    ".doc": ("application/msword", (_OLD_OFFICE,)),
    ".xls": ("application/vnd.ms-excel", (_OLD_OFFICE,)),
    ".wps": ("application/vnd.ms-works", (_OLD_OFFICE,)),
    ".et": ("application/vnd.ms-excel", (_OLD_OFFICE,)),
    ".odt": ("application/vnd.oasis.opendocument.text", (_OFFICE,)),
    ".ods": ("application/vnd.oasis.opendocument.spreadsheet", (_OFFICE,)),
    ".ofd": ("application/ofd", (_OFFICE,)),
    ".zip": ("application/zip", (_OFFICE, b"PK\x05\x06")),
    ".txt": ("text/plain; charset=utf-8", ()),
    ".csv": ("text/csv; charset=utf-8", ()),
    ".mp4": ("video/mp4", ()),
}
INLINE = frozenset({"application/pdf", "image/jpeg", "image/png", "image/gif"})
"""Types that a browser may show by itself."""
NAMES = "PDF、JPG、PNG、DOCX、XLSX、DOC、XLS、WPS、ODT、ODS、OFD、ZIP、TXT、CSV、MP4"


def clean_name(name: str) -> str:
    """The last part of a file name without control characters, at most 150 characters."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(c for c in last if c.isprintable()).strip()
    return kept[-150:] or "未命名"


def media_type(name: str, head: bytes) -> str:
    """The media type of a file whose name and first bytes agree.

    Raises:
        ValueError: the type is not accepted or the bytes are something else; the message is Chinese.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _TYPES:
        message = f"不接受“{suffix or '没有扩展名'}”类型的文件。可以上传：{NAMES}。"
        raise ValueError(message)
    kind, signatures = _TYPES[suffix]
    if suffix == ".mp4":
        fits = head[4:8] == b"ftyp"
    elif signatures:
        fits = head.startswith(signatures)
    else:
        fits = b"\x00" not in head
    if not fits and signatures == (_OFFICE,) and head.startswith(_OLD_OFFICE):
        message = f"“{name}”设有打开密码，或是改了扩展名的旧版文件。请去掉密码并另存为 {suffix} 后上传。"
        raise ValueError(message)
    if not fits:
        message = f"“{name}”的内容与扩展名 {suffix} 不符（可能改过扩展名或文件已损坏）。请重新导出后上传。"
        raise ValueError(message)
    return kind
