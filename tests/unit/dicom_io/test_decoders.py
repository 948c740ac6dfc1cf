"""Every compressed transfer syntax that the receiver takes can be decoded here."""

import pytest

from dicom_io.decoders import Decoded, try_decoders
from dicom_io.upper_layer.negotiation import TRANSFER_SYNTAXES

UNCOMPRESSED = {
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.98",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.2",
}


def test_no_compressed_transfer_syntax_goes_untried() -> None:
    assert {one.transfer_syntax_uid for one in try_decoders()} == set(TRANSFER_SYNTAXES) - UNCOMPRESSED


@pytest.mark.parametrize("tried", try_decoders(), ids=lambda tried: tried.name)
def test_the_test_image_comes_out_as_it_was_encoded(tried: Decoded) -> None:
    assert tried.fault is None
