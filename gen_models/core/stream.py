"""Resumable data loading: batches as a function of the turn, cut from an endless chain of keyed permutations.

Turn t shows the positions [images(t), images(t) + size(t)) of the chain. A position determines its item, so the order
is the same for any number of ranks, any batch size, data sets smaller than a batch, and after any restart.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from lightning import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from gen_models.core.batch import Batch
from gen_models.core.clock import Clock
from gen_models.core.permutation import DRAWN, KeyedPermutation
from gen_models.core.signals import ignore_signals
from gen_models.data.binary import drawn
from gen_models.data.interface import Items
from gen_models.data.source import Source
from gen_models.data.workers import check_workers
from gen_models.errors import UsageError
from gen_models.randomness import generator

BatchSize = int | Callable[[int], int]
"""Images in a turn over all ranks; a callable is given the images seen so far (growing networks)."""


class Turn(NamedTuple):
    """Which positions of the chain a turn shows."""

    number: int
    first: int
    size: int


def size_of(batch_size: BatchSize, images: int) -> int:
    """Images in the turn that begins after `images` images."""
    return batch_size if isinstance(batch_size, int) else batch_size(images)


def turns_for(images: int, batch_size: BatchSize) -> int:
    """Turns that show at least `images` images."""
    if isinstance(batch_size, int):
        return -(-images // batch_size)
    seen = turns = 0
    while seen < images:
        seen += batch_size(seen)
        turns += 1
    return turns


class Turns(Sampler[Turn]):
    """Sampler of the turns that the clock has not counted yet, up to `total`.

    Args:
        clock: Gives the clock whenever the loader starts, so that a restored one counts.
        total: Turns of the whole run.
        batch_size: Images in a turn, over all ranks.
    """

    def __init__(self, clock: Callable[[], Clock], total: int, batch_size: BatchSize) -> None:
        self.clock = clock
        self.total = total
        self.batch_size = batch_size

    def __len__(self) -> int:
        return max(0, self.total - self.clock().turn)

    def __iter__(self) -> Iterator[Turn]:
        first = self.clock().images
        for number in range(self.clock().turn, self.total):
            size = size_of(self.batch_size, first)
            yield Turn(number, first, size)
            first += size


class Chain(Dataset[Batch]):
    """Data set of batches, by turn; without state, so that any worker may make any turn.

    Args:
        items: The training set.
        seed: Keys the order, and what is mirrored and drawn anew.
        shuffle: False keeps the items' own order.
        flip: Let half of the images be mirrored left-right, drawn anew in every turn.
        redraw: Draw pixels black or white by their grey values, anew in every turn.
        rank: Which share of each batch is ours.
        world: How many shares there are.
    """

    def __init__(
        self,
        items: Items,
        seed: int,
        *,
        shuffle: bool = True,
        flip: bool = False,
        redraw: bool = False,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if not len(items):
            raise UsageError("the training set is empty: check data.limit and the data's folder.")
        self.items = items
        self.seed = seed
        self.shuffle = shuffle
        self.flip = flip
        self.redraw = redraw
        self.rank = rank
        self.world = world
        self._links: dict[int, Tensor] = {}  # the last two permutations; a plain dictionary can be sent to a process

    def __getitem__(self, turn: Turn) -> Batch:
        if turn.size % self.world:
            raise UsageError(
                f"a batch of {turn.size} can't be shared by {self.world} processes: change data.batch_size."
            )
        share = slice(self.rank, None, self.world)
        index = self._indices(turn)[share]
        x, y = self.items.gather(index.tolist())
        if self.redraw:
            chance = torch.rand(turn.size, *x.shape[1:], generator=generator(self.seed, "pixels", turn.number))
            x = drawn(x, chance[share])
        return Batch(x, y, index, mirrored=self._mirrored(turn)[share] if self.flip else None)

    def _mirrored(self, turn: Turn) -> Tensor:
        """Which images of the whole batch are mirrored."""
        return torch.rand(turn.size, generator=generator(self.seed, "flip", turn.number)) < 0.5

    def _indices(self, turn: Turn) -> Tensor:
        """Items at the positions [first, first + size) of the chain."""
        count = len(self.items)
        parts, position, end = [], turn.first, turn.first + turn.size
        while position < end:
            link, offset = divmod(position, count)
            parts.append(self._link(link, offset, min(count, offset + end - position)))
            position += len(parts[-1])
        return torch.cat(parts)

    def _link(self, link: int, start: int, end: int) -> Tensor:
        """Items at the positions [start, end) of a link."""
        if not self.shuffle:
            return torch.arange(start, end)
        if len(self.items) > DRAWN:
            return KeyedPermutation(len(self.items), self.seed, "order", link)(torch.arange(start, end))
        return self._permutation(link)[start:end]

    def _permutation(self, link: int) -> Tensor:
        if link not in self._links:
            self._links = {**dict([*self._links.items()][-1:]), link: self._draw(link)}
        return self._links[link]

    def _draw(self, link: int) -> Tensor:
        return torch.randperm(len(self.items), generator=generator(self.seed, "order", link))


class Stream(LightningDataModule):
    """Data module: the training set as one epoch of exactly the turns that are left.

    Args:
        source: The data set.
        clock: Gives the model's clock.
        turns: Turns of the whole run.
        seed: Keys order, and what is mirrored and drawn anew.
        shuffle: False shows the items in their own order, for recipes that say so.
        batch_size: A schedule in images seen, for networks that grow; None takes the source's constant.
    """

    def __init__(
        self,
        source: Source,
        clock: Callable[[], Clock],
        turns: int,
        seed: int,
        shuffle: bool = True,
        batch_size: BatchSize | None = None,
    ) -> None:
        super().__init__()
        self.source = source
        self.items = source.train  # opened, and drawn or read where that is due, before a trainer answers to signals
        if source.workers:
            first, _ = self.items.gather([0])
            check_workers(source.workers, first.nbytes * size_of(batch_size or source.batch_size, 0))
        self.turns = Turns(clock, turns, batch_size or source.batch_size)
        self.seed = seed
        self.shuffle = shuffle

    def train_dataloader(self) -> DataLoader[Batch]:
        """Make a loader whose item t is this rank's share of turn t."""
        assert self.trainer is not None
        chain = Chain(
            self.items,
            self.seed,
            shuffle=self.shuffle,
            flip=self.source.flip,
            redraw=self.source.redrawn,
            rank=self.trainer.global_rank,
            world=self.trainer.world_size,
        )
        return DataLoader(
            chain,
            batch_size=None,
            sampler=self.turns,
            num_workers=self.source.workers,
            pin_memory=self.trainer.strategy.root_device.type == "cuda",
            persistent_workers=self.source.workers > 0,
            worker_init_fn=ignore_signals,
            generator=torch.Generator(),  # its own, so that starting workers draws nothing from the run's
        )

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Move a batch; it is looked through only where there is a way to go."""
        return batch if batch.x.device == device else super().transfer_batch_to_device(batch, device, dataloader_idx)
