"""The engine with all default callbacks against a lean hand-written loop of the same mathematics.

Both play the main job's game (DCGAN networks, hinge loss, 32x32) on the same batches, turn by turn, so that whatever
else the machine does hits both; the figure is the median over blocks of turns, drawing and saving included. Options
change the job: `network.generator.width=8 data.batch_size=16` is a network so small that overhead rules.
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

from gen_models.core.stream import Chain, Turn
from gen_models.run.build import build_data, build_model, build_stream, build_trainer

BLOCK = 25
BLOCKS = 12


def configuration(folder):
    """The main job, on few pictures, drawing and saving as often as by default."""
    conf = str(Path(__file__).resolve().parent.parent / "conf")
    overrides = [f"paths.run={folder}", "data.count=2000", "data.test_count=200", "metrics=none", "trainer=cpu"]
    with initialize_config_dir(conf, version_base="1.3"):
        cfg = compose("train", [*overrides, f"turns={BLOCK * BLOCKS}", *sys.argv[1:]], return_hydra_config=True)
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
            real = batch.in_unit_range().x
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
    """After each turn of the engine, with all that belongs to it, lets the lean loop play one."""

    def __init__(self, lean):
        self.lean, self.times, self.started = lean, [], None

    def on_train_batch_end(self, trainer, model, *_):
        """Stop the engine's watch, let the other side play, and start it again."""
        ended = perf_counter()
        self.lean.play(1)
        now = perf_counter()
        if self.started is not None:
            self.times.append((ended - self.started, now - ended))
        self.started = now


def ratios(times):
    """The lean loop's time over the engine's, for each block of turns."""
    blocks = [times[i : i + BLOCK] for i in range(0, len(times) - BLOCK + 1, BLOCK)]
    return sorted(sum(lean for _, lean in block) / sum(engine for engine, _ in block) for block in blocks)


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
    found = ratios(alternate.times)
    spread = f"quartiles {found[len(found) // 4]:.3f} to {found[3 * len(found) // 4]:.3f}"
    print(f"engine with all default callbacks: {median(found):.3f} of the lean loop's speed ({spread})")


if __name__ == "__main__":
    sys.exit(main())
