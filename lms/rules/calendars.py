"""An iCalendar file (RFC 5545) with one whole-day entry: plain enough for every telephone, exact where they are strict.

Lines end with CRLF and are folded at 75 octets, never inside a character. The same ``uid`` written again replaces the
entry in the reader's calendar, if its ``sequence`` is not lower.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

LINE = 75  # octets, without the line's end
PRODUCT = "-//Childcare Workforce//Certificates//ZH"


def whole_day(
    *,
    uid: str,
    on: date,
    written_at: datetime,
    summary: str,
    description: str = "",
    url: str = "",
    sequence: int = 0,
    alarms: Sequence[int] = (),
) -> bytes:
    """The calendar with one entry on ``on``. ``alarms``: days before it, each at least one; ``written_at`` is aware."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [
        "BEGIN:VEVENT",
        f"UID:{escaped(uid)}",
        f"DTSTAMP:{written_at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"SEQUENCE:{sequence}",
        f"DTSTART;VALUE=DATE:{on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(summary)}",
        *([f"DESCRIPTION:{escaped(description)}"] if description else []),
        *([f"URL:{url}"] if url else []),
        "TRANSP:TRANSPARENT",
    ]
    for days in alarms:
        lines += ["BEGIN:VALARM", "ACTION:DISPLAY", f"DESCRIPTION:{escaped(summary)}", f"TRIGGER:-P{days}D"]
        lines.append("END:VALARM")
    lines += ["END:VEVENT", "END:VCALENDAR"]
    return b"".join(part + b"\r\n" for line in lines for part in folded(line))


def escaped(text: str) -> str:
    """TEXT as section 3.3.11 wants it: no character of it can begin a line or a property of its own."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    for sign in ("\\", ";", ","):
        plain = plain.replace(sign, f"\\{sign}")
    tidy = "".join(character for character in plain if character >= " " or character in "\n\t")
    return tidy.replace("\n", "\\n")


def folded(line: str) -> Iterator[bytes]:
    """The content line in parts of at most 75 octets; every part after the first begins with a space."""
    part = b""
    for character in line:
        octets = character.encode()
        if len(part) + len(octets) > LINE:
            yield part
            part = b" "
        part += octets
    yield part
