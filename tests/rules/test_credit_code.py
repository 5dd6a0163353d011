import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import credit_code
from lms.rules.credit_code import InvalidCreditCode

GENUINE = "91110000600037341L"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "written", [GENUINE, "91110000600037341l", "９１１１００００６００ ０３７３４１Ｌ", "9111-0000-6000-3734-1L"]
)
def test_written_forms_of_one_code(written: str) -> None:
    code = credit_code.parse(written)
    assert (code.canonical, code.check_digit_ok, code.region_code) == (GENUINE, True, "110000")


def test_a_failing_check_character_warns_only() -> None:
    code = credit_code.parse(GENUINE[:-1] + "M")
    assert code.canonical == GENUINE[:-1] + "M"
    assert not code.check_digit_ok


@pytest.mark.parametrize("code", ["52310000MJ4900000", "12310000425000000", "N2330281MF0000000", "Y1110000MB0000000"])
def test_departments_other_than_market_regulation(code: str) -> None:
    assert credit_code.parse(code + credit_code.check_character(code)).check_digit_ok


@pytest.mark.parametrize(
    ("written", "code", "position"),
    [
        ("", "empty", None),
        ("9111000060003734", "length", None),
        (GENUINE + "1", "length", None),
        ("9111000060003734IL", "characters", 17),
        ("O1110000600037341L", "characters", 1),
        ("91A10000600037341L", "characters", 3),
        ("91110000600037341*", "characters", 18),
        ("91110000中00037341L", "characters", 9),
    ],
)
def test_refused(written: str, code: str, position: int | None) -> None:
    with pytest.raises(InvalidCreditCode) as caught:
        credit_code.parse(written)
    assert caught.value.code == code
    assert caught.value.params.get("position") == position
    assert str(caught.value)


@given(st.text(ALPHABET, min_size=9, max_size=9), st.integers(0, 999_999), st.data())
def test_one_wrong_character_fails_the_check(body: str, region: int, data: st.DataObject) -> None:
    first = f"91{region:06d}{body}"
    code = first + credit_code.check_character(first)
    assert credit_code.parse(code).check_digit_ok
    at = data.draw(st.integers(8, 17))
    other = data.draw(st.sampled_from([one for one in ALPHABET if one != code[at]]))
    assert not credit_code.parse(code[:at] + other + code[at + 1 :]).check_digit_ok


def test_check_character_wants_seventeen() -> None:
    with pytest.raises(ValueError, match="seventeen"):
        credit_code.check_character(GENUINE)
