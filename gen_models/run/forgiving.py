"""Writers that a run can do without: a full disk costs what they would have written, and never the run."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from gen_models.run.first_rank import rank_zero_warn


class Forgiving:
    """Turns the errors that a file system has with one file into a single warning.

    Args:
        what: What can't be written then, as a person knows it: `metrics.csv`.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        self._told = False

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write something, or do without it."""
        try:
            yield
        except OSError as error:
            if not self._told:
                rank_zero_warn(f"{self.what} can't be written ({error.strerror or error}): the run goes on without it.")
            self._told = True


def forgiven(what: str) -> AbstractContextManager[None]:
    """Write once what a run can do without."""
    return Forgiving(what).writing()
