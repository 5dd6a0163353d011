"""QR codes: one path, read back by its modules, and the same code as a picture."""

import base64
import re

import segno

from lms.documents import qr

ADDRESS = "https://lms.example.gov.cn/verify/0123456789abcdefghijklmnopqrstuvwxyz/"


def test_the_path_covers_exactly_the_dark_modules() -> None:
    path = qr.svg_path(ADDRESS)
    drawn = {
        (int(x) + step, int(y))
        for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path.d)
        for step in range(int(width))
    }
    matrix = segno.make_qr(ADDRESS, error="m").matrix
    dark = {(x + 4, y + 4) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}
    assert drawn == dark
    assert path.size == len(matrix) + 8


def test_the_picture_is_a_png_in_the_page() -> None:
    uri = qr.png_data_uri(ADDRESS)
    assert uri.startswith("data:image/png;base64,")
    assert base64.b64decode(uri.partition(",")[2]) == qr.png(ADDRESS)
    assert qr.png(ADDRESS).startswith(b"\x89PNG")
