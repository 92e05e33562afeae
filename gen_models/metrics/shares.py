"""How far a share of some items may be from that of all."""

import math


def share_error(share: float, n: int) -> float:
    """Standard error of the share of n items that have something.

    It is that of half an item more on either side: a share of 0 or 1 among a hundred is not known for sure (Agresti
    and Coull 1998, https://doi.org/10.1080/00031305.1998.10480550, on Wald's interval, which is empty there).
    """
    smoothed = (share * n + 0.5) / (n + 1)
    return math.sqrt(smoothed * (1 - smoothed) / n)
