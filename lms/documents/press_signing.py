"""Signatures in series: of two papers signed with one key only the digest and the signature itself differ.

The first one is made by pyHanko; the others are that one with another digest, signed anew. What may never happen: a
form taken over that says more than the key alone can say for every paper, such as the time of an authority.
"""

from dataclasses import dataclass

from asn1crypto import cms

from lms.documents import signing
from lms.documents.press_prints import Unreadable

_SEQUENCE, _SET, _OCTETS, _CONTENT, _ATTRIBUTES = 0x30, 0x31, 0x04, 0xA0, 0xA0


@dataclass(frozen=True, slots=True)
class Pen:
    """A signature taken apart: what stands before each nested end, and where the digest stands in its attributes."""

    content: bytes
    signed_data: bytes
    signer: bytes
    attributes: bytes
    algorithm: bytes
    place: int
    size: int

    def sign(self, digest: bytes) -> bytes:
        """The signature (CMS) over a paper with this SHA-256."""
        if len(digest) != self.size:
            raise ValueError("a digest of another kind")
        attributes = self.attributes[: self.place] + digest + self.attributes[self.place + self.size :]
        return self.written(attributes, signing.raw_signature(bytes([_SET]) + attributes[1:]))

    def written(self, attributes: bytes, signature: bytes) -> bytes:
        """The whole of it: attributes and their signature in what stands around them."""
        signer = self.signer + attributes + self.algorithm + _der(_OCTETS, signature)
        signers = _der(_SET, _der(_SEQUENCE, signer))
        return _der(_SEQUENCE, self.content + _der(_CONTENT, _der(_SEQUENCE, self.signed_data + signers)))


def taken_from(signature: bytes) -> Pen:
    """A pen that writes as ``signature`` (CMS) is written. Raises Unreadable where it says more than a key can."""
    info = cms.ContentInfo.load(signature)
    data = info["content"]
    if info["content_type"].native != "signed_data" or len(data["signer_infos"]) != 1:
        raise Unreadable("not one signer")
    signer = data["signer_infos"][0]
    if signer["unsigned_attrs"].native or signer["digest_algorithm"]["algorithm"].native != "sha256":
        raise Unreadable("a signature with more than the key can give")
    digests = [each["values"][0].native for each in signer["signed_attrs"] if each["type"].native == "message_digest"]
    attributes, algorithm = signer["signed_attrs"].dump(), signer["signature_algorithm"].dump()
    own = attributes + algorithm + signer["signature"].dump()
    signers = data["signer_infos"].dump()
    if len(digests) != 1 or attributes.count(digests[0]) != 1 or attributes[0] != _ATTRIBUTES:
        raise Unreadable("not one digest")
    pen = Pen(
        content=info["content_type"].dump(),
        signed_data=_before(data.contents, signers),
        signer=_before(signer.contents, own),
        attributes=attributes,
        algorithm=algorithm,
        place=attributes.index(digests[0]),
        size=len(digests[0]),
    )
    if pen.written(attributes, signer["signature"].native) != info.dump():
        raise Unreadable("a signature of another form")
    return pen


def _before(whole: bytes, end: bytes) -> bytes:
    if not whole.endswith(end):
        raise Unreadable("a signature in another order")
    return whole[: -len(end)]


def _der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content
