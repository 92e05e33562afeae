"""Perceptual distance: two changes of one picture, in pixels and in the features of a critic (Larsen et al. 2016).

https://arxiv.org/abs/1512.09300
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d, one_hot

from gen_models.errors import UsageError
from gen_models.experiments.theory.watch import Watch
from gen_models.families.game import Game
from gen_models.media.pixels import to_unit_range
from gen_models.media.plots import label, panels, rasterised
from gen_models.metrics.standard_errors import share_error
from gen_models.networks.critics.heads import Body

SPECKS = 2
THICKER = 5
MARGIN = 2
ITEMS = 1000
SHOWN = 6


@runtime_checkable
class Featured(Protocol):
    """A critic with a backbone (body), whose features can be compared."""

    body: Body


class Changes(NamedTuple):
    """Pictures (N, 1, H, W) of -1 and 1, and two changes of each.

    Attributes:
        x: The pictures.
        a: With two single white pixels that touch nothing: noise.
        b: With a stroke that is five pixels thicker at one place: another hand.
    """

    x: Tensor
    a: Tensor
    b: Tensor


def changes(x: Tensor) -> tuple[Changes, Tensor]:
    """Change pictures (N, 1, H, W) in [-1, 1], made black and white at 0.

    Returns:
        The changes of the pictures that have room for both, and which those are: (N,) bool.
    """
    strokes = (x > 0).float()
    specks, room = torch.zeros_like(strokes), torch.ones(len(x), dtype=torch.bool)
    for _ in range(SPECKS):
        empty = 1 - grown(strokes + specks, MARGIN)
        room &= empty.flatten(1).any(1)
        specks = specks + one_of(empty)
    edge = grown(strokes, 1) - strokes
    room &= edge.flatten(1).sum(1) >= THICKER
    thicker = strokes + nearest(edge, one_of(edge), THICKER)
    return Changes(*((2 * picture - 1)[room] for picture in (strokes, strokes + specks, thicker))), room


def grown(mask: Tensor, reach: int) -> Tensor:
    """Mask (N, 1, H, W) of all pixels within `reach` of a marked one, diagonals included."""
    return max_pool2d(mask, 2 * reach + 1, stride=1, padding=reach)


def one_of(mask: Tensor) -> Tensor:
    """Mask of one marked pixel of each picture, drawn evenly."""
    chosen = (mask * (1 + torch.rand_like(mask))).flatten(1).argmax(1)
    return one_hot(chosen, mask[0].numel()).to(mask).view_as(mask)


def nearest(mask: Tensor, to: Tensor, count: int) -> Tensor:
    """Mask of the `count` marked pixels of each picture that are nearest to the one marked in `to`."""
    places = torch.cartesian_prod(*(torch.arange(float(side)) for side in mask.shape[2:]))
    distances = torch.cdist(places[to.flatten(1).argmax(1)], places).masked_fill(mask.flatten(1) == 0, torch.inf)
    chosen = distances.topk(count, largest=False).indices
    return one_hot(chosen, mask[0].numel()).sum(1).to(mask).view_as(mask)


class PixelDistance(Watch[Game]):
    """Plot of the share of held-out pictures whose change B is nearer than A, by three distances. See `Watch`.

    In pixels, A is two away and B five. In the features of the critic's body the distance is Euclidean; to its logit it
    is what the critic makes of the difference.
    """

    def check(self, model: Any, source: Any) -> None:
        """Refuse what has no critic's features, and data that is not grey pictures.

        Raises:
            UsageError: Either.
        """
        if not isinstance(model, Game) or not isinstance(model.network("discriminator"), Featured):
            raise UsageError("this experiment looks at the features of a critic: use model=sngan or another GAN.")
        if source.spec["shape"][0] != 1:
            raise UsageError("this experiment changes black and white pictures: use data=mnist or data=digits.")

    def look(self, game: Game, source: Any) -> dict[str, Any]:
        """Note how many pictures' B is nearer."""
        x, y = source.test.gather(range(min(ITEMS, len(source.test))))
        pictures, room = changes(to_unit_range(x))
        critic, y = game.network("discriminator"), y[room]
        assert isinstance(critic, Featured)
        views: dict[str, Callable[[Tensor], Tensor]] = {
            "pixels": lambda picture: picture.flatten(1),
            "features": lambda picture: critic.body(picture, y).float(),
            "logit": lambda picture: game.score(picture, y)[:, None],
        }
        distances = {name: _distances([view(picture) for picture in pictures]) for name, view in views.items()}
        return {
            "count": len(y),
            "nearer": {name: (b < a).double().mean().item() for name, (a, b) in distances.items()},
            "ratio": (distances["features"][1] / distances["features"][0]).median().item(),
            "pictures": torch.stack(pictures)[:, :SHOWN, 0],
            "distances": distances["features"][:, :SHOWN],
        }

    def draw(self, game: Game, source: Any) -> tuple[Sequence[Tensor], Mapping[str, float]]:
        """Draw some pictures with their changes, and the shares over the turns."""
        untrained, last = self.looks[0], self.looks[-1]
        count, figures = last["count"], {"pictures": float(last["count"])}
        for name, share in last["nearer"].items():
            figures[f"B nearer in {name}"] = share
            figures[f"B nearer in {name}, error"] = share_error(share, count)
            figures[f"B nearer in {name}, untrained"] = untrained["nearer"][name]
        figures |= {"B over A in features": last["ratio"], "B over A in features, untrained": untrained["ratio"]}
        figure, (left, right) = panels(2, self.title)
        _draw_pictures(left, last["pictures"], last["distances"])
        self._draw_shares(right, count)
        return [rasterised(figure)], figures

    def _draw_shares(self, axes: Any, count: int) -> None:
        turns = [look["turn"] for look in self.looks]
        for name in self.looks[-1]["nearer"]:
            shares = [look["nearer"][name] for look in self.looks]
            errors = [share_error(share, count) for share in shares]
            axes.errorbar(turns, shares, errors, capsize=2, label=f"B is nearer in {name}")
        axes.set_ylim(-0.03, 1.03)
        label(axes, "turn", f"share of {count} pictures")


def _distances(views: Sequence[Tensor]) -> Tensor:
    """How far A and B (2, N) are from the pictures, of views (N, D) of pictures, A and B."""
    x, *others = views
    return torch.stack([(x - other).norm(dim=1) for other in others])


def _draw_pictures(axes: Any, pictures: Tensor, distances: Tensor) -> None:
    """A row each of pictures, their A and their B (3, N, H, W), with distances (2, N) of A and B below them."""
    tiles = torch.nn.functional.pad(pictures, (1, 1, 1, 1 + pictures.shape[2] // 3), value=1.0)
    axes.imshow(torch.cat([torch.cat(list(row), dim=1) for row in tiles]), cmap="gray", vmin=-1, vmax=1)
    height, width = tiles.shape[2:]
    for row, (change, pixels, values) in enumerate(zip("AB", (SPECKS, THICKER), distances, strict=True), start=2):
        for column, value in enumerate(values.tolist()):
            where = ((column + 0.5) * width, row * height - 2)
            axes.text(*where, f"{change}: {pixels} px, {value:.2f}", ha="center", va="bottom", fontsize=6)
    axes.set_axis_off()
    axes.set_title("pictures, A, and B: distances in pixels and in features", fontsize=8)
