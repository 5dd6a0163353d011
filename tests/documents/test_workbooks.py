"""Workbooks: what goes out is what was meant, what comes in is what was typed, and nothing is ever calculated."""

import datetime as dt
import io
import zipfile
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter

from lms.documents.workbooks import Column, Row, Sheet, read, write
from lms.rules.refusals import Invalid

COLUMNS = (
    Column("name", ("姓名", "名字")),
    Column("number", ("证件号码", "身份证号")),
    Column("phone", ("手机号",), required=False),
)


def typed(*rows: list[Any], before: int = 0, merged: bool = False) -> io.BytesIO:
    """A workbook as a person makes it."""
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output)
    page = workbook.add_worksheet()
    if merged:
        page.merge_range(0, 0, 0, 3, "某某托育园 2026 年度从业人员名单")
    for number, row in enumerate(rows, start=before):
        for place, value in enumerate(row):
            page.write(number, place, value)
    workbook.close()
    return output


def rows(file: io.BytesIO, **limits: int) -> list[Row]:
    return list(read(file, columns=COLUMNS, **limits))


def test_rows_come_with_the_numbers_excel_shows() -> None:
    file = typed(["姓名", "证件号码"], ["王敏", "310115199001010010"], [], ["李㛃", "X"])
    assert rows(file) == [
        Row(2, {"name": "王敏", "number": "310115199001010010"}),
        Row(4, {"name": "李㛃", "number": "X"}),
    ]


def test_a_merged_title_a_star_and_another_order_are_forgiven() -> None:
    header = ["序号", "身份证号（必填）", " 姓 名* ", "手机号："]
    file = typed(header, [1, "310115199001010010", "王敏", 13800000000], before=3, merged=True)
    [row] = rows(file)
    assert row == Row(5, {"name": "王敏", "number": "310115199001010010", "phone": "13800000000"})


def test_the_header_on_another_sheet_is_found() -> None:
    content = write(sheets=[Sheet("说明", ["请看"], [["…"]]), Sheet("名单", ["姓名", "证件号码"], [["王敏", "1"]])])
    assert [row.values["name"] for row in rows(io.BytesIO(content))] == ["王敏"]


def test_missing_columns_are_named() -> None:
    with pytest.raises(Invalid, match="证件号码") as refusal:
        read(typed(["姓名"], ["王敏"]), columns=COLUMNS)
    assert refusal.value.code == "columns_missing"
    assert "姓名" not in str(refusal.value)


def test_an_empty_workbook_names_every_required_column() -> None:
    with pytest.raises(Invalid, match="姓名、证件号码"):
        read(typed(), columns=COLUMNS)


def test_a_number_that_excel_has_rounded_is_told() -> None:
    file = typed(["姓名", "证件号码"], ["王敏", 310115199001010013], ["李红", "310115199001010013"])
    first, second = rows(file)
    assert first.rounded == ("number",)
    assert second.rounded == ()


def test_dates_and_whole_numbers_read_as_people_write_them() -> None:
    moment = dt.datetime(2026, 12, 31, 15, 59, 58, tzinfo=dt.UTC)
    sheet = Sheet(
        "x", ["姓名", "证件号码", "手机号"], [[dt.date(2026, 12, 31), 12, Decimal("51.5")], ["b", "c", moment]]
    )
    first, second = rows(io.BytesIO(write(sheets=[sheet])))
    assert first.values == {"name": "2026-12-31", "number": "12", "phone": "51.5"}
    assert second.values["phone"] == "2026-12-31T23:59:58"


def test_more_rows_than_allowed_are_refused() -> None:
    file = typed(["姓名", "证件号码"], *[[f"n{n}", str(n)] for n in range(5)])
    assert len(rows(file, max_rows=5)) == 5
    with pytest.raises(Invalid) as refusal:
        rows(file, max_rows=4)
    assert refusal.value.code == "too_many_rows"


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04 not really"])
def test_what_is_no_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        read(io.BytesIO(content), columns=COLUMNS)
    assert refusal.value.code == "workbook_unreadable"


def test_a_small_file_that_unpacks_to_very_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lms.documents.workbooks.MAX_UNPACKED", 1000)
    with pytest.raises(Invalid) as refusal:
        read(typed(["姓名", "证件号码"]), columns=COLUMNS)
    assert (refusal.value.code, refusal.value.status) == ("workbook_too_large", 413)


FORMULAS = ['=HYPERLINK("http://x","y")', "+86 138", "-1+1", "@SUM(A1)", "=1+1", "\t=1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_in_a_name_is_a_text(text: str) -> None:
    content = write(sheets=[Sheet("x", ["姓名", "证件号码"], [[text, "1"]])])
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml")
        styles = package.read("xl/styles.xml")
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet
    assert b'quotePrefix="1"' in styles
    assert rows(io.BytesIO(content))[0].values["name"] == text.strip()


def test_a_formula_somebody_typed_is_not_calculated_again() -> None:
    output = io.BytesIO()
    workbook = xlsxwriter.Workbook(output)
    page = workbook.add_worksheet()
    page.write_row(0, 0, ["姓名", "证件号码"])
    page.write_formula(1, 0, '=CONCATENATE("王","敏")', value="王敏")
    page.write_string(1, 1, "=1+1")
    workbook.close()
    assert rows(output)[0].values == {"name": "王敏", "number": "=1+1"}


def test_long_numbers_texts_and_sheet_names_survive() -> None:
    number = 310115199001010013
    content = write(sheets=[Sheet("a/b:[c]" + "长" * 40, ["姓名", "证件号码"], [["长" * 40_000, number]])])
    [row] = rows(io.BytesIO(content))
    assert row.values["number"] == str(number)
    assert len(row.values["name"]) == 32_767


def test_the_same_sheets_at_the_same_time_give_the_same_bytes() -> None:
    created = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    sheets = [Sheet("x", ["姓名"], [["王敏"]])]
    assert write(sheets=sheets, created=created) == write(sheets=sheets, created=created)


def far_apart(row: int, column: int) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write(0, 0, "姓名")
        sheet.write(row, column, "x")
    return output.getvalue()


def replaced(content: bytes, part: str, text: bytes) -> bytes:
    """The workbook with one part in other words, or added."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, text)
    return output.getvalue()


def test_two_cells_far_apart_do_not_fill_the_memory() -> None:
    with pytest.raises(Invalid) as refused:
        list(read(io.BytesIO(far_apart(1_048_575, 16_383)), columns=[Column("name", ("姓名",))]))
    assert refused.value.code == "workbook_too_large"


def test_cells_without_an_address_are_counted_too() -> None:
    begun = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    wide = b"<row>" + b"<c><v>1</v></c>" * 4000 + b"</row>"
    sheet = begun + wide + b"<row><c><v>1</v></c></row>" * 4000 + b"</sheetData></worksheet>"
    with pytest.raises(Invalid) as refused:
        list(
            read(
                io.BytesIO(replaced(far_apart(1, 1), "xl/worksheets/sheet1.xml", sheet)),
                columns=[Column("name", ("姓名",))],
            )
        )
    assert refused.value.code == "workbook_too_large"


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("content.xml", b"<office:document-content/>"),
        ("xl/workbook.bin", b"x"),
        ("xl/worksheets/sheet1.xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>"),
        ("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>"),
    ],
)
def test_a_workbook_in_disguise_or_in_pieces_is_refused(part: str, text: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        list(read(io.BytesIO(replaced(far_apart(1, 1), part, text)), columns=[Column("name", ("姓名",))]))
    assert refused.value.code == "workbook_unreadable"


def test_a_damaged_part_is_refused() -> None:
    content = bytearray(far_apart(1, 1))
    at = content.index(b"xl/worksheets/sheet1.xml") + 30
    content[at : at + 20] = b"\xff" * 20
    with pytest.raises(Invalid) as refused:
        list(read(io.BytesIO(bytes(content)), columns=[Column("name", ("姓名",))]))
    assert refused.value.code == "workbook_unreadable"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/_rels/workbook.xml.rels", b"sheet1.xml", b"sheet9.xml"),
        ("xl/workbook.xml", b'encoding="UTF-8"', b'encoding="UPF-8"'),
        ("xl/worksheets/sheet1.xml", b'r="A2"', b'r="\x18"'),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"<"),
    ],
)
def test_a_workbook_that_is_broken_inside_is_refused(part: str, old: bytes, new: bytes) -> None:
    whole, broken = zipfile.ZipFile(io.BytesIO(write(sheets=[_SHEET]))), io.BytesIO()
    with zipfile.ZipFile(broken, "w") as package:
        for name in whole.namelist():
            content = whole.read(name)
            assert name != part or old in content
            package.writestr(name, content.replace(old, new) if name == part else content)
    with pytest.raises(Invalid) as refused:
        list(read(broken, columns=[Column("name", ("姓名",))]))
    assert refused.value.code == "workbook_unreadable"


def test_places_outside_the_file_are_refused() -> None:
    content = bytearray(write(sheets=[_SHEET]))
    end = content.rindex(b"PK\x05\x06")
    content[end + 16 : end + 20] = (2**31).to_bytes(4, "little")  # where the directory begins
    with pytest.raises(Invalid):
        list(read(io.BytesIO(content), columns=[Column("name", ("姓名",))]))


_SHEET = Sheet("名单", ("姓名",), [["王小明"], ["李四"]])
