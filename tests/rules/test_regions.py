import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules import regions

codes = st.builds("{:02d}{:02d}{:02d}".format, st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("310000", "31"),
        ("330200", "3302"),
        ("330281", "330281"),
        ("110105", "110105"),
        ("100000", "10"),
        ("000000", ""),
        ("", ""),
    ],
)
def test_prefix(code: str, expected: str) -> None:
    assert regions.prefix(code) == expected


@pytest.mark.parametrize("code", ["31", "31000", "3100000", "31000x", "３１００００"])
def test_prefix_refuses_what_is_no_code(code: str) -> None:
    with pytest.raises(ValueError, match="six digits"):
        regions.prefix(code)


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [
        ("330000", "330281", True),
        ("330200", "330281", True),
        ("330281", "330281", True),
        ("330281", "330200", False),
        ("310000", "330281", False),
        ("000000", "330281", True),
        ("", "330281", True),
        ("330281", "", False),
    ],
)
def test_covers(outer: str, inner: str, expected: bool) -> None:
    assert regions.covers(outer, inner) is expected


def test_ancestors_from_the_country_down() -> None:
    assert regions.ancestors("330281") == ("000000", "330000", "330200")
    assert regions.ancestors("310000") == ("000000",)
    assert regions.ancestors("000000") == ()


@given(codes)
def test_every_ancestor_covers_and_none_is_covered(code: str) -> None:
    for ancestor in regions.ancestors(code):
        assert regions.covers(ancestor, code)
        assert not regions.covers(code, ancestor)
