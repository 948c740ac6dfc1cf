"""What may be the case with the node's own work. Pure.

NodeError
├── StudyMovedOn           the study changed while this work was done; the work is thrown away
├── ObjectInvalid          a result did not pass the checks before delivery: nothing is sent
├── ForbiddenStep          a state was to follow another that it may not follow: a defect of ours
├── NodeRunning            another node holds this storage folder
└── LedgerOfOtherVersion   an earlier or later node wrote this ledger
"""


class NodeError(Exception):
    """Root of what the node raises."""


class StudyMovedOn(NodeError):
    """The study changed while this work was done, by a late image or by a person."""


class ObjectInvalid(NodeError):
    """A result did not pass the checks before delivery; the text holds the checker's words."""


class ForbiddenStep(NodeError):
    """A step that stands in no table of node/lifecycle.py."""


class NodeRunning(NodeError):
    """Another node holds this storage folder."""


class LedgerOfOtherVersion(NodeError):
    """An earlier or later node wrote this ledger."""
