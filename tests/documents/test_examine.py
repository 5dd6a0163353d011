"""A file handed back: whose signature, is it as it was signed, and what was changed since."""

import datetime as dt
import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from lms.audit.actors import Actor
from lms.documents import archive, pades, signing
from lms.documents.models import SigningCertificate
from tests.factories.authority import Authority, Holder, key_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keys")]

NOW = dt.datetime(2026, 12, 31, 15, 59, 59, tzinfo=dt.UTC)
JOB = Actor.system("test-examine")


def archived(content: bytes, signed: bool = True) -> None:
    archive.store(
        kind="receipt",
        file_name="a.pdf",
        content_type="application/pdf",
        content=content,
        signed=signed,
        now=NOW,
        actor=JOB,
    )


@pytest.fixture
def sign_as(settings: object, tmp_path: Path, printed_page: bytes) -> Callable[[Holder], bytes]:
    """Sign the page with the key of somebody; from then on it is the key of this installation."""

    def sign(holder: Holder) -> bytes:
        settings.SIGNING_KEY_FILE = str(key_file(holder, tmp_path))  # type: ignore[attr-defined]
        return signing.sign(printed_page, reason="签发", now=NOW)

    return sign


def test_a_paper_of_ours(sign_as: Callable[[Holder], bytes], authority: Authority) -> None:
    found = signing.examine(sign_as(authority.signer("上海市托育人才培训中心")))
    assert (found.readable, found.signed, found.intact, found.whole, found.ours, found.good) == (True,) * 6
    assert found.signer == "上海市托育人才培训中心"
    assert found.signature
    assert (found.signature.said_at, found.signature.proven_at) == (NOW, None)
    assert found.signature.reason == "签发"
    assert found.changed_after == ()


def test_an_unsigned_paper_is_told_apart_from_no_paper(printed_page: bytes) -> None:
    assert signing.examine(printed_page).readable
    assert not signing.examine(printed_page).signed
    assert not signing.examine(printed_page).good


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"PK\x03\x04", b"%PDF-1.7\n" + b"\xff" * 2000])
def test_what_can_not_be_read_is_no_error(content: bytes) -> None:
    assert not signing.examine(content).readable


def test_each_broken_half_is_no_error(sign_as: Callable[[Holder], bytes], authority: Authority) -> None:
    content = sign_as(authority.signer())
    for length in range(100, len(content), len(content) // 16):
        assert not signing.examine(content[:length]).good


def test_one_altered_byte_is_found_anywhere(sign_as: Callable[[Holder], bytes], authority: Authority) -> None:
    content = sign_as(authority.signer())
    hole = range(content.index(b"/Contents <") + 11, content.rindex(b"/ByteRange"))  # holds the signature itself
    for place in range(200, len(content), len(content) // 16):
        if place in hole:
            continue
        altered = bytearray(content)
        altered[place] ^= 0xFF
        assert not signing.examine(bytes(altered)).good, place


def test_a_signature_of_somebody_else_is_whole_but_not_ours(
    sign_as: Callable[[Holder], bytes], authority: Authority, settings: object, tmp_path: Path
) -> None:
    forged = sign_as(authority.signer("上海市托育人才培训中心"))  # the same name, another key
    settings.SIGNING_KEY_FILE = str(key_file(authority.signer(), tmp_path))  # type: ignore[attr-defined]
    found = signing.examine(forged)
    assert (found.signed, found.intact, found.whole, found.ours, found.good) == (True, True, True, False, False)


def test_a_key_that_was_replaced_is_still_ours(
    sign_as: Callable[[Holder], bytes], authority: Authority, settings: object, tmp_path: Path
) -> None:
    old = sign_as(authority.signer("旧密钥"))
    archived(old)
    settings.SIGNING_KEY_FILE = str(key_file(authority.signer("新密钥"), tmp_path))  # type: ignore[attr-defined]
    found = signing.examine(old)
    assert found.good
    assert found.signer == "旧密钥"


def test_a_signature_made_after_its_certificate_ran_out_is_not_good(
    sign_as: Callable[[Holder], bytes], authority: Authority
) -> None:
    found = signing.examine(sign_as(authority.signer(until=NOW - dt.timedelta(days=1))))
    assert (found.ours, found.intact, found.good) == (True, True, False)


def added(content: bytes, change: str) -> bytes:
    """The signed file with one revision more, as an editor that keeps signatures writes it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    if change == "page":
        stream = generic.StreamObject(stream_data=b"BT /F1 40 Tf 100 100 Td (999) Tj ET")
        writer.add_stream_to_page(0, writer.add_object(stream))
    elif change == "annotations":
        note = generic.DictionaryObject(
            {
                generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
                generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
                generic.pdf_name("/Contents"): generic.pdf_string("合格"),
                generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 99, 99))),
            }
        )
        page, _resources = writer.find_page_for_modification(0)
        writer.register_annotation(page, writer.add_object(note))
    elif change == "attachments":
        writer.root[generic.pdf_name("/Names")] = generic.DictionaryObject(
            {generic.pdf_name("/X"): generic.pdf_string("y")}
        )
        writer.update_root()
    elif change == "actions":
        writer.root[generic.pdf_name("/OpenAction")] = generic.DictionaryObject(
            {generic.pdf_name("/S"): generic.pdf_name("/JavaScript"), generic.pdf_name("/JS"): generic.pdf_string("1")}
        )
        writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


@pytest.mark.parametrize("change", ["page", "annotations", "attachments", "actions"])
def test_what_was_added_after_signing_is_named(
    sign_as: Callable[[Holder], bytes], authority: Authority, change: str
) -> None:
    content = sign_as(authority.signer())
    found = signing.examine(added(content, change))
    assert (found.ours, found.intact, found.whole, found.good) == (True, True, False, False)
    assert change in {each.place for each in found.changed_after}
    page_matters = change in {"page", "annotations"}
    assert [each.page for each in found.changed_after if each.place == change] == [1 if page_matters else None]


def test_a_file_saved_anew_has_lost_its_signature(sign_as: Callable[[Holder], bytes], authority: Authority) -> None:
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(sign_as(authority.signer()))) as document:
        document.save(output)
    assert not signing.examine(output.getvalue()).good


def test_a_second_signature_by_a_stranger_does_not_cover_up_a_change(
    sign_as: Callable[[Holder], bytes], authority: Authority, settings: object, tmp_path: Path
) -> None:
    """The page is changed, then signed again by somebody else: ours is the one that counts."""
    ours = authority.signer()
    changed = added(sign_as(ours), "page")
    stranger = pades.signer(key_file(authority.signer("路人"), tmp_path), "")
    field, pades.FIELD = pades.FIELD, "Other"
    try:
        signed_again = pades.sign(changed, by=stranger, reason="x", now=NOW)
    finally:
        pades.FIELD = field
    found = signing.examine(signed_again)
    assert len(found.signatures) == 2
    assert (found.ours, found.whole, found.good) == (True, False, False)


def test_a_file_that_unfolds_to_gigabytes_is_put_down(printed_page: bytes) -> None:
    """An object stream of zeros: kilobytes on disk, more than is looked at when unfolded."""
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(printed_page)) as document:
        document.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    packed = zlib.compressobj(9)
    zeros = b"".join([packed.compress(bytes(1 << 20)) for _ in range(40)] + [packed.flush()])
    content = output.getvalue()
    start = content.index(b"/ObjStm")
    begin = content.index(b"stream\n", start) + 7
    end = content.index(b"endstream", begin)
    bomb = content[:begin] + zeros + content[end:]
    found = signing.examine(bomb)
    assert not found.signed


def test_certificates_are_kept_once_and_only_when_they_signed(
    sign_as: Callable[[Holder], bytes], authority: Authority
) -> None:
    content = sign_as(authority.signer())
    archived(content, signed=False)
    assert not SigningCertificate.objects.exists()
    archived(content)
    archived(content)
    kept = SigningCertificate.objects.get()
    assert kept.pem.startswith("-----BEGIN CERTIFICATE")
    assert "PRIVATE" not in kept.pem
