"""A certification authority made for the suite: a root, an issuing authority below it, and whom they certify.

Everything is P-256 but the time-stamp authority, whose test implementation signs by RSA.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

FROM, UNTIL = dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.datetime(2034, 12, 31, tzinfo=dt.UTC)
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class Holder:
    """A key and the certificate that says whose it is."""

    certificate: x509.Certificate
    key: PrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@dataclass
class Authority:
    """Root → issuing authority → signers and a time-stamp authority."""

    @cached_property
    def root(self) -> Holder:
        return _certified("托育测试根证书", ec.generate_private_key(ec.SECP256R1()), None, authority=True)

    @cached_property
    def issuing(self) -> Holder:
        return _certified("托育测试签发机构", ec.generate_private_key(ec.SECP256R1()), self.root, authority=True)

    @cached_property
    def stamping(self) -> Holder:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return _certified("托育测试时间戳", key, self.issuing, usage=ExtendedKeyUsageOID.TIME_STAMPING)

    def signer(
        self,
        name: str = "上海市托育人才培训中心",
        *,
        until: dt.datetime = UNTIL,
        revoked_at: str = "",
        asked_at: str = "",
    ) -> Holder:
        """Someone who signs papers, with a key of their own; ``revoked_at`` is where a list of the revoked is kept,
        ``asked_at`` where one may ask for this one alone (OCSP)."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _certified(name, key, self.issuing, until=until, revoked_at=revoked_at, asked_at=asked_at)

    def answer(self, request: bytes, about: Holder, *, revoked: bool = False) -> bytes:
        """What the issuing authority answers who asks (OCSP) for the certificate of ``about``."""
        now, asked = dt.datetime.now(dt.UTC), ocsp.load_der_ocsp_request(request)
        assert asked.serial_number == about.certificate.serial_number
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=about.certificate,
            issuer=self.issuing.certificate,
            algorithm=asked.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - dt.timedelta(minutes=1),
            next_update=now + dt.timedelta(days=1),
            revocation_time=now - dt.timedelta(days=1) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        for extension in asked.extensions:
            builder = builder.add_extension(extension.value, critical=extension.critical)
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.issuing.certificate)
        return builder.sign(self.issuing.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def revoked(self) -> bytes:
        """The list of revoked certificates of the issuing authority: nobody."""
        today = dt.datetime.now(dt.UTC)
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.issuing.certificate.subject)
        builder = builder.last_update(today - dt.timedelta(hours=1)).next_update(today + dt.timedelta(days=1))
        return builder.sign(self.issuing.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def chain_file(self, directory: Path) -> Path:
        """The issuing authority and the root as an operator is given them."""
        path = directory / "chain.pem"
        path.write_bytes(self.issuing.pem + self.root.pem)
        return path


def key_file(holder: Holder, directory: Path, *, alone: bool = False) -> Path:
    """The key as PEM, with its certificate or ``alone``."""
    path = directory / f"{holder.certificate.serial_number}.pem"
    path.write_bytes(holder.key_pem + (b"" if alone else holder.pem))
    return path


def _certified(
    name: str,
    key: PrivateKey,
    by: Holder | None,
    *,
    authority: bool = False,
    usage: x509.ObjectIdentifier | None = None,
    until: dt.datetime = UNTIL,
    revoked_at: str = "",
    asked_at: str = "",
) -> Holder:
    subject = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = by.certificate.subject if by else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_key_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if revoked_at:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(revoked_at)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if asked_at:
        place = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(asked_at))
        builder = builder.add_extension(x509.AuthorityInformationAccess([place]), critical=False)
    if usage:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return Holder(builder.sign((by.key if by else key), hashes.SHA256()), key)


def _key_usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
