"""A security key without a casing: it signs what a browser would pass on, for the site at ``ORIGIN``."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

SITE = "localhost"
ORIGIN = f"http://{SITE}"
TOUCHED = AuthenticatorData.FLAG.UP


class SoftKey:
    """One key pair, made for one account."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)

    def registers(self, options: dict[str, Any]) -> str:
        """What the form of a new key is sent, for the ``creation_options`` of its page."""
        client = self._client("webauthn.create", options, ORIGIN)
        public = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(b"\0" * 16, self.id, public)
        flags = TOUCHED | AuthenticatorData.FLAG.AT
        told = AttestationObject.create("none", AuthenticatorData.create(_site(), flags, 0, credential), {})
        return self._answer({"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(told)})

    def signs(self, options: dict[str, Any], *, origin: str = ORIGIN) -> str:
        """What the sign-in form is sent, for the ``request_options`` of its page."""
        client = self._client("webauthn.get", options, origin)
        told = AuthenticatorData.create(_site(), TOUCHED, 1)
        signature = self._key.sign(told + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        answer = {"clientDataJSON": client, "authenticatorData": told, "signature": signature}
        return self._answer({name: websafe_encode(value) for name, value in answer.items()})

    def _client(self, kind: str, options: dict[str, Any], origin: str) -> CollectedClientData:
        return CollectedClientData.create(kind, options["publicKey"]["challenge"], origin)

    def _answer(self, response: dict[str, str]) -> str:
        name = websafe_encode(self.id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def _site() -> bytes:
    return hashlib.sha256(SITE.encode()).digest()
