"""Reports of mail servers say which message came back and why; whatever else comes is refused in one line."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.factories.bounces import STYLES, bounce, ordinary
from webapp.mail.bounce_report import MOST_BYTES, UnreadableReportError, read_report

ID, TO = "<0f8e7c1a-5b7e-4d4e-9e57-5e8c34c2f3a1@example.org>", "zhangsan@example.net"


def refusal(raw: bytes) -> str:
    with pytest.raises(UnreadableReportError) as caught:
        read_report(raw)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("is_unix", [True, False])
def test_each_style_is_read(style: str, is_unix: bool) -> None:
    raw = bounce(style, ID, TO)
    report = read_report(raw.replace(b"\r\n", b"\n") if is_unix else raw)

    assert report.message_id == ID
    outcome = report.outcome_for("ZhangSan@example.net")
    assert outcome is not None
    assert (outcome.action, outcome.status, outcome.is_final) == ("failed", "5.1.1", True)
    assert outcome.words == "550 5.1.1 <someone> User unknown"


@pytest.mark.parametrize(
    ("action", "status", "is_final", "is_delayed"),
    [
        ("failed", "5.2.2", True, False),
        ("failed", "4.4.1", True, False),
        ("delayed", "4.4.1", False, True),
        ("nonsense", "5.0.0", True, False),
        ("", "4.2.0", False, True),
        ("delivered", "2.0.0", False, False),
        ("relayed", "2.0.0", False, False),
    ],
)
def test_what_failed_is_final_whatever_its_number(action: str, status: str, is_final: bool, is_delayed: bool) -> None:
    outcome = read_report(bounce("postfix", ID, TO, action=action, status=status)).outcome_for(TO)

    assert outcome is not None
    assert (outcome.is_final, outcome.is_delayed) == (is_final, is_delayed)


def test_the_right_one_of_several_recipients_counts() -> None:
    other = b"Final-Recipient: rfc822; other@example.net\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
    raw = bounce("postfix", ID, TO).replace(b"Final-Recipient", other + b"Final-Recipient", 1)
    report = read_report(raw)

    assert [outcome.action for outcome in report.outcomes] == ["delivered", "failed"]
    assert report.outcome_for(TO) == report.outcomes[1]
    assert report.outcome_for("third@example.net") is None


def test_a_message_that_was_forwarded_is_known_by_whom_it_was_addressed_to() -> None:
    raw = bounce("exchange", ID, TO).replace(b"Final-Recipient: rfc822;zhangsan", b"Final-Recipient: rfc822;forwarded")

    outcome = read_report(raw).outcome_for(TO)
    assert outcome is not None
    assert outcome.addresses == {"forwarded@example.net"}
    assert read_report(raw).outcome_for("third@example.net") is None


def test_what_prints_stays_and_is_short() -> None:
    raw = bounce("postfix", ID, TO, said="550 \x00\x1b[31m用户不存在 " + "x" * 5000)
    outcome = read_report(raw).outcome_for(TO)

    assert outcome is not None
    assert outcome.words.isprintable()
    assert len(outcome.words) <= 300


def test_chinese_is_read_in_both_encodings() -> None:
    raw = bounce("chinese", ID, TO, said="550 收件人邮箱已满")
    for one in (raw, raw.decode().encode("gb18030")):
        outcome = read_report(one).outcome_for(TO)
        assert outcome is not None
        assert outcome.words == "550 收件人邮箱已满"


def test_what_is_no_report_is_refused() -> None:
    whole = bounce("postfix", ID, TO)

    assert "没有读到" in refusal(b" \r\n")
    assert "不是退信" in refusal(ordinary())
    assert "不是退信" in refusal(b"\xff\xfe\x00\x00")
    assert "不是退信" in refusal(whole.replace(b"multipart/report", b"text/plain"))
    assert "投递状态" in refusal(whole.replace(b"message/delivery-status", b"text/plain"))
    assert "收件人和结果" in refusal(whole.replace(b"Final-Recipient", b"X").replace(b"Original-Recipient", b"Y"))
    assert "Message-ID" in refusal(whole.replace(b"text/rfc822-headers", b"text/plain"))
    assert "Message-ID" in refusal(whole.replace(ID.encode(), b""))
    assert "超过 1024 KB" in refusal(whole + b"x" * MOST_BYTES)


def test_parts_within_parts_without_end_are_refused() -> None:
    nested = b"".join(
        b"Content-Type: multipart/report; boundary=b%d\r\n\r\n--b%d\r\n" % (depth, depth) for depth in range(3000)
    )
    wrapped = b"Content-Type: message/rfc822\r\n\r\n" * 5000
    whole = bounce("exchange", ID, TO).replace(b"Received: from mail.example.org", wrapped + b"Received: x", 1)

    assert refusal(nested)
    assert refusal(whole)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.data())
def test_whatever_is_broken_off_or_spoilt_is_read_or_refused(data: st.DataObject) -> None:
    raw = bytearray(bounce(data.draw(st.sampled_from(sorted(STYLES))), ID, TO))
    for _ in range(data.draw(st.integers(0, 5))):
        begin = data.draw(st.integers(0, len(raw)))
        raw[begin : begin + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=40))
    try:
        report = read_report(bytes(raw))
    except UnreadableReportError:
        return
    assert report.message_id.isprintable()
    assert all(outcome.words.isprintable() for outcome in report.outcomes)
