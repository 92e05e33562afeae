import torch

from gen_models.metrics.memorisation import copying, memorisation_distance, nearest


def test_copies_are_nearer_than_fresh_data_and_fresh_data_are_not():
    torch.manual_seed(0)
    training, held_out, fresh = (torch.randn(400, 3) for _ in range(3))
    assert copying(training[:200], held_out, training).value == 1
    assert abs(copying(fresh, held_out, training).value - 0.5) < 3 * copying(fresh, held_out, training).error
    assert copying(held_out + 9, held_out, training).value < 0.01
    assert copying(held_out, held_out, training).value == 0.5


def test_neighbours_are_found_across_chunks():
    torch.manual_seed(0)
    x, items = torch.randn(1203, 2), torch.randn(50, 2)
    distances, positions = nearest(x, items, 3)
    expected = torch.cdist(x, items).sort(1)
    assert torch.equal(positions, expected.indices[:, :3])
    assert torch.allclose(distances, expected.values[:, :3])


def test_only_a_small_cosine_distance_counts_as_memorised():
    items = torch.eye(4)
    assert memorisation_distance(7 * items, items) == 1e-6
    assert memorisation_distance(torch.ones(5, 4), items) == 1  # 1 - 1/2, above the threshold
