"""UIDs: ours are derived from what an object is made of, a peer's are checked before one becomes a path. Pure."""

import re
import uuid
from typing import Final

from dicom_io.errors import InvalidInstance

IMPLEMENTATION_VERSION_NAME: Final = "LUMBARNODE_01"
_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_DNS, "lumbar-node")
_LONGEST: Final = 64
_COMPONENT: Final = "(?:0|[1-9][0-9]*)"
_UID: Final = re.compile(rf"[012](?:\.{_COMPONENT})+")


def derived_uid(*parts: str) -> str:
    """The UID of what is named by parts: the same parts, in the same order, give the same UID on every machine.

    A name-based UUID as a decimal integer under 2.25 (PS3.5 B.2). Parts are told apart by their lengths,
    so ("ab", "c") and ("a", "bc") differ.
    """
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return f"2.25.{uuid.uuid5(_NAMESPACE, name).int}"


IMPLEMENTATION_CLASS_UID: Final = derived_uid("implementation class", "1")


def is_valid_uid(text: str) -> bool:
    """True for a UID as PS3.5 9.1 has it: digits and dots only, so it is also safe as the name of a file."""
    return len(text) <= _LONGEST and _UID.fullmatch(text) is not None


def checked_uid(text: str, *, name: str) -> str:
    """text, if it is a UID; name is the DICOM keyword the error tells of.

    Raises InvalidInstance, without repeating the text: peers put patient numbers there.
    """
    if not text:
        raise InvalidInstance(f"{name} is missing or empty")
    if not is_valid_uid(text):
        raise InvalidInstance(f"{name} is no valid UID (PS3.5 9.1)")
    return text
