"""Reads XML that anybody may have sent: no doctype, no entities, no network; size, depth and elements are bounded."""

from typing import Final

from lxml import etree

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ELEMENTS: Final = 200_000
MAX_DEPTH: Final = 100

_TOO_DEEP = etree.XPath(f"boolean(//*[count(ancestor::*) >= {MAX_DEPTH}])")
_COUNT = etree.XPath("count(//*)")


class UnsafeXmlError(ValueError):
    """The bytes are no XML, or XML that is not taken in; `message` (Chinese) says why, `line` where, if known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def parse_xml(data: bytes, *, max_bytes: int = MAX_BYTES, max_elements: int = MAX_ELEMENTS) -> etree._Element:
    """Parse `data` and return the root element, without comments and processing instructions.

    Raises:
        UnsafeXmlError: too large, too deep, too many elements, a doctype or entities, or not well-formed.
    """
    if len(data) > max_bytes:
        raise UnsafeXmlError(f"文件有 {len(data) / 1048576:.1f} MB，超过上限 {max_bytes / 1048576:.1f} MB。")
    root = _parsed(data)
    info = root.getroottree().docinfo
    if info.doctype or info.internalDTD is not None:
        raise UnsafeXmlError("文件含有 DOCTYPE 声明或实体，出于安全不予读取；请删除该声明后重试。")
    if _COUNT(root) > max_elements:
        raise UnsafeXmlError(f"文件中的 XML 元素超过 {max_elements} 个，不予读取。")
    if _TOO_DEEP(root):
        raise UnsafeXmlError(f"文件中的 XML 嵌套超过 {MAX_DEPTH} 层，不予读取。")
    return root


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnsafeXmlError(*_reason(error)) from error
    except (ValueError, LookupError) as error:
        raise UnsafeXmlError(f"文件不是可读取的 XML：{error}") from error


def _reason(error: etree.XMLSyntaxError) -> tuple[str, int | None]:
    line = error.lineno or None
    where = f"第 {line} 行" if line else "文件"
    return f"{where}不是格式正确的 XML：{error.msg or '内容为空'}", line
