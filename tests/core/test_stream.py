"""The data as a function of the turn."""

import numpy as np
import pytest
import torch

from gen_models.core.clock import Clock, WarmCritic
from gen_models.core.permutation import KeyedPermutation
from gen_models.core.stream import Chain, Turn, Turns, turns_for
from gen_models.errors import UsageError
from gen_models.randomness import generator


class Numbered:
    """Ten items whose pixels are their position, darker on the left."""

    def __init__(self, count=10):
        self.x = (2 * torch.arange(count)[:, None, None, None] + torch.arange(2)).to(torch.uint8)

    def __len__(self):
        return len(self.x)

    def gather(self, indices):
        return self.x[indices], torch.zeros(len(indices), dtype=torch.int64)


def seen(chain, size, turns, first=0):
    return torch.cat([chain[Turn(t, first + t * size, size)].index for t in range(turns)]).tolist()


def test_every_link_of_the_chain_is_a_permutation():
    order = seen(Chain(Numbered(), seed=1), 4, 10)
    links = [order[i : i + 10] for i in range(0, 40, 10)]
    assert all(sorted(link) == list(range(10)) for link in links)
    assert links[0] != links[1]


def test_the_order_depends_on_the_seed_alone():
    assert seen(Chain(Numbered(), 1), 4, 10) == seen(Chain(Numbered(), 1), 8, 5) == seen(Chain(Numbered(), 1), 20, 2)
    assert seen(Chain(Numbered(), 1), 4, 10) != seen(Chain(Numbered(), 2), 4, 10)
    assert seen(Chain(Numbered(), 1, shuffle=False), 4, 3) == [*range(10), 0, 1]


def test_ranks_share_one_batch():
    whole = Chain(Numbered(), 1, flip=True)
    shares = [Chain(Numbered(), 1, flip=True, rank=rank, world=2) for rank in range(2)]
    turn = Turn(3, 12, 4)
    parts = [share[turn] for share in shares]
    assert torch.equal(torch.stack([p.index for p in parts], 1).flatten(), whole[turn].index)
    assert torch.equal(torch.stack([p.x for p in parts], 1).flatten(0, 1), whole[turn].x)
    assert torch.equal(torch.stack([p.mirrored for p in parts], 1).flatten(), whole[turn].mirrored)
    drawn = [Chain(Numbered(), 1, redraw=True, rank=rank, world=2)[turn].x for rank in range(2)]
    assert torch.equal(torch.stack(drawn, 1).flatten(0, 1), Chain(Numbered(), 1, redraw=True)[turn].x)
    with pytest.raises(UsageError, match="can't be shared by 2"):
        shares[0][Turn(0, 0, 3)]


def test_half_of_the_images_are_mirrored_anew_in_each_turn():
    chain = Chain(Numbered(), 1, flip=True)
    shown = [chain[Turn(t, 0, 10)].in_unit_range() for t in range(50)]
    mirrored = np.array([(batch.x[:, 0, 0, 0] > batch.x[:, 0, 0, 1]).tolist() for batch in shown])
    assert 0.4 < mirrored.mean() < 0.6
    assert len({tuple(row) for row in mirrored}) > 25
    assert torch.equal(chain[Turn(7, 0, 10)].mirrored, chain[Turn(7, 0, 10)].mirrored)
    assert chain[Turn(7, 0, 10)].x.dtype == torch.uint8
    assert shown[7].mirrored is None


def test_turns_continue_at_the_clock_and_follow_a_schedule_in_images():
    def grown(images):
        return 2 if images < 4 else 5

    turns = Turns(lambda: Clock(turn=1, images=2), total=4, batch_size=grown)
    assert list(turns) == [Turn(1, 2, 2), Turn(2, 4, 5), Turn(3, 9, 5)]
    assert len(turns) == 3
    assert turns_for(14, grown) == 4
    assert turns_for(14, 4) == 4


def test_players_wait_as_wgan_does():
    every, clock, moved = WarmCritic(steps=3, many=10, first=2, again=100), Clock(), []
    for _ in range(27):
        if clock.due("generator", every):
            clock.moved("generator")
            moved.append(clock.turn)
        clock.tick(1)
    assert moved == [9, 19, 22, 25]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 64, 65, 1000])
def test_a_bijection_is_a_permutation_that_its_key_decides(count):
    first, other = (KeyedPermutation(count, seed, "order", 0)(torch.arange(count)) for seed in (1, 2))
    assert sorted(first.tolist()) == sorted(other.tolist()) == list(range(count))
    assert torch.equal(KeyedPermutation(count, 1, "order", 0)(torch.arange(count)), first)
    assert count < 10 or not torch.equal(first, other)


def test_a_bijection_spreads_items_as_chance_does():
    """Of 10⁸ items, where a drawn permutation takes 800 MB: neighbours, bits and correlation of 20,000 positions."""
    items = KeyedPermutation(10**8, 1, "order", 0)(torch.arange(20_000)).double()
    assert len(items.unique()) == 20_000
    assert items.min() < 10**5 < 10**8 - 10**5 < items.max()
    assert items.mean().item() == pytest.approx(5e7, rel=0.02)
    assert abs(torch.corrcoef(torch.stack([items[:-1], items[1:]]))[0, 1]) < 0.03
    assert ((items % 2).mean() - 0.5).abs() < 0.02


def test_many_items_are_ordered_without_a_table_and_few_as_they_always_were(monkeypatch):
    few = seen(Chain(Numbered(), 1), 4, 10)
    assert few[:10] == torch.randperm(10, generator=generator(1, "order", 0)).tolist()
    monkeypatch.setattr("gen_models.core.stream.DRAWN", 9)
    chain = Chain(Numbered(), 1)
    many = seen(chain, 4, 10)
    assert [sorted(many[i : i + 10]) for i in range(0, 40, 10)] == [list(range(10))] * 4
    assert seen(Chain(Numbered(), 1), 8, 5) == many != few
    assert chain._links == {}
