import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import serials

made = st.builds(
    serials.make,
    st.text(string.ascii_uppercase, min_size=1, max_size=8),
    st.integers(2000, 2099),
    st.integers(0, 999_999).map("{:06d}".format),
    st.integers(1, serials.MAX_NUMBER),
)


def test_a_serial_is_readable() -> None:
    assert serials.make("ANN", 2026, "310000", 42) == "ANN-2026-310000-0000042-L"


@pytest.mark.parametrize(
    "arguments",
    [
        ("", 2026, "310000", 1),
        ("ann", 2026, "310000", 1),
        ("A1", 2026, "310000", 1),
        ("TOOLONGXX", 2026, "310000", 1),
        ("ANN", 26, "310000", 1),
        ("ANN", 2026, "31", 1),
        ("ANN", 2026, "310000", 0),
        ("ANN", 2026, "310000", 10_000_000),
    ],
)
def test_refuses_parts_that_make_no_serial(arguments: tuple[str, int, str, int]) -> None:
    with pytest.raises(ValueError, match=r"serial|region|year|number"):
        serials.make(*arguments)


@pytest.mark.parametrize(
    "typed",
    [
        "ann-2026-310000-0000042-l",
        "ANN20263100000000042L",
        " ANN 2026 310000 0000042 L ",
        "ＡＮＮ－２０２６－３１００００－０００００４２－Ｌ",
        "ANN—2026—310000—0000042—L",
        "ANN-2O26-3IOOOO-OOOOO42-L",
    ],
)
def test_forgives_how_it_was_typed(typed: str) -> None:
    assert serials.normalise(typed) == "ANN-2026-310000-0000042-L"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ANN",
        "ANN-2026-310000-0000042",
        "ANN-2026-310000-0000043-L",
        "ANN-2026-310000-0000042-1",
        "安-2026-310000-0000042-L",
        "1" * 22,
    ],
)
def test_what_is_no_serial(typed: str) -> None:
    assert serials.normalise(typed) is None
    assert not serials.valid(typed)


def test_running_number_nought_was_never_issued() -> None:
    from stdnum.iso7064 import mod_37_36

    body = "ANN20263100000000000"
    assert serials.normalise(body + mod_37_36.calc_check_digit(body)) is None


@given(made)
def test_made_serials_are_valid_and_stable(serial: str) -> None:
    assert serials.normalise(serial) == serial
    assert serials.normalise(serial.replace("-", "").lower()) == serial


@given(made, st.data())
def test_one_wrong_digit_is_found(serial: str, data: st.DataObject) -> None:
    places = [at for at, character in enumerate(serial) if character.isdigit() and at < len(serial) - 1]
    at = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from([digit for digit in string.digits if digit != serial[at]]))
    assert not serials.valid(serial[:at] + wrong + serial[at + 1 :])
