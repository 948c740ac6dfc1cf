"""From the regression network's output to milliseconds, and from those to the odds of the three phases.

Talks to: the network it is given.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.runtime import Network

CENTRE_MS = np.array([83.0, 114.0, 103.0])  # minimum, maximum, mean over the phantoms' discs: zero of the network
SCALE_MS = np.array([22.0, 32.0, 28.0])


@dataclass(frozen=True, kw_only=True)
class PhaseOdds:
    """probabilities of phase 1, 2 and 3, summing to 1."""

    probabilities: tuple[float, float, float]

    @property
    def phase(self) -> int:
        return 1 + int(np.argmax(self.probabilities))


def standardised(milliseconds: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., 3) as minimum, maximum, mean: what the regression network learns."""
    return np.asarray((milliseconds - CENTRE_MS) / SCALE_MS)


def in_ms(output: NDArray[np.float32]) -> tuple[float, float, float]:
    """Minimum, mean and maximum of one disc, put in order where the network's three answers cross."""
    least, middle, most = np.sort(output.astype(np.float64) * SCALE_MS + CENTRE_MS)
    return float(least), float(middle), float(most)


def phase_odds(network: Network, values: tuple[float, float, float]) -> PhaseOdds:
    """values: minimum, mean and maximum in milliseconds."""
    logits = network(np.array(values, np.float32).reshape(1, 1, 1, 3))[0].astype(np.float64)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    return PhaseOdds(probabilities=(float(shares[0]), float(shares[1]), float(shares[2])))
