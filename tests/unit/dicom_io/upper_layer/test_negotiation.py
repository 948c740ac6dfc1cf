"""Who may associate; what is chosen is tested through the receiver."""

import pytest

from config.settings import Caller, Receiver
from dicom_io.upper_layer.negotiation import agreed_roles, objection
from dicom_io.upper_layer.pdu import APPLICATION_CONTEXT, AssociateRequest, Role

COMMITMENT = "1.2.840.10008.1.20.1"


def request(**changes: object) -> AssociateRequest:
    fields: dict[str, object] = {
        "protocol_version": 1,
        "called_ae": "NODE",
        "calling_ae": "PACS",
        "application_context": APPLICATION_CONTEXT,
        "contexts": (),
        "maximum_length": 0,
    }
    return AssociateRequest(**(fields | changes))  # type: ignore[arg-type] # a test's fields


def receiver(*callers: Caller) -> Receiver:
    return Receiver(ae_title="NODE", allowed_callers=callers)


@pytest.mark.parametrize(
    ("address", "allowed", "is_welcome"),
    [
        ("192.0.2.7", (), True),
        ("192.0.2.7", ("192.0.2.7",), True),
        ("192.0.2.7", ("192.0.2.0/24",), True),
        ("192.0.3.7", ("192.0.2.0/24",), False),
        ("::ffff:192.0.2.7", ("192.0.2.7",), True),
        ("2001:db8::7", ("2001:db8::/32",), True),
        ("2001:db8::7", ("192.0.2.7",), False),
    ],
)
def test_a_caller_is_known_by_title_and_address(address: str, allowed: tuple[str, ...], is_welcome: bool) -> None:
    found = objection(request(), address=address, receiver=receiver(Caller(ae_title="PACS", addresses=allowed)))
    assert (found is None) == is_welcome


def test_one_title_may_have_several_entries() -> None:
    twice = receiver(
        Caller(ae_title="PACS", addresses=("192.0.2.1",)), Caller(ae_title="PACS", addresses=("192.0.2.2",))
    )
    assert objection(request(), address="192.0.2.2", receiver=twice) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"protocol_version": 2}, (1, 2, 2)),
        ({"application_context": "1.2.3"}, (1, 1, 2)),
        ({"called_ae": "OTHER"}, (1, 1, 7)),
        ({"calling_ae": "pacs"}, (1, 1, 3)),
    ],
)
def test_each_objection_has_the_reason_that_the_standard_gives_it(
    changes: dict[str, object], expected: tuple[int, int, int]
) -> None:
    found = objection(request(**changes), address="192.0.2.1", receiver=receiver(Caller(ae_title="PACS")))
    assert found is not None
    assert (found.result, found.source, found.reason) == expected


def test_only_the_provider_of_storage_commitment_may_turn_the_roles_round() -> None:
    roles = (
        Role(abstract_syntax=COMMITMENT, user=False, provider=True),
        Role(abstract_syntax="1.2.840.10008.5.1.4.1.1.4", user=True, provider=True),
    )
    assert agreed_roles(request(roles=roles)) == roles[:1]
