"""Delivery status notifications as mail servers write them."""

from email.message import EmailMessage

_POSTFIX = """\
Return-Path: <>
Date: Fri, 20 Nov 2026 08:31:07 +0800 (CST)
From: MAILER-DAEMON@mx.example.cn (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: wm@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4B2C61F.1795112267/mx.example.cn"
Message-Id: <20261120003107.9A1@mx.example.cn>

This is a MIME-encapsulated message.

--4B2C61F.1795112267/mx.example.cn
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.cn.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

--4B2C61F.1795112267/mx.example.cn
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.cn
X-Postfix-Queue-ID: 4B2C61F
X-Postfix-Sender: rfc822; wm@example.org
Arrival-Date: Fri, 20 Nov 2026 08:31:05 +0800 (CST)

Final-Recipient: rfc822; {to}
Original-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.example.net
Diagnostic-Code: smtp; {said}

--4B2C61F.1795112267/mx.example.cn
Content-Description: Undelivered Message Headers
Content-Type: text/rfc822-headers

Return-Path: <wm@example.org>
From: =?utf-8?b?5paH5piO5Yib5bu6?= <wm@example.org>
To: {to}
Subject: =?utf-8?b?5YKs5Yqe?=
Message-ID: {message_id}

--4B2C61F.1795112267/mx.example.cn--
"""

_EXCHANGE = """\
Received: from HK2.example.com (10.0.0.1) by HK1.example.com with Microsoft SMTP Server id 15.20
From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>
To: <wm@example.org>
Date: Fri, 20 Nov 2026 00:31:07 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="86c1f1a5-2f6c-41d6-9d5a-8d9e6ab2d7b5"
Content-Language: zh-CN
Message-ID: <a1b2c3@HK1.example.com>
In-Reply-To: {message_id}
Subject: =?utf-8?b?5peg5rOV6YCB6L6+?=

--86c1f1a5-2f6c-41d6-9d5a-8d9e6ab2d7b5
Content-Type: multipart/alternative; differences=Content-Type;
 boundary="2bd7a4e0-6c8c-4a0f"

--2bd7a4e0-6c8c-4a0f
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

5peg5rOV6YCB6L6+

--2bd7a4e0-6c8c-4a0f--

--86c1f1a5-2f6c-41d6-9d5a-8d9e6ab2d7b5
Content-Type: message/delivery-status

Reporting-MTA: dns;HK1.example.com
Received-From-MTA: dns;HK2.example.com
Arrival-Date: Fri, 20 Nov 2026 00:31:05 +0000

Final-Recipient: rfc822;{to}
Action: {action}
Status: {status}
Diagnostic-Code: smtp;{said}
X-Display-Name: {to}

--86c1f1a5-2f6c-41d6-9d5a-8d9e6ab2d7b5
Content-Type: message/rfc822

Received: from mail.example.org by HK2.example.com
From: =?utf-8?b?5paH5piO5Yib5bu6?= <wm@example.org>
To: <{to}>
Message-ID:
 {message_id}
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="===1=="

--===1==
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

5YKs5Yqe

--===1==--

--86c1f1a5-2f6c-41d6-9d5a-8d9e6ab2d7b5--
"""

_CHINESE = """\
From PostMaster@mail.example.cn Fri Nov 20 08:31:07 2026
From: "PostMaster" <PostMaster@mail.example.cn>
To: wm@example.org
Subject: =?gb18030?B?z7XNs83L0MU=?=/Systems bounce
Date: Fri, 20 Nov 2026 08:31:07 +0800
MIME-Version: 1.0
Content-Type: Multipart/Report; Report-Type="delivery-status"; Boundary="----=_NextPart_6A1"

------=_NextPart_6A1
Content-Type: text/html; charset="gb18030"
Content-Transfer-Encoding: base64

z7XNs83L0MU=

------=_NextPart_6A1
Content-Type: Message/Delivery-Status

Reporting-MTA: dns;mail.example.cn

Final-Recipient: RFC822;<{to}>
Action: {action} (收件人不存在)
Status: {status} (Mailbox unavailable)
Diagnostic-Code: SMTP;
 {said}

------=_NextPart_6A1
Content-Type: Text/RFC822-Headers; charset="utf-8"
Content-Transfer-Encoding: quoted-printable

From: wm@example.org
To: {to}
Message-Id: {message_id}

------=_NextPart_6A1--
"""

STYLES = {"postfix": _POSTFIX, "exchange": _EXCHANGE, "chinese": _CHINESE}


def bounce(
    style: str,
    message_id: str,
    to: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 <someone> User unknown",
) -> bytes:
    """A notification in the style of Postfix, of Exchange, or of a Chinese provider with an encoded text."""
    text = STYLES[style].format(message_id=message_id, to=to, action=action, status=status, said=said)
    return text.replace("\n", "\r\n").encode()


def ordinary() -> bytes:
    """A mail that is no notification."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "自动回复：出差", "a@example.org", "wm@example.org"
    message.set_content("本人出差，周五回来。")
    return message.as_bytes()
