"""Reads XML that anybody may have sent: no doctype, no entities, no network; size, depth and elements are bounded."""

from typing import Final

from lxml import etree

MAX_BYTES: Final = 5 * 1024 * 1024
MAX_ELEMENTS: Final = 200_000
MAX_DEPTH: Final = 100

_CODES: Final = etree.ErrorTypes
_FAULTS: Final[dict[int, str]] = {
    _CODES.ERR_DOCUMENT_EMPTY: "内容为空，或者开头不是“<”",
    _CODES.ERR_DOCUMENT_END: "最外层元素结束之后还有内容",
    _CODES.ERR_TAG_NOT_FINISHED: "文件不完整，还有元素没有结束",
    _CODES.ERR_TAG_NAME_MISMATCH: "开始标签和结束标签不成对",
    _CODES.ERR_GT_REQUIRED: "标签没有以“>”结束",
    _CODES.ERR_ATTRIBUTE_REDEFINED: "同一元素的属性写了两次",
    _CODES.ERR_ATTRIBUTE_NOT_STARTED: "属性的值没有加引号",
    _CODES.ERR_ATTRIBUTE_WITHOUT_VALUE: "属性没有值",
    _CODES.ERR_LT_IN_ATTRIBUTE: "属性的值中有“<”，应写成“&lt;”",
    _CODES.ERR_NAME_REQUIRED: "“<”或“&”之后没有名称，文字中的“<”“&”应写成“&lt;”“&amp;”",
    _CODES.ERR_ENTITYREF_SEMICOL_MISSING: "“&”之后没有分号，文字中的“&”应写成“&amp;”",
    _CODES.ERR_UNDECLARED_ENTITY: "引用了没有定义的实体，文字中的“&”应写成“&amp;”",
    _CODES.NS_ERR_UNDEFINED_NAMESPACE: "前缀没有用 xmlns 声明",
    _CODES.ERR_INVALID_CHAR: "含有 XML 不允许的控制字符",
    _CODES.ERR_INVALID_ENCODING: "含有与声明的编码不符的字节，请另存为 UTF-8",
    _CODES.ERR_UNSUPPORTED_ENCODING: "声明的编码无法识别，请另存为 UTF-8",
    _CODES.ERR_RESERVED_XML_NAME: "“<?xml …?>”之前有空格或其他内容",
    _CODES.ERR_COMMENT_NOT_FINISHED: "注释没有结束",
    _CODES.ERR_CDATA_NOT_FINISHED: "CDATA 没有结束",
    _CODES.ERR_RESOURCE_LIMIT: f"嵌套超过 {MAX_DEPTH} 层，或有过长的内容",
}

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
        raise UnsafeXmlError("文件不是可读取的 XML；请另存为 UTF-8 编码。") from error


def _reason(error: etree.XMLSyntaxError) -> tuple[str, int | None]:
    line, column = error.position
    where = f"第 {line} 行第 {column} 个字符处" if line else ""
    return f"文件不是格式正确的 XML：{where}{_FAULTS.get(error.code, '语法有误')}。", line or None
