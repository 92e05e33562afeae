"""Sizes of feature maps: how often a picture can be halved, and how many channels each map has."""

from collections.abc import Sequence


def smallest_map(shape: Sequence[int], smallest: int = 4) -> tuple[int, int]:
    """Side of the smallest feature map and the number of halvings that lead to it.

    Args:
        shape: (channels, side, side) of a picture.
        smallest: No map gets smaller than this; the smallest one has less than twice as many pixels a side.

    Raises:
        ValueError: The samples are no square images of a suitable size.
    """
    if len(shape) != 3 or shape[1] != shape[2]:
        raise ValueError(f"these networks make square images, and the data has shape {list(shape)}: use network=mlp.")
    side, halvings = shape[1], 0
    while side >= 2 * smallest and side % 2 == 0:
        side, halvings = side // 2, halvings + 1
    if not halvings or side >= 2 * smallest:
        examples = f"{2 * smallest}, {4 * smallest}, {8 * smallest}, …"
        raise ValueError(
            f"these networks make images of {smallest} to {2 * smallest - 1} pixels doubled some times ({examples}), "
            f"not {shape[1]}: change data.size, or use network=mlp."
        )
    return side, halvings


def map_sides(shape: Sequence[int]) -> list[int]:
    """Sides of the maps of a picture (channels, side, side), the smallest first, each twice that of the one before.

    Raises:
        ValueError: See `smallest_map`.
    """
    smallest, doublings = smallest_map(shape)
    return [smallest * 2**i for i in range(doublings + 1)]


def map_channels(sides: Sequence[int], base: int, limit: int) -> list[int]:
    """Channels of maps of these sides, which halve where the side doubles: `base` at a side of 1, and up to `limit`."""
    return [min(base // side, limit) for side in sides]
