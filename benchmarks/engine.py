"""The engine with all default callbacks against a lean hand-written loop of the same mathematics.

Both play the main job's game (DCGAN networks, hinge loss, 32x32) on the same batches, in turns, so that whatever else
the machine does hits both; the figure is the median of the paired ratios.
"""

import logging
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from lightning import Callback
from omegaconf import OmegaConf, open_dict

from gen_models.core.build import build_data, build_model, build_stream, build_trainer
from gen_models.core.stream import Chain, Turn
from gen_models.pixels import to_unit_range

BLOCK = 25
BLOCKS = 12


def configuration(folder):
    """The main job, on few pictures, drawing and saving as often as by default."""
    conf = str(Path(__file__).resolve().parent.parent / "conf")
    overrides = [f"paths.run={folder}", "data.count=2000", "data.test_count=200", "metrics=none", "trainer=cpu"]
    with initialize_config_dir(conf, version_base="1.3"):
        cfg = compose("train", [*overrides, f"turns={BLOCK * BLOCKS}"], return_hydra_config=True)
    HydraConfig.instance().set_config(cfg)
    choices = OmegaConf.to_container(cfg.choices, resolve=True)
    with open_dict(cfg):
        cfg.choices = choices
        del cfg["hydra"]
    return cfg


class Lean:
    """The same game without a framework: no graph through G in D's move, D frozen in G's, no waiting."""

    def __init__(self, cfg, data):
        model = build_model(cfg)
        self.g, self.d = model.generator.train(), model.discriminator.train()
        self.chain, self.turn, self.size = Chain(data.train, cfg.seed, flip=True), 0, data.batch_size
        self.g_opt = torch.optim.Adam(self.g.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
        self.d_opt = torch.optim.Adam(self.d.parameters(), lr=4e-4, betas=(0.5, 0.999), fused=True)
        self.average = [p.detach().clone() for p in self.g.parameters()]

    def play(self, turns):
        """Play that many turns."""
        for _ in range(turns):
            batch = self.chain[Turn(self.turn, self.turn * self.size, self.size)]
            self.turn += 1
            real = to_unit_range(batch.x)
            with torch.no_grad():
                fake = self.g(torch.randn(self.size, 100))
            self.d_opt.zero_grad()
            (torch.relu(1 - self.d(real)).mean() + torch.relu(1 + self.d(fake)).mean()).backward()
            self.d_opt.step()
            self.d.requires_grad_(False)
            self.g_opt.zero_grad()
            (-self.d(self.g(torch.randn(self.size, 100))).mean()).backward()
            self.g_opt.step()
            self.d.requires_grad_(True)
            with torch.no_grad():
                torch._foreach_lerp_(self.average, list(self.g.parameters()), 0.01)


class Alternate(Callback):
    """After each block of the engine's turns, lets the lean loop play as many."""

    def __init__(self, lean):
        self.lean, self.ratios, self.started = lean, [], 0.0

    def on_train_batch_start(self, trainer, model, batch, batch_idx):
        """Start the watch."""
        if model.clock.turn % BLOCK == 0:
            self.started = perf_counter()

    def on_train_batch_end(self, trainer, model, *_):
        """Stop the watch, and let the other side play."""
        if model.clock.turn % BLOCK == 0:
            engine = perf_counter() - self.started
            started = perf_counter()
            self.lean.play(BLOCK)
            self.ratios.append((perf_counter() - started) / engine)


def main():
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        cfg = configuration(folder)
        data = build_data(cfg)
        model = build_model(cfg)
        lean = Lean(cfg, data)
        lean.play(5)
        trainer = build_trainer(cfg, data)
        alternate = Alternate(lean)
        trainer.callbacks.append(alternate)
        trainer.fit(model, datamodule=build_stream(cfg, data, model))
    ratios = sorted(alternate.ratios[1:])
    spread = f"quartiles {ratios[len(ratios) // 4]:.3f} to {ratios[3 * len(ratios) // 4]:.3f}"
    print(f"engine with all default callbacks: {median(ratios):.3f} of the lean loop's speed ({spread})")


if __name__ == "__main__":
    sys.exit(main())
