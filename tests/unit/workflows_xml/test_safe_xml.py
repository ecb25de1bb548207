"""XML from outside is taken in only if it is small, flat and has no doctype."""

import re

import pytest

from workflows.safe_xml import MAX_DEPTH, MAX_ELEMENTS, UnsafeXmlError, parse_xml

BOMB = b'<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;"><!ENTITY z "&y;&y;&y;&y;">]><a b="&z;">&z;</a>'


def test_plain_xml_is_read_without_comments_and_instructions() -> None:
    root = parse_xml(b"<?xml version='1.0'?><a><!-- c --><?p q?><b/></a>")
    assert [child.tag for child in root] == ["b"]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<!DOCTYPE a><a/>", id="doctype"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', id="external entity"),
        pytest.param(b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>', id="external dtd"),
        pytest.param(BOMB, id="entity bomb"),
        pytest.param('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16"), id="utf-16 doctype"),
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 no xml at all", id="binary"),
        pytest.param(b'<?xml version="1.0" encoding="klingon"?><a/>', id="unknown encoding"),
        pytest.param(b"<a>&unknown;</a>", id="undefined entity"),
        pytest.param(b"<a b='1'c='2'/>", id="attributes that touch"),
        pytest.param(b"<a", id="half a tag"),
        pytest.param(b"\xff\xfe<a", id="half a character"),
        pytest.param(b"<a>" * 300 + b"</a>" * 300, id="far too deep"),
        pytest.param(b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), id="too deep"),
        pytest.param(b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", id="too many"),
    ],
)
def test_anything_else_is_refused_in_chinese(data: bytes) -> None:
    with pytest.raises(UnsafeXmlError) as caught:
        parse_xml(data)
    words = set(re.findall(r"[A-Za-z][\w-]*", caught.value.message))
    assert caught.value.message.endswith("。")
    assert words <= {"XML", "DOCTYPE", "UTF-8", "MB", "amp", "lt"}


def test_a_file_over_the_limit_is_not_even_parsed() -> None:
    with pytest.raises(UnsafeXmlError, match="超过上限"):
        parse_xml(b"<a>" + b" " * 100 + b"</a>", max_bytes=50)


def test_a_syntax_error_names_its_line() -> None:
    with pytest.raises(UnsafeXmlError) as caught:
        parse_xml(b"<a>\n<b>\n</a>")
    assert caught.value.line == 3


def test_the_deepest_allowed_nesting_is_read() -> None:
    assert parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH).tag == "a"
