"""Step counters of a run, and how often each player updates (n_critic)."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Literal

Unit = Literal["turns", "images", "passes", "moves"]
"""What the time of a run is counted in: a pass is as many images as the training set has items, a move a player's."""

Every = int | Callable[[int], int]
"""Turns to wait before the next move; a callable is given the moves made so far (WGAN: 100 at first, then 5)."""


def is_time(turn: int, every: int) -> bool:
    """Whether what happens every `every` turns happens after turn `turn`; 0 is never."""
    return every > 0 and turn % every == 0


@dataclass(frozen=True)
class WarmCritic:
    """Critic steps of WGAN: many for the first generator moves and now and then, which keeps it near its optimum.

    Arjovsky et al. 2017, https://arxiv.org/abs/1701.07875, and their code.

    Args:
        steps: Critic steps for a generator move.
        many: Critic steps for each of the `first` generator moves, and for every `again`-th.
        first: How many generator moves.
        again: How many generator moves.
    """

    steps: int = 5
    many: int = 100
    first: int = 25
    again: int = 500

    def __call__(self, moves: int) -> int:
        """Give the turns to wait after `moves` generator moves."""
        return self.many if moves < self.first or moves % self.again == 0 else self.steps


@dataclass
class Clock:
    """Turns, images and moves since the beginning of the run, over all its restarts.

    Attributes:
        turn: Batches played to their end.
        images: Images in them, over all ranks.
        moves: Moves made, by player.
        last: Turns that were complete after the player's last move, by player.
    """

    turn: int = 0
    images: int = 0
    moves: dict[str, int] = field(default_factory=dict)
    last: dict[str, int] = field(default_factory=dict)

    def due(self, player: str, every: Every) -> bool:
        """Whether `player` moves in the present turn: on every k-th turn, after the k - 1 in which it waits."""
        wait = every if isinstance(every, int) else every(self.made(player))
        return self.turn + 1 - self.last.get(player, 0) >= wait

    def made(self, player: str) -> int:
        """Give the moves that `player` has made."""
        return self.moves.get(player, 0)

    def moved(self, player: str) -> None:
        """Note that `player` has moved in the present turn."""
        self.moves[player] = self.made(player) + 1
        self.last[player] = self.turn + 1

    def tick(self, images: int) -> None:
        """End the present turn, which showed `images` images."""
        self.turn += 1
        self.images += images

    def time(self, unit: Unit, items: int, player: str = "") -> float:
        """Give the time since the beginning of the run, where a pass is `items` images, and moves are `player`'s."""
        passes, moves = self.images / items, self.made(player)
        return {"turns": self.turn, "images": self.images, "passes": passes, "moves": moves}[unit]

    def state(self) -> dict:
        """Everything that a checkpoint has to hold of the clock."""
        return asdict(self)
