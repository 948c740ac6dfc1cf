"""What may be the case when findings become objects. Pure.

ReportError
├── FindingsContradict   results that cannot stand in one report: a defect of the method, nothing is sent
└── ValidatorUnusable    the outside validator could not be run or gave no verdict
"""


class ReportError(Exception):
    """Root of what sr_reports raises."""


class FindingsContradict(ReportError):
    """Results of one method do not fit together, or do not fit the images they name."""


class ValidatorUnusable(ReportError):
    """The outside validator could not be run, or gave no verdict."""
