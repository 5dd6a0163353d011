"""A second opinion on archivable files: the clauses of ISO 19005-3 (PDF/A-3, level A) a paper of ours could break.

Written on pikepdf and fontTools, which print nothing; no packaged validator of this part of the standard could be had.
Not looked at are clauses about what WeasyPrint can't write at all (JPX, PostScript, optional content, halftones).
"""

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pikepdf
from fontTools.cffLib import CFFFontSet
from fontTools.ttLib import TTFont

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
PDFAID = "{http://www.aiim.org/pdfa/ns/id/}"
NAMESPACE = "{http://www.aiim.org/pdfa/ns/schema#}namespaceURI"
PREDEFINED = (
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/xap/1.0/",
    "http://ns.adobe.com/pdf/1.3/",
    "http://www.aiim.org/pdfa/ns/",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
)
ACTIONS = {"/GoTo", "/GoToR", "/URI", "/Named", "/SubmitForm", "/Thread"}
BLEND_MODES = {"/Normal", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/Luminosity", "/Color"}
SHOWS = {"Tj", "TJ", "'", '"'}
HEADINGS = [f"/H{level}" for level in range(1, 7)]


def faults(content: bytes) -> list[str]:
    """``clause: what is wrong`` for each fault found; none where the file is archivable."""
    found = []
    if not content.startswith(b"%PDF-1.") or not all(byte > 127 for byte in content.split(b"\n", 2)[1][1:5]):
        found.append("6.1.2: the header names no version, or no binary file")
    with pikepdf.open(io.BytesIO(content)) as file:
        for look in (_file, _colour, _fonts, _notes, _metadata, _structure, _reading):
            found += look(file)
    return found


def _dictionaries(file: pikepdf.Pdf) -> Iterator[Any]:
    return (each for each in file.objects if isinstance(each, pikepdf.Dictionary | pikepdf.Stream))


def _file(file: pikepdf.Pdf) -> Iterator[str]:
    if file.is_encrypted:
        yield "6.1.3: encrypted"
    if "/ID" not in file.trailer:
        yield "6.1.3: no identifier"
    for thing in _dictionaries(file):
        if isinstance(thing, pikepdf.Stream) and ("/F" in thing or "LZW" in str(thing.get("/Filter", ""))):
            yield "6.1.7: a stream lies elsewhere or is packed by LZW"
        action = str(thing.get("/S", ""))
        if thing.get("/Type") == "/Action" and action not in ACTIONS:
            yield f"6.5.1: action {action}"
        if thing.get("/BM") is not None and str(thing.BM) not in BLEND_MODES:
            yield f"6.2.10: blend mode {thing.BM}"
        if thing.get("/Interpolate") is True:
            yield "6.2.8: an interpolated picture"
    if "/AA" in file.Root or "/OpenAction" in file.Root:
        yield "6.5.2: something happens when it is opened"
    if "/NeedAppearances" in file.Root.get("/AcroForm", {}) or "/XFA" in file.Root.get("/AcroForm", {}):
        yield "6.4.1: a form without its appearance"


def _colour(file: pikepdf.Pdf) -> Iterator[str]:
    intents = [each for each in file.Root.get("/OutputIntents", []) if each.get("/S") == "/GTS_PDFA1"]
    profiles = [each.DestOutputProfile for each in intents if "/DestOutputProfile" in each]
    if not profiles or any(each.read_bytes()[36:40] != b"acsp" or int(each.N) != 3 for each in profiles):
        yield "6.2.3: no output intent with an ICC profile of three colours"
    for page in file.pages:
        if any(str(step.operator) in {"k", "K"} for step in pikepdf.parse_content_stream(page)):
            yield "6.2.4.3: CMYK without a profile for it"


def _fonts(file: pikepdf.Pdf) -> Iterator[str]:
    shown = _codes(file)
    for thing in _dictionaries(file):
        if thing.get("/Type") == "/Font" and thing.get("/Subtype") not in {"/Type0", "/CIDFontType0", "/CIDFontType2"}:
            yield f"6.2.11.4: {thing.get('/BaseFont')} is of another kind than was looked at"
        if thing.get("/Subtype") != "/Type0":
            continue
        name, codes = str(thing.BaseFont), shown.get(str(thing.BaseFont), set())
        descriptor = thing.DescendantFonts[0].FontDescriptor
        program = descriptor.get("/FontFile3", descriptor.get("/FontFile2"))
        if program is None:
            yield f"6.2.11.4.1: {name} is not embedded"
        elif lost := codes - _drawn(program.read_bytes()):
            yield f"6.2.11.8: {name} has no glyph for {sorted(lost)[:3]}"
        if "/ToUnicode" not in thing:
            yield f"6.2.11.7.2: {name} can't be read as text"
        elif lost := codes - _readable(thing.ToUnicode.read_bytes()):
            yield f"6.2.11.7.2: {name} can't be read as text at {sorted(lost)[:3]}"


def _codes(file: pikepdf.Pdf) -> dict[str, set[int]]:
    """Name of a font → the codes shown in it, on every page and in every form drawn there."""
    shown: dict[str, set[int]] = {}
    for stream, resources in _streams(file):
        font = ""
        for step in pikepdf.parse_content_stream(stream):
            operator, operands = str(step.operator), step.operands
            if operator == "Tf":
                font = str(resources.Font[str(operands[0])].BaseFont)
            elif operator in SHOWS:
                parts = operands[0] if operator == "TJ" else [operands[-1]]
                raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
                pairs = zip(raw[::2], raw[1::2], strict=True)
                shown.setdefault(font, set()).update(high << 8 | low for high, low in pairs)
    return shown


def _streams(file: pikepdf.Pdf) -> Iterator[tuple[Any, Any]]:
    for page in file.pages:
        yield page, page.obj.Resources
    for thing in _dictionaries(file):
        if thing.get("/Subtype") == "/Form" and "/Resources" in thing:
            yield thing, thing.Resources


def _drawn(program: bytes) -> set[int]:
    """Codes that find a glyph: by number in a CFF face, by place in a TrueType one (ISO 32000-1, 9.7.4.2)."""
    if program[:1] == b"\x01":  # a CFF by itself (CIDFontType0C)
        outlines = CFFFontSet()
        outlines.decompile(io.BytesIO(program), None)
    else:
        font = TTFont(io.BytesIO(program))
        if "CFF " not in font:
            return set(range(1, font["maxp"].numGlyphs))
        outlines = font["CFF "].cff
    charset = outlines.topDictIndex[0].charset
    return {int(name[3:]) for name in charset if name.startswith("cid")}


def _readable(to_unicode: bytes) -> set[int]:
    codes = set()
    for line in to_unicode.decode("ascii").splitlines():
        parts = line.replace("<", " ").replace(">", " ").split()
        if len(parts) == 2 and all(part.isalnum() for part in parts) and parts[1].lower() not in {"0000", "feff"}:
            try:
                codes.add(int(parts[0], 16))
                int(parts[1], 16)
            except ValueError:
                continue
    return codes


def _notes(file: pikepdf.Pdf) -> Iterator[str]:
    for note in (note for page in file.pages for note in page.obj.get("/Annots", [])):
        kind, flags = str(note.Subtype), int(note.get("/F", 0))
        left, bottom, right, top = (float(each) for each in note.Rect)
        if kind not in {"/Link", "/Widget"}:
            yield f"6.3.1: a note of kind {kind}"
        if not flags & 4 or flags & (1 | 2 | 32 | 256):
            yield f"6.3.2: {kind} is hidden or not printed"
        if kind != "/Link" and "/AP" not in note and (right > left or top > bottom):
            yield f"6.3.3: {kind} has no appearance"
        if kind == "/Link" and "/Contents" not in note:
            yield "ISO 14289-1 7.18.5: a link does not say where it leads"


def _metadata(file: pikepdf.Pdf) -> Iterator[str]:
    tree = ElementTree.fromstring(file.Root.Metadata.read_bytes())
    about = list(tree.iter(f"{RDF}Description"))
    told = {key: value for each in about for key, value in each.attrib.items()}
    if (told.get(f"{PDFAID}part"), told.get(f"{PDFAID}conformance")) != ("3", "A"):
        yield "6.6.4: does not say that it is PDF/A-3a"
    # An address is written as text or as a resource (ISO 16684-1, 7.5).
    declared = {each.text or each.get(f"{RDF}resource") for each in tree.iter(NAMESPACE)}
    names = [*told, *(each.tag for description in about for each in description)]
    spaces = {name[1:].partition("}")[0] for name in names if name.startswith("{")}
    for space in spaces:
        if not space.startswith(PREDEFINED) and space not in declared and "XML/1998" not in space:
            yield f"6.6.2.3.2: {space} is declared nowhere"
    title = tree.find(".//{http://purl.org/dc/elements/1.1/}title")
    if title is None or not "".join(title.itertext()).strip():
        yield "ISO 14289-1 7.1: no title"
    if not file.Root.get("/ViewerPreferences", {}).get("/DisplayDocTitle"):
        yield "ISO 14289-1 7.1: the title is not shown"


def _structure(file: pikepdf.Pdf) -> Iterator[str]:
    if file.Root.get("/MarkInfo", {}).get("/Marked") is not True or "/StructTreeRoot" not in file.Root:
        yield "6.7.2: not tagged"
    if not str(file.Root.get("/Lang", "")):
        yield "6.7.4: no language"
    levels = []
    for thing in _dictionaries(file):
        kind = str(thing.get("/S", ""))
        if thing.get("/Type") != "/StructElem":
            continue
        if kind == "/Figure" and not (str(thing.get("/Alt", "")) or str(thing.get("/ActualText", ""))):
            yield "6.7.3.4: a figure does not say what it shows"
        if kind == "/TH" and "/Scope" not in thing.A:
            yield "ISO 14289-1 7.5: a heading does not say what it heads"
        if kind in HEADINGS:
            levels.append(HEADINGS.index(kind) + 1)
    if levels and (levels[0] != 1 or any(after > before + 1 for before, after in pairwise(levels))):
        yield f"ISO 14289-1 7.4: headings of levels {levels}"


def _reading(file: pikepdf.Pdf) -> Iterator[str]:
    """Everything drawn is either part of the structure or an artifact."""
    for number, page in enumerate(file.pages, start=1):
        depth = 0
        for step in pikepdf.parse_content_stream(page):
            operator = str(step.operator)
            depth += (operator in {"BDC", "BMC"}) - (operator == "EMC")
            if depth == 0 and operator in SHOWS | {"f", "F", "f*", "S", "s", "B", "b", "Do"}:
                yield f"ISO 14289-1 7.1: page {number} draws what is neither content nor artifact ({operator})"
                break
