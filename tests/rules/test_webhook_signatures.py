"""Signatures as the Standard Webhooks specification has them."""

import pytest

from lms.rules import webhook_signatures as signatures

SECRET = signatures.read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
MESSAGE = {
    "message_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "timestamp": 1614265330,
    "body": b'{"test": 2432232314}',
}


def test_the_example_of_the_specification() -> None:
    assert signatures.sign(SECRET, **MESSAGE) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_secret_is_read_as_it_was_written() -> None:
    assert signatures.read(signatures.written(SECRET)) == SECRET
    with pytest.raises(ValueError, match="not a webhook secret"):
        signatures.read("whsec_?")


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"body": b"{}"}, False),
        ({"message_id": "msg_other"}, False),
        ({"timestamp": 1614265331}, False),
        ({"now": 1614265330 + 301}, False),
        ({"now": 1614265330 - 301}, False),
    ],
)
def test_whether_it_holds(change: dict[str, object], right: bool) -> None:
    header = "v1a,unknown " + signatures.sign(SECRET, **MESSAGE)
    asked = {**MESSAGE, "now": MESSAGE["timestamp"], **change}
    assert signatures.holds(SECRET, header, **asked) is right
