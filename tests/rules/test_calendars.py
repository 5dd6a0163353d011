"""The calendar file, as RFC 5545 wants it."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from lms.rules.calendars import LINE, escaped, folded, whole_day

WRITTEN = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)


def unfolded(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode().split("\r\n")


def test_one_whole_day_entry_with_its_alarms() -> None:
    content = whole_day(
        uid="abc@example.org",
        on=date(2026, 12, 31),
        written_at=WRITTEN,
        summary="“2026年度证书”到期",
        description="编号 A;B,C\\D\n第二行",
        url="https://example.org/certificates/",
        sequence=1,
        alarms=(60, 7),
    )
    lines = unfolded(content)
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "UID:abc@example.org",
        "DTSTAMP:20261129T083000Z",
        "SEQUENCE:1",
        "DTSTART;VALUE=DATE:20261231",
        "DTEND;VALUE=DATE:20270101",
        "SUMMARY:“2026年度证书”到期",
        "DESCRIPTION:编号 A\\;B\\,C\\\\D\\n第二行",
        "TRIGGER:-P60D",
        "TRIGGER:-P7D",
    ):
        assert line in lines
    assert lines.count("BEGIN:VALARM") == lines.count("END:VALARM") == 2


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_text_breaks_out_of_its_line(text: str) -> None:
    parts = list(folded(f"SUMMARY:{escaped(text)}"))
    assert all(len(part) <= LINE for part in parts)
    assert all(part.startswith(b" ") for part in parts[1:])
    assert all(part.decode() and b"\n" not in part and b"\r" not in part for part in parts)
    joined = parts[0] + b"".join(part[1:] for part in parts[1:])
    assert joined.decode() == f"SUMMARY:{escaped(text)}"
