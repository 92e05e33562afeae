"""Moving one entry of a latent."""

import pytest
import torch

from gen_models.analysis.latent_space import movable
from gen_models.analysis.traverse import frames, sheet, strongest, traversals
from gen_models.errors import UsageError
from gen_models.latents.code_parts import Category, Interval
from gen_models.latents.codes import Codes


class Plain:
    device = "cpu"

    def labels(self, n):
        return torch.zeros(n, dtype=torch.long)


class Named(Plain):
    """Pictures of 2x4 pixels that are the latent itself."""

    def codes(self):
        return Codes({"class": Category(3), "style": Interval(2)})

    def draw_latents(self, n):
        return self.codes().sample(n, 8, torch.device("cpu"))

    def decode_latents(self, z, y=None):
        return z.view(-1, 1, 2, 4)


class Decoder(Plain):
    classes = 0

    def draw_codes(self, n, y=None):
        return torch.randn(n, 2) * torch.tensor([1.0, 5.0])

    def decode(self, z, y=None):
        return z.view(-1, 1, 1, 2)


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def test_only_the_code_moves_and_all_codes_share_their_latents():
    walks = traversals(Named(), rows=4, steps=5)
    assert {name: walk.shape[:2] for name, walk in walks.items()} == {
        "class": (4, 3),
        "style 1": (4, 5),
        "style 2": (4, 5),
    }
    flat = {name: walk.flatten(2) for name, walk in walks.items()}
    assert torch.equal(flat["class"][0, :, :3], torch.eye(3))
    assert flat["style 2"][1, :, 4].tolist() == [-1, -0.5, 0, 0.5, 1]
    assert torch.equal(flat["style 1"][:, 2, 4:], flat["class"][:, 0, 4:])  # what does not move
    still = torch.cat([flat["style 2"][..., :4], flat["style 2"][..., 5:]], dim=2)
    assert torch.equal(still, still[:, :1].expand_as(still))


def test_a_decoder_is_moved_through_the_range_of_its_prior():
    walks = traversals(Decoder(), rows=2, steps=3)
    ends = [walks[f"code {i + 1}"].flatten(2)[0, :, i] for i in range(2)]
    assert ends[0][-1].item() == pytest.approx(1.64, abs=0.2)
    assert ends[1][0].item() == pytest.approx(-8.2, abs=1)


def test_some_codes_can_be_chosen_and_others_are_said_not_to_be_there():
    assert list(traversals(Named(), 1, 2, "style")) == ["style 1", "style 2"]
    with pytest.raises(UsageError, match="there is no code 'hair': there is class, style 1, style 2"):
        traversals(Named(), 1, 2, "hair")
    assert movable(Named())
    assert not movable(Plain())
    with pytest.raises(UsageError, match="no codes to move"):
        traversals(Plain(), 1, 2)


def test_as_many_codes_as_pixels_are_moved_by_name_only(monkeypatch):
    monkeypatch.setattr("gen_models.analysis.traverse.MOST", 1)
    with pytest.raises(UsageError, match="2 codes, too many to move each: name some, such as --code 'code 1'"):
        traversals(Decoder(), 1, 2)
    assert list(traversals(Decoder(), 1, 2, "code 2")) == ["code 2"]


def test_the_strongest_codes_stay_in_their_order():
    walks = {name: torch.linspace(0, end, 3)[None, :, None] for name, end in {"a": 2.0, "b": 0.1, "c": -3.0}.items()}
    assert list(strongest(walks, 2)) == ["a", "c"]


def test_the_sheet_has_a_row_for_each_latent_and_the_film_comes_back():
    walks = {name: torch.rand(2, steps, 1, 40, 40) for name, steps in {"class": 8, "style": 10}.items()}
    assert sheet(walks).shape == (3, 2 * (2 * 42 + 2), 10 * 42 + 2)
    film = frames(walks)
    assert len(film) == 2 * 10 - 2
    assert torch.equal(film[1], film[-1])
