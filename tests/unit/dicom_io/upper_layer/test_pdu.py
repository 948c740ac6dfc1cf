"""PDUs and command sets against pynetdicom, and against arbitrary bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import A_ASSOCIATE_AC

from dicom_io.upper_layer.dimse import decode_request
from dicom_io.upper_layer.pdu import (
    Acceptor,
    AnsweredContext,
    AssociateRequest,
    ContextResult,
    ProtocolViolation,
    data_values,
    decode_associate_request,
    encode_associate_accept,
)


@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_a_request_or_a_violation(body: bytes) -> None:
    try:
        decode_associate_request(body)
    except ProtocolViolation:
        return


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_data_values_or_a_violation(body: bytes) -> None:
    try:
        total = sum(len(value.data) + 6 for value in data_values(memoryview(body)))
    except ProtocolViolation:
        return
    assert total == len(body)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_command(body: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        decode_request(body)


def test_pynetdicom_reads_the_acceptance_that_we_write() -> None:
    request = AssociateRequest(
        protocol_version=1, called_ae="HERE", calling_ae="THERE", application_context="", contexts=(), maximum_length=0
    )
    contexts = [
        AnsweredContext(
            identifier=3, abstract_syntax="1.2", transfer_syntax="1.2.840.10008.1.2", result=ContextResult.ACCEPTED
        ),
        AnsweredContext(
            identifier=5,
            abstract_syntax="1.3",
            transfer_syntax="1.2.840.10008.1.2.1",
            result=ContextResult.TRANSFER_SYNTAXES_NOT_SUPPORTED,
        ),
    ]
    acceptor = Acceptor(maximum_length=70_000, implementation_class_uid="2.25.1", implementation_version_name="NODE_1")
    pdu = A_ASSOCIATE_AC()
    pdu.decode(encode_associate_accept(request, contexts, acceptor))
    read = [(item.context_id, item.result, item.transfer_syntax) for item in pdu.presentation_context]
    assert read == [(3, 0, "1.2.840.10008.1.2"), (5, 4, "1.2.840.10008.1.2.1")]
    assert pdu.user_information.maximum_length == 70_000
    assert pdu.user_information.implementation_class_uid == "2.25.1"
