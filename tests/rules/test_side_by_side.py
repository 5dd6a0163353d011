"""Names character by character; of a number never more than its mask shows and where a slip is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import side_by_side
from lms.rules.identity import DocumentType, mask

NUMBER = "310101199003071233"


def shown(pieces: tuple[side_by_side.Piece, ...]) -> str:
    return "".join(f"[{one.text}]" if one.different else one.text for one in pieces)


@pytest.mark.parametrize(
    ("asked", "listed", "left", "right"),
    [
        ("王小明", "王小明", "王小明", "王小明"),
        ("王小明", "王晓明", "王[小]明", "王[晓]明"),
        ("王小明", "王明", "王[小]明", "王明"),
    ],
)
def test_names(asked: str, listed: str, left: str, right: str) -> None:
    pair = side_by_side.texts(asked, listed)
    assert (shown(pair.asked), shown(pair.listed)) == (left, right)
    assert pair.different is (asked != listed)


def test_a_slip_is_marked_under_the_mask() -> None:
    slip = NUMBER[:8] + "8" + NUMBER[9:]
    pair = numbers(NUMBER, slip)
    assert shown(pair.asked) == "310*****[*]*****1233"
    assert shown(pair.listed) == "310*****[*]*****1233"


def test_of_strangers_only_that_they_differ() -> None:
    other = "450102198603091234"
    pair = numbers(NUMBER, other)
    assert pair.different
    assert shown(pair.asked) == mask(DocumentType.RESIDENT_ID, NUMBER)


@given(st.text("0123456789", min_size=18, max_size=18), st.integers(0, 17), st.sampled_from("0123456789"))
def test_never_more_than_the_mask(number: str, place: int, digit: str) -> None:
    pair = numbers(number, number[:place] + digit + number[place + 1 :])
    assert "".join(piece.text for piece in pair.asked) == mask(DocumentType.RESIDENT_ID, number)


def numbers(asked: str, listed: str) -> side_by_side.Pair:
    kind = DocumentType.RESIDENT_ID
    return side_by_side.numbers(asked, listed, asked_masked=mask(kind, asked), listed_masked=mask(kind, listed))
