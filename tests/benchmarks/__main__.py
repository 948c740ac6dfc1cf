"""`make bench`: images received per second beside DCMTK and Orthanc, then a whole study through the node."""

import sys

from tests.benchmarks import receive, study


def main() -> int:
    """Both are printed, whatever becomes of the first."""
    return max(receive.main(), study.main())


if __name__ == "__main__":
    sys.exit(main())
