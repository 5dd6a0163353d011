"""The peer that only sets: the same words, code and seal of a certificate, by Typst, in a process that keeps its fonts."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn

SOURCE = """
#let it = json(bytes(sys.inputs.sheet))
#set page(width: 297mm, height: 210mm, margin: (x: 34mm, top: 23mm, bottom: 20mm))
#set text(font: "Noto Serif SC", size: 10pt, fill: rgb("#1b2a2f"), lang: "zh")
#set document(title: it.heading)
#place(top + left, rect(width: 100%, height: 100%, stroke: 1.2pt + rgb("#1f7a6d")))
#place(top + left, it.place)
#place(top + right, [编号 No. #it.serial])
#align(center)[
  #v(14mm) #text(31pt, tracking: 0.16em, it.title) \\ #text(12.5pt, tracking: 0.06em, it.title_en) \\
  兹证明 This is to certify that \\ #text(30pt, tracking: 0.16em, it.holder) \\ #it.document \\
  #text(14pt, it.words) \\ #it.words_en
  #table(columns: (1fr, 1fr, 1fr), stroke: none, ..it.cells)
]
#place(bottom + left, link(it.url, image(bytes(it.code), format: "svg", width: 26mm, alt: "核验二维码")))
#place(bottom + right, dx: -30mm, dy: -4mm)[
  #for (at, sign) in it.issuer.clusters().enumerate() {
    place(center, rotate((at - it.issuer.clusters().len() / 2) * 26deg, origin: center, box(height: 30mm, sign)))
  }
  #circle(radius: 16mm, stroke: 1pt + rgb("#b83a2b"))
]
#place(bottom + right)[#text(14pt, it.issuer) \\ #it.issued \\ 有效期至 #it.until]
"""


class Printer:
    """One compiler for all sheets, with the faces papers of the product are set in."""

    def __init__(self) -> None:
        import typst  # the other benchmarks do without it

        faces = [str(pylopdf_fonts_zh_cn.serif_path().parent)]
        fonts = typst.Fonts(include_system_fonts=False, font_paths=faces)
        self._kept = tempfile.TemporaryDirectory()
        source = Path(self._kept.name) / "sheet.typ"
        source.write_text(SOURCE, encoding="utf-8")
        self._compiler = typst.Compiler(str(source), font_paths=fonts)

    def set(self, sheets: Sequence[dict[str, Any]]) -> int:
        """Set each of them by itself, as a PDF with tags."""
        for sheet in sheets:
            told = json.dumps(_told(sheet), ensure_ascii=False)
            content = self._compiler.compile(format="pdf", sys_inputs={"sheet": told}, pdf_standards=["a-3a"])
            assert isinstance(content, bytes)
        return len(sheets)


def _told(sheet: dict[str, Any]) -> dict[str, Any]:
    certificate, code = sheet["certificate"], sheet["qr"]
    region = sheet["facts"]["region"]
    return {
        "heading": certificate.title,
        "place": f"{region['name']} · {region['name_en']}",
        "serial": certificate.serial,
        "title": sheet["title"],
        "title_en": sheet["title_en"],
        "holder": sheet["holder"],
        "document": " ".join(sheet["document"].values()) if sheet["document"] else "",
        "words": f"于 {sheet['facts']['year']} 年度完成规定的培训学时，达到{region['name']}托育从业人员年度培训要求，特发此证。",
        "words_en": "has completed the class-hours that are required each year of those who care for children.",
        "cells": [word for line in sheet["lines"] for word in (line["name"], line["required"], line["earned"])],
        "url": sheet["url"],
        "code": f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {code.size} {code.size}"><path d="{code.d}"/></svg>',
        "issuer": certificate.issuer_name,
        "issued": " ".join(sheet["issued_on"]),
        "until": " ".join(sheet["valid_until"] or ()),
    }
