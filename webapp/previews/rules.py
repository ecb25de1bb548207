"""Which files can be shown without download, and how."""

from pathlib import PurePosixPath

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
PDF = "application/pdf"
TEXTS = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "txt", "csv", "zip"})
PAGES_AT_ONCE = 20
_WORDS = {
    "doc": "旧版 Word 文件不能预览，可以下载后打开；请提交人以后改传 DOCX 或 PDF。",
    "xls": "旧版 Excel 文件不能预览，可以下载后打开；请提交人以后改传 XLSX 或 PDF。",
    "wps": "WPS 旧格式不能预览，可以下载后打开；请提交人以后改传 DOCX 或 PDF。",
    "et": "WPS 旧格式不能预览，可以下载后打开；请提交人以后改传 XLSX 或 PDF。",
    "ofd": "OFD 版式文件不能预览，可以下载后用 OFD 阅读器打开。",
    "mp4": "视频不能预览，可以下载后播放。",
}


def ending_of(name: str) -> str:
    """The ending of a file name, without its dot, in small letters."""
    return PurePosixPath(name).suffix.lower().lstrip(".")


def kind_of(name: str, media_type: str) -> str:
    """How a file is shown: ``picture``, ``pdf``, ``text`` or, where it cannot be, ``none``."""
    if media_type in PICTURES:
        return "picture"
    if media_type == PDF:
        return "pdf"
    return "text" if ending_of(name) in TEXTS else "none"


def why_not(name: str) -> str:
    """Why a file of kind ``none`` is not shown, and what to do."""
    return _WORDS.get(ending_of(name), "这种文件不能预览，可以下载后打开。")
