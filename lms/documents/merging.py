"""Several papers as one file, to be printed at one go. What comes out is a copy for paper: no signature survives it.

A merged file proves nothing and says so in its title; the signed originals stay in the archive.
"""

import io
from collections.abc import Iterable
from contextlib import ExitStack

import pikepdf


def merged(papers: Iterable[bytes], *, title: str) -> bytes:
    """All pages of ``papers``, in their order. They are in memory together: give it some hundreds, not thousands."""
    output = io.BytesIO()
    with ExitStack() as opened, pikepdf.new() as target:
        for paper in papers:
            source = opened.enter_context(pikepdf.open(io.BytesIO(paper)))
            for page in source.pages:
                _without_fields(page)
            target.pages.extend(source.pages)
        target.docinfo["/Title"] = title
        target.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return output.getvalue()


def _without_fields(page: pikepdf.Page) -> None:
    """Form fields, of which a signature is one, belong to the form of their own document; the structure likewise."""
    if "/Annots" in page:
        kept = [one for one in page.Annots if one.get("/Subtype") != "/Widget"]  # type: ignore[attr-defined]
        page.Annots = pikepdf.Array(kept)
    if "/StructParents" in page:
        del page.StructParents
