"""PDFs as strangers hand them in: saved anew, written over, made by hand."""

import io
from typing import Any

import pikepdf

CATALOGUE, PAGES = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def saved(content: bytes, change: Any = lambda _file: None, **how: Any) -> bytes:
    """The file as another program saves it, after ``change``."""
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        change(file)
        file.save(output, **how)
    return output.getvalue()


def written_over(file: pikepdf.Pdf) -> None:
    """Somebody's own words on top of the page, in a font of their own."""
    page = file.pages[0]
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.obj.Resources.Font["/Forged"] = font
    page.contents_add(file.make_stream(b"BT /Forged 40 Tf 100 400 Td (Wang Fang 999 hours) Tj ET"))


def pdf_of(*objects: bytes) -> bytes:
    """A small PDF, by hand."""
    body, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer\n<< /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return body + head + table + trailer


def blank() -> bytes:
    """An empty page that names nobody."""
    return pdf_of(CATALOGUE, PAGES, b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")
