"""Numbers the glyphs of a cut face anew, so that every reader finds them.

A face cut by HarfBuzz keeps the character numbers (CID) its glyphs had in the whole face, but its glyphs move up. What
prints with it writes places of glyphs where PDF (ISO 32000-1, 9.7.4.2) asks for character numbers: some readers show
the right glyphs, others none at all. Here each glyph's number becomes its place. Only the table of numbers is written
over (Adobe Technical Note 5176); no outline is touched.
"""

import struct
from array import array
from collections.abc import Iterator

CHARSET, CHARSTRINGS, ROS = 15, 17, (12, 30)


def numbered_by_place(font: bytes) -> bytes:
    """``font`` (OpenType) with the number of each glyph set to its place; as it is where its glyphs have no numbers."""
    record = _table_record(font)
    if record is None:
        return font
    _tag, _checksum, start, length = struct.unpack_from(">4sLLL", font, record)
    operators = dict(_operators(font, start))
    if ROS not in operators:
        return font
    count = int(struct.unpack_from(">H", font, start + operators[CHARSTRINGS])[0])
    result = bytearray(font)
    table = _identity(count)
    place = start + operators[CHARSET]
    result[place : place + len(table)] = table
    struct.pack_into(">L", result, record + 4, _checksum_of(result[start : start + length]))
    return bytes(result)


def _identity(count: int) -> bytes:
    """The shortest table of numbers 1, 2, 3 … for ``count`` glyphs; never longer than the one it is written over."""
    if count <= 2:
        return struct.pack(">BH", 0, 1)
    if count <= 257:
        return struct.pack(">BHB", 1, 1, count - 2)
    return struct.pack(">BHH", 2, 1, count - 2)


def _table_record(font: bytes) -> int | None:
    (tables,) = struct.unpack_from(">H", font, 4)
    records = (12 + 16 * number for number in range(tables))
    return next((at for at in records if font[at : at + 4] == b"CFF "), None)


def _operators(font: bytes, start: int) -> Iterator[tuple[int | tuple[int, int], int]]:
    """Operator → last operand of the Top DICT of the table at ``start``."""
    names = start + font[start + 2]
    at, end = _first_of_index(font, _end_of_index(font, names))
    operand = 0
    while at < end:
        byte = font[at]
        if byte <= 21:
            double = byte == 12
            yield ((12, font[at + 1]) if double else byte), operand
            at += 2 if double else 1
        else:
            operand, at = _operand(font, at)


def _operand(font: bytes, at: int) -> tuple[int, int]:
    """The integer at ``at`` and where the next one begins; a real number counts as 0."""
    byte = font[at]
    if byte == 28:
        return int(struct.unpack_from(">h", font, at + 1)[0]), at + 3
    if byte == 29:
        return int(struct.unpack_from(">l", font, at + 1)[0]), at + 5
    if byte == 30:
        at += 1
        while font[at] & 0x0F != 0x0F and font[at] >> 4 != 0x0F:
            at += 1
        return 0, at + 1
    if byte <= 246:
        return byte - 139, at + 1
    high = byte - 247 if byte <= 250 else byte - 251
    value = high * 256 + font[at + 1] + 108
    return (value if byte <= 250 else -value), at + 2


def _first_of_index(font: bytes, at: int) -> tuple[int, int]:
    """Where the first element of the INDEX at ``at`` begins and ends."""
    count, size = struct.unpack_from(">HB", font, at)
    data = at + 3 + (count + 1) * size - 1
    return data + 1, data + int.from_bytes(font[at + 3 + size : at + 3 + 2 * size], "big")


def _end_of_index(font: bytes, at: int) -> int:
    count, size = (int(each) for each in struct.unpack_from(">HB", font, at))
    last = at + 3 + count * size
    return last + size - 1 + int.from_bytes(font[last : last + size], "big")


def _checksum_of(table: bytearray) -> int:
    words = array("I", bytes(table) + bytes(-len(table) % 4))
    words.byteswap()
    return sum(words) & 0xFFFFFFFF
