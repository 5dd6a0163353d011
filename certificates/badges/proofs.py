"""Two ways to secure the same document: inside it (Data Integrity, ``eddsa-jcs-2022``), or around it (VC-JWT, EdDSA).

Ed25519 signs the same bytes the same way each time: asked twice, a credential is the same to the last character.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from certificates.badges.keys import Ring
from lms.documents.keyrings import compact

SUITE = "eddsa-jcs-2022"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def with_proof(document: Mapping[str, Any], *, did: str, ring: Ring, created: datetime) -> dict[str, Any]:
    """``document`` with a proof inside, by the key that ``did`` publishes (W3C Data Integrity EdDSA, 3.3)."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verificationMethod": f"{did}#{ring.kid}",
        "proofPurpose": "assertionMethod",
    }
    configuration = {**proof, "@context": document["@context"]}
    digests = hashlib.sha256(canonical(configuration)).digest() + hashlib.sha256(canonical(document)).digest()
    return {**document, "proof": {**proof, "proofValue": f"z{_base58(ring.signer.sign(digests))}"}}


def as_jwt(claims: Mapping[str, Any], *, did: str, ring: Ring) -> str:
    """The claims as a compact JWS; its header names the key and carries it (Open Badges 3.0, 8.2.3)."""
    header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{did}#{ring.kid}", "jwk": ring.published[ring.kid]}
    return compact(header, canonical(claims), ring.signer)


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 for what our documents are made of: texts, whole numbers, lists and objects with ASCII names."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def _base58(raw: bytes) -> str:
    """base58btc, leading zero bytes kept."""
    number, text = int.from_bytes(raw), ""
    while number:
        number, digit = divmod(number, 58)
        text = _ALPHABET[digit] + text
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + text
