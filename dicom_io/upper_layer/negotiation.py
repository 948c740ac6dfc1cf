"""Who may store here, which contexts are taken, in which transfer syntax. Pure."""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final

from config.settings import Receiver
from dicom_io.upper_layer.pdu import (
    APPLICATION_CONTEXT,
    AnsweredContext,
    AssociateRequest,
    ContextResult,
    ProposedContext,
    Rejection,
    Role,
)

VERIFICATION: Final = "1.2.840.10008.1.1"
STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
STORAGE_CLASSES: Final[Mapping[str, str]] = {
    "1.2.840.10008.5.1.4.1.1.4": "MR Image Storage",
    "1.2.840.10008.5.1.4.1.1.4.1": "Enhanced MR Image Storage",
    "1.2.840.10008.5.1.4.1.1.4.4": "Legacy Converted Enhanced MR Image Storage",
}
IMPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_ENDIAN: Final = "1.2.840.10008.1.2.1"
# Most wanted first: of several syntaxes proposed for one context the plainest is taken, so that nobody compresses
# with loss on our account.
TRANSFER_SYNTAXES: Final[Mapping[str, str]] = {
    EXPLICIT_LITTLE_ENDIAN: "Explicit VR Little Endian",
    IMPLICIT_LITTLE_ENDIAN: "Implicit VR Little Endian",
    "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
    "1.2.840.10008.1.2.2": "Explicit VR Big Endian (retired)",
    "1.2.840.10008.1.2.1.98": "Encapsulated Uncompressed Explicit VR Little Endian",
    "1.2.840.10008.1.2.5": "RLE Lossless",
    "1.2.840.10008.1.2.4.70": "JPEG Lossless, First-Order Prediction (Process 14, Selection Value 1)",
    "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
    "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
    "1.2.840.10008.1.2.4.90": "JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.92": "JPEG 2000 Part 2 Multi-component (Lossless Only)",
    "1.2.840.10008.1.2.4.201": "High-Throughput JPEG 2000 (Lossless Only)",
    "1.2.840.10008.1.2.4.202": "High-Throughput JPEG 2000 with RPCL Options (Lossless Only)",
    "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
    "1.2.840.10008.1.2.4.51": "JPEG Extended (Process 2 and 4)",
    "1.2.840.10008.1.2.4.81": "JPEG-LS Near-Lossless",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.93": "JPEG 2000 Part 2 Multi-component",
    "1.2.840.10008.1.2.4.203": "High-Throughput JPEG 2000",
}
_UNCOMPRESSED: Final = (EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN)
_ALL: Final = tuple(TRANSFER_SYNTAXES)

_PERMANENT, _TRANSIENT = 1, 2
_SERVICE_USER, _ACSE, _PRESENTATION = 1, 2, 3

TOO_MANY_ASSOCIATIONS: Final = Rejection(
    result=_TRANSIENT, source=_PRESENTATION, reason=2, words="as many associations as allowed are open"
)
NO_SPACE: Final = Rejection(
    result=_TRANSIENT, source=_PRESENTATION, reason=1, words="less free space than the watermark"
)
_UNKNOWN_CALLED: Final = Rejection(
    result=_PERMANENT, source=_SERVICE_USER, reason=7, words="called AE title is not ours"
)
_UNKNOWN_CALLING: Final = Rejection(
    result=_PERMANENT, source=_SERVICE_USER, reason=3, words="calling AE title or its address is not allowed here"
)
_APPLICATION_CONTEXT: Final = Rejection(
    result=_PERMANENT, source=_SERVICE_USER, reason=2, words="application context is not DICOM's"
)
_PROTOCOL_VERSION: Final = Rejection(result=_PERMANENT, source=_ACSE, reason=2, words="protocol version is not 1")


def objection(request: AssociateRequest, *, address: str, receiver: Receiver) -> Rejection | None:
    """Why this caller may not associate, by the site's settings; None where it may."""
    if not request.protocol_version & 1:
        return _PROTOCOL_VERSION
    if request.application_context != APPLICATION_CONTEXT:
        return _APPLICATION_CONTEXT
    if receiver.require_called_ae and request.called_ae != receiver.ae_title:
        return _UNKNOWN_CALLED
    if not receiver.allow_any_caller and not _is_allowed(request.calling_ae, address, receiver):
        return _UNKNOWN_CALLING
    return None


def _is_allowed(calling_ae: str, address: str, receiver: Receiver) -> bool:
    return any(
        caller.ae_title == calling_ae and _is_within(address, caller.addresses) for caller in receiver.allowed_callers
    )


def _is_within(address: str, allowed: Sequence[str]) -> bool:
    """allowed: addresses or networks (192.0.2.0/24); none at all means any."""
    if not allowed:
        return True
    here = ipaddress.ip_address(address)
    if isinstance(here, ipaddress.IPv6Address) and here.ipv4_mapped is not None:
        here = here.ipv4_mapped
    return any(here in ipaddress.ip_network(network, strict=False) for network in allowed)


def answer(context: ProposedContext) -> AnsweredContext:
    """Our storage classes in every syntax that the standard has for them, what carries no images in the plain ones."""
    result, syntax = _choose(context)
    return AnsweredContext(
        identifier=context.identifier, abstract_syntax=context.abstract_syntax, transfer_syntax=syntax, result=result
    )


def agreed_roles(request: AssociateRequest) -> tuple[Role, ...]:
    """A peer that reports storage commitments is their provider, and we their user: nothing else is turned round."""
    return tuple(
        Role(abstract_syntax=role.abstract_syntax, user=False, provider=True)
        for role in request.roles
        if role.abstract_syntax == STORAGE_COMMITMENT and role.provider
    )


def _choose(context: ProposedContext) -> tuple[ContextResult, str]:
    if context.abstract_syntax in (VERIFICATION, STORAGE_COMMITMENT):
        wanted: tuple[str, ...] = _UNCOMPRESSED
    elif context.abstract_syntax in STORAGE_CLASSES:
        wanted = _ALL
    else:
        return ContextResult.ABSTRACT_SYNTAX_NOT_SUPPORTED, IMPLICIT_LITTLE_ENDIAN
    for syntax in wanted:
        if syntax in context.transfer_syntaxes:
            return ContextResult.ACCEPTED, syntax
    return ContextResult.TRANSFER_SYNTAXES_NOT_SUPPORTED, IMPLICIT_LITTLE_ENDIAN
