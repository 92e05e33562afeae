"""How many items of a set are held out."""

from gen_models.errors import UsageError


def check_fraction(fraction: float) -> None:
    """Refuse what is no share of a set.

    Raises:
        UsageError: It is negative, or leaves nothing to train on.
    """
    if not 0 <= fraction < 1:
        raise UsageError(f"data.test_fraction={fraction} is no share: it must be at least 0 and less than 1.")


def held_out(total: int, fraction: float, what: str) -> int:
    """Count the items to hold out: at least one of any share above 0, and never all.

    Args:
        total: Items of the set.
        fraction: The share.
        what: They are, for the message.

    Raises:
        UsageError: There are too few.
    """
    needed = 2 if fraction else 1
    if total < needed:
        raise UsageError(
            f"There are {total} {what}, and at least {needed} are needed"
            f"{', to train and to hold out: add some, or hold none out by data.test_fraction=0' if total else ''}."
        )
    return min(max(round(total * fraction), 1), total - 1) if fraction else 0
