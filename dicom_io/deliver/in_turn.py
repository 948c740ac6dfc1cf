"""Objects sent one after the other, each by a request of its own. Pure."""

from collections.abc import Callable, Sequence

from dicom_io.deliver.channel import Receipt, Verdict
from dicom_io.deliver.outgoing import Outgoing
from dicom_io.errors import PeerError


def in_turn(objects: Sequence[Outgoing], store: Callable[[Outgoing], Receipt]) -> list[Receipt]:
    """A receipt per object. Once the peer fails as a whole, it is not asked again: the rest stays unanswered.

    Raises what store raises, if that happens at the first object.
    """
    receipts: list[Receipt] = []
    for each in objects:
        try:
            receipts.append(store(each))
        except PeerError as error:
            if not receipts:
                raise
            return receipts + [unanswered(left, str(error)) for left in objects[len(receipts) :]]
    return receipts


def unanswered(each: Outgoing, words: str) -> Receipt:
    return Receipt(
        path=each.path, sop_instance_uid=each.uid, verdict=Verdict.UNANSWERED, status="no answer", words=words
    )
