"""Maps of codes: points in the plane, coloured by class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from gen_models.errors import UsageError
from gen_models.media.plots import panels, rasterised
from gen_models.waiting import waiting

How = Literal["pca", "tsne"]
PERPLEXITY = 30
NAMED = 20


def code_map(sets: Mapping[str, tuple[Tensor, Tensor | None]], title: str, how: How = "pca", seed: int = 0) -> Tensor:
    """Draw sets of codes side by side on the same axes.

    Args:
        sets: By name: codes (N, D), and their classes (N,) or None.
        title: Of the whole.
        how: The way to two dimensions: see `to_plane`.
        seed: Of that way.

    Returns:
        (3, H, W) uint8.
    """
    points, axes = to_plane([codes for codes, _ in sets.values()], how, seed)
    placed = zip(sets.items(), points, strict=True)
    return _scatter({name: (where, y) for (name, (_, y)), where in placed}, axes, title)


def to_plane(sets: Sequence[Tensor], how: How = "pca", seed: int = 0) -> tuple[Sequence[Tensor], tuple[str, str]]:
    """Bring sets of codes (N, D) to two dimensions (N, 2); where D ≤ 2 they are there already, without t-SNE.

    Args:
        sets: PCA looks along the two directions in which the first set varies most (the first two codes, where it is a
            single point); t-SNE places all sets together, and only neighbourhoods mean something in it.
        how: PCA, or t-SNE (van der Maaten and Hinton 2008).
        seed: Of either.

    Returns:
        The sets, and what the two axes are.

    Raises:
        UsageError: t-SNE has nothing to reduce.
    """
    if how == "tsne" and sets[0].shape[1] <= 2:
        raise UsageError("codes of two dimensions are on a plane already: leave --map tsne out.")
    if how == "tsne" and len(sets[0]) > 1:
        return _neighbours(sets, seed)
    plane = plane_of(sets[0], seed)
    return [plane.place(codes) for codes in sets], plane.axes


@dataclass(frozen=True)
class Plane:
    """A plane in a space of codes.

    Attributes:
        origin: (D,) where it is 0.
        basis: (2, D) its directions, orthonormal; the second of codes of one dimension is 0.
        axes: What the two are.
    """

    origin: Tensor
    basis: Tensor
    axes: tuple[str, str]

    def place(self, codes: Tensor) -> Tensor:
        """Give the points (N, 2) of the plane that codes (N, D) are nearest to."""
        return (codes - self.origin) @ self.basis.T

    def lift(self, points: Tensor) -> Tensor:
        """Give the codes (N, D) of points (N, 2) of the plane."""
        return self.origin + points @ self.basis


def plane_of(codes: Tensor, seed: int = 0) -> Plane:
    """Find the plane in which codes (N, D) vary most: PCA, or their first two entries where D ≤ 2 or N < 2."""
    count, dim = codes.shape
    if dim <= 2 or count < 2:
        return Plane(torch.zeros(dim), torch.eye(2, dim), ("code 1", "code 2" if dim > 1 else ""))
    from sklearn.decomposition import PCA

    pca = PCA(2, random_state=seed).fit(codes.numpy())
    first, second = (f"PCA {i} of {dim}: {v:.0%} of variance" for i, v in enumerate(pca.explained_variance_ratio_, 1))
    return Plane(torch.from_numpy(pca.mean_), torch.from_numpy(pca.components_), (first, second))


def _neighbours(sets: Sequence[Tensor], seed: int) -> tuple[Sequence[Tensor], tuple[str, str]]:
    from sklearn.manifold import TSNE

    codes = torch.cat(list(sets))
    tsne = TSNE(2, perplexity=min(PERPLEXITY, (len(codes) - 1) / 3), random_state=seed)
    with waiting("placing codes by t-SNE"):
        placed = tsne.fit_transform(codes.numpy())
    name = f"t-SNE of {codes.shape[1]} dimensions"
    return torch.from_numpy(placed).split([len(part) for part in sets]), (name, name)


def _scatter(sets: Mapping[str, tuple[Tensor, Tensor | None]], axes: tuple[str, str], title: str) -> Tensor:
    from matplotlib import colormaps

    figure, plots = panels(len(sets), title)
    classes = sorted({int(c) for _, y in sets.values() if y is not None for c in y.unique()})
    colours = colormaps["tab10" if len(classes) <= 10 else "turbo"].resampled(max(1, len(classes)))
    for plot in plots[1:]:
        plot.sharex(plots[0])
        plot.sharey(plots[0])
    for plot, (name, (points, y)) in zip(plots, sets.items(), strict=True):
        groups = {"": points} if y is None else {str(c): points[y == c] for c in classes}
        for position, (group, inside) in enumerate(groups.items()):
            colour = "0.5" if y is None else colours(position)
            plot.scatter(inside[:, 0], inside[:, 1], s=6, color=colour, label=group, linewidths=0)
        plot.set(title=name, xlabel=axes[0], ylabel=axes[1])
    if 1 < len(classes) <= NAMED:
        named = plots[0].get_legend_handles_labels()
        figure.legend(*named, title="class", loc="outside right upper", fontsize=8, markerscale=2)
    return rasterised(figure)
