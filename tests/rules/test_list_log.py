"""The texts the list is proved by: the same for everybody, and silent about people."""

from datetime import UTC, date, datetime

from lms.rules import chain, list_log

ENTRY = {"name": "王小明", "birth_date": date(1990, 5, 1), "until": None, "number": "1:ab"}


def test_a_line_commits_to_the_entry_and_names_nobody() -> None:
    line = list_log.line("entered", ENTRY)
    assert line == list_log.line("entered", dict(reversed(ENTRY.items())))
    assert line != list_log.line("entered", {**ENTRY, "until": date(2030, 1, 1)})
    assert line != list_log.line("annulled", ENTRY)
    assert "王" not in line
    assert "1990" not in line


def test_a_statement_is_one_text() -> None:
    at = datetime(2026, 3, 3, 2, 5, tzinfo=UTC)
    said = list_log.statement(number=1, entries=2, size=2, root="ab", at=at, previous=chain.GENESIS)
    assert chain.canonical(said) == (
        '{"at":"2026-03-03T02:05:00.000000+00:00","entries":2,"number":1,'
        f'"previous":"{chain.GENESIS}","root":"ab","size":2}}'
    )
