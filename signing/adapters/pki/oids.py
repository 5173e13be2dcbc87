"""Our private arc, and the certificate extension that binds a one-time certificate to one signature.

The arc is made from a UUID (ITU-T X.667: ``2.25.<UUID as an integer>``), which needs no registration::

    PingqianBinding ::= SEQUENCE {
        version         INTEGER (1),
        caseNumber      UTF8String,
        fieldName       UTF8String,
        documentDigest  OCTET STRING (SIZE (32)),   -- SHA-256 of the frozen document, which the signer confirmed
        identityEvent   OCTET STRING (SIZE (32)),   -- SHA-256 of the chain's line that records the identity decision
        strokesDigest   OCTET STRING (SIZE (32)),   -- SHA-256 of the canonical JSON of the handwriting
        sessionId       UTF8String }
"""

from asn1crypto import core

ARC = "2.25.270120623898899023061849203002039392846"
BINDING = f"{ARC}.1.1"
TSA_POLICY = f"{ARC}.2.1"
CERTIFICATE_POLICY = f"{ARC}.2.2"


class Binding(core.Sequence):  # type: ignore[misc]
    """``PingqianBinding``; see the module."""

    _fields = [
        ("version", core.Integer),
        ("case_number", core.UTF8String),
        ("field_name", core.UTF8String),
        ("document_digest", core.OctetString),
        ("identity_event", core.OctetString),
        ("strokes_digest", core.OctetString),
        ("session_id", core.UTF8String),
    ]
