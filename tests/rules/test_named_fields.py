"""Named fields in a text are replaced by their values, once, and by nothing else."""

import pytest

from lms.rules.named_fields import fields_in, fill, has_stray_brace, unknown_fields

VALUES = {"holder": "林小满", "course": "{holder}", "hours": "4"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("兹证明 {holder}", "兹证明 林小满"),
        ("{holder}{hours}{holder}", "林小满4林小满"),
        ("《{course}》", "《{holder}》"),
        ("% %(holder)s $holder {{}", "% %(holder)s $holder {{}"),
    ],
)
def test_filled_once(text: str, filled: str) -> None:
    assert fill(text, VALUES | {"": "{}"}) == filled


@pytest.mark.parametrize(
    "text", ["{holder.__class__}", "{0}", "{holder!r}", "{holder:>10}", "{ holder }", "{Holder}", "{}"]
)
def test_nothing_but_a_known_name_is_a_field(text: str) -> None:
    assert unknown_fields(text, VALUES) == (text[1:-1],)
    with pytest.raises(KeyError):
        fill(text, VALUES)


def test_names_are_told_once_in_order() -> None:
    assert fields_in("{b}{a}{b}") == ("b", "a")
    assert unknown_fields("{b}{holder}{a}", VALUES) == ("b", "a")


@pytest.mark.parametrize(
    ("text", "stray"), [("{holder}", False), ("{holder", True), ("holder}", True), ("{{holder}}", True), ("", False)]
)
def test_a_brace_alone(text: str, stray: bool) -> None:
    assert has_stray_brace(text) is stray
