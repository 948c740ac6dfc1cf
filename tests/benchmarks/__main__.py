"""`make bench`: receiving beside DCMTK and Orthanc, a whole study through the node, fitting beside scipy."""

import sys

from tests.benchmarks import receive, relaxation_fit, study


def main() -> int:
    """All are printed, whatever becomes of the first."""
    return max(receive.main(), study.main(), relaxation_fit.main())


if __name__ == "__main__":
    sys.exit(main())
