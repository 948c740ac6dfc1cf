"""Addresses of callers are addresses: the receiver compares them while a stranger waits."""

import pytest
from pydantic import ValidationError

from config.settings import Caller


@pytest.mark.parametrize("address", ["192.0.2.7", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32"])
def test_an_address_or_a_network_is_taken(address: str) -> None:
    assert Caller(ae_title="PACS", addresses=(address,)).addresses == (address,)


@pytest.mark.parametrize("address", ["pacs.example", "192.0.2.300", "", "192.0.2.0/33"])
def test_anything_else_is_a_fault_of_the_configuration(address: str) -> None:
    with pytest.raises(ValidationError, match="no IP address"):
        Caller(ae_title="PACS", addresses=(address,))
