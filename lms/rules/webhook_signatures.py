"""Signatures of webhooks by the Standard Webhooks specification 1.0.0, symmetric (``v1``).

The sender signs ``id.timestamp.body`` with a secret only both sides know. The id stays the same whenever the same message
is sent again, so that a receiver can tell; the timestamp is that of the sending, so that nobody can replay it later.
"""

import base64
import binascii
import hashlib
import hmac

PREFIX = "whsec_"
VERSION = "v1"
TOLERANCE_SECONDS = 300  # how old or early a message may be for a receiver


def written(secret: bytes) -> str:
    """A secret as people copy it."""
    return PREFIX + base64.b64encode(secret).decode()


def read(text: str) -> bytes:
    """The secret again. Raises ValueError for what is none."""
    try:
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("not a webhook secret") from error


def sign(secret: bytes, *, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of ``webhook-signature``. ``timestamp``: seconds since 1970."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return f"{VERSION},{base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()}"


def holds(secret: bytes, header: str, *, message_id: str, timestamp: int, body: bytes, now: int) -> bool:
    """What a receiver asks: one of the signatures in ``header`` is right, and the message is of now."""
    if abs(now - timestamp) > TOLERANCE_SECONDS:
        return False
    expected = sign(secret, message_id=message_id, timestamp=timestamp, body=body)
    return any(hmac.compare_digest(expected, one) for one in header.split())
