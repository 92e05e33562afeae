"""The players of a model that has been built, as data: what each trains, what it minimises, and how it moves."""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from gen_models.core.model import GenerativeModel
from gen_models.core.player import Player
from gen_models.reports.explain.interpreter import terms
from gen_models.reports.explain.line import Line
from gen_models.reports.explain.rhythm import every, rates, steps
from gen_models.reports.explain.source import code, first_line, formula, is_formula, place
from gen_models.reports.explain.values import Terms


@dataclass(frozen=True)
class Section:
    """A player, or several that differ in nothing but their networks.

    Attributes:
        title: The player's name.
        rhythm: How often it moves, and by which optimizer.
        networks: What it trains.
        terms: What it minimises the sum of.
    """

    title: str
    rhythm: str
    networks: Sequence[Line]
    terms: Sequence[Line]


def sections(model: GenerativeModel) -> list[Section]:
    """Describe the players; those of one game at several sizes (LAPGAN's `critic_4`, `critic_8`) share a section."""
    found: dict[Any, Section] = {}
    for player, optimizer in zip(model.players(), model.configure_optimizers(), strict=True):
        rhythm = " · ".join([every(player.every), *steps(player.lazy), rates(optimizer)])
        networks, losses = list(networks_of(model, player)), list(losses_of(player))
        name, _, size = player.name.rpartition("_")
        key = (name, rhythm, *losses) if size.isdigit() else player.name
        if key in found:
            networks = [*found[key].networks, *networks]
        title = f"{name}_*" if key in found else player.name
        found[key] = Section(title, rhythm, networks, losses)
    return list(found.values())


def networks_of(model: GenerativeModel, player: Player) -> Iterator[Line]:
    """Name what a player trains by the model's attributes, and below a network the large one that it was given."""
    names = {id(network): name for name, network in model.named_children()}
    for network in player.networks:
        if amount := count(network):
            yield Line(names.get(id(network), ""), sized(network), place(type(network)))
            given = inspect.signature(type(network)).parameters
            for name, child in network.named_children():
                if name in given and place(type(child)) and count(child) > amount / 2:
                    yield Line(f"└ {name}", sized(child), place(type(child)))


def losses_of(player: Player) -> list[Line]:
    """Write each term of a player's objective as its formula; where the source hides them, what its docstring says."""
    lines = []
    for name, (source, *_) in terms_of(player).items():
        text = formula(source.function, source.part, source.factor)
        lines.append(Line(name, text, place(source.function), is_formula(text), code(source.function)))
    return lines or [Line("objective", first_line(player.losses), place(player.losses), code=code(player.losses))]


def terms_of(player: Player) -> Terms:
    """Give the named terms of a player, the lazy ones last, each with what computes it."""
    if (lazy := player.lazy) is None:
        return terms(player.losses)
    return terms(player.losses) | {name: found for name, found in terms(lazy.losses).items() if name in lazy.every}


def stated(model: GenerativeModel) -> set[type]:
    """Give the classes of all that stands in a section: networks with their layers, and the parts of terms."""
    players = model.players()
    layers = {type(layer) for player in players for network in player.networks for layer in network.modules()}
    found = [source.part for player in players for term in terms_of(player).values() for source in term]
    return layers | {type(part) for part in found}


def sized(network: nn.Module) -> str:
    """Name a network's class, of a linear layer its sizes, and the number of trainable parameters."""
    layer = isinstance(network, nn.Linear)
    name = f"{type(network).__name__}" + (f"({network.in_features}, {network.out_features})" if layer else "")
    return f"{name:22}{count(network):11,}"


def count(network: nn.Module) -> int:
    """Count the trainable parameters."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
