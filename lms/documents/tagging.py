"""What a screen reader and an archive need of a page beyond what WeasyPrint writes: PDF/UA-1 and PDF/A-3a in full.

Drawings say what they show or are passed over, headings of tables say what they head, a link round a drawing is one
link, and the file says what it claims to be. What may never happen: a claim the tests have not proved.
"""

import re
from typing import Any

import pydyf

# Put into drawings of no meaning, so that they can be told from those whose meaning was forgotten.
DECORATION = "decoration"
LABELLED = re.compile(r'<svg\b(?=[^>]*\saria-label="([^"]*)")[^>]*>')
HIDDEN = re.compile(r'<svg\b(?=[^>]*\saria-hidden="true")[^>]*>')
PIXEL = 0.75  # points
CLAIM = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""


def prepared(page: str) -> str:
    """The HTML ``page`` with the name of each drawing where WeasyPrint looks for it."""
    page = LABELLED.sub(r"\g<0><title>\1</title>", page)
    return HIDDEN.sub(rf"\g<0><title>{DECORATION}</title>", page)


def finish(document: Any, pdf: pydyf.PDF) -> None:
    """WeasyPrint calls this when everything is written but the file itself."""
    elements = {one.reference: one for one in _dictionaries(pdf) if "S" in one and "P" in one}
    heights = {page.reference: page["MediaBox"][3] for page in pdf.objects if _is_page(page)}
    for element in elements.values():
        if element["S"] == "/Figure":
            _drawing(element, elements, heights, pdf)
        elif element["S"] == "/TH":
            _heading(element, elements)
    for page in pdf.objects:
        if _is_page(page):
            page["Tabs"] = "/S"
    _claim(pdf)


def _dictionaries(pdf: pydyf.PDF) -> list[Any]:
    return [thing for thing in pdf.objects if isinstance(thing, dict)]


def _is_page(thing: Any) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/Page"


def _drawing(element: Any, elements: dict[bytes, Any], heights: dict[bytes, float], pdf: pydyf.PDF) -> None:
    parent = elements.get(element["P"])
    if parent is not None and parent["S"] == "/Link":
        _one_link(element, parent, pdf)
    if "Alt" in element and element["Alt"].string == DECORATION:
        element["S"] = "/NonStruct"
        del element["Alt"], element["A"]
        return
    left, top, right, bottom = element["A"]["BBox"]
    height = heights[element["Pg"]]
    element["A"]["BBox"] = pydyf.Array(
        (left * PIXEL, height - bottom * PIXEL, right * PIXEL, height - top * PIXEL),
    )


def _one_link(element: Any, link: Any, pdf: pydyf.PDF) -> None:
    """A drawing in a link brings an annotation of its own: it belongs to the link, which reads as the drawing does."""
    tree = next(one for one in _dictionaries(pdf) if "Nums" in one)["Nums"]
    by_reference = {one.reference: one for one in _dictionaries(pdf)}
    for kid in [each for each in element["K"] if by_reference.get(each, {}).get("Type") == "/OBJR"]:
        element["K"].remove(kid)
        link["K"].append(kid)
        number = by_reference[by_reference[kid]["Obj"]]["StructParent"]
        tree[tree[0::2].index(number) * 2 + 1] = link.reference
    if "Alt" in element:
        link["Alt"] = element["Alt"]


def _heading(element: Any, elements: dict[bytes, Any]) -> None:
    row = elements[element["P"]]
    part = elements.get(row["P"], {})
    element["A"]["Scope"] = "/Column" if part.get("S") == "/THead" else "/Row"


def _claim(pdf: pydyf.PDF) -> None:
    metadata = next(each for each in pdf.objects if getattr(each, "reference", None) == pdf.catalog["Metadata"])
    metadata.stream = [part.replace(b"</rdf:RDF>", CLAIM + b"</rdf:RDF>") for part in metadata.stream]
