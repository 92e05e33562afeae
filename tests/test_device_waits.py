"""No turn waits for the device, whatever the model: what a GPU would have to be asked for is never asked for."""

import pytest
import torch
from lightning import Callback

from gen_models.core.readback import Readback
from gen_models.run.build import build_data, build_model, build_stream, build_trainer
from tests.test_contract import MODELS
from tests.waiting import batch_on_device, watched_turn

FAST = ("sngan", "vaegan", "ae", "glo", "ddpm", "dip", "progan")
"""Those that once waited, and two more games; the others wait for the slow suite."""
models = [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in MODELS]


@pytest.mark.parametrize("name", models)
def test_a_turn_reads_nothing_from_the_device_and_copies_nothing_to_it(name, compose_job, monkeypatch):
    cfg = compose_job(f"model={name}")
    data = build_data(cfg)
    model = build_model(cfg)
    model.get_ready(data)
    waits, kernels = watched_turn(model, data, batch_on_device(*data.train.gather(range(8))), monkeypatch)
    assert waits == []
    assert kernels > 20


class Logged(Callback):
    """Where Lightning keeps what was logged."""

    def __init__(self):
        self.devices = set()

    def on_train_batch_end(self, trainer, model, *_):
        self.devices |= {value.device.type for value in trainer.callback_metrics.values()}


def test_what_is_logged_stays_on_the_host(compose_job, monkeypatch):
    """Lightning looks at it in every later turn."""
    cfg = compose_job("model=gan", "network=mlp", "turns=4", "logger=csv", "callbacks=none")
    data = build_data(cfg)
    model = build_model(cfg)
    trainer = build_trainer(cfg, data)
    trainer.callbacks.append(logged := Logged())
    monkeypatch.setattr(type(model), "device", torch.device("meta"))  # where a Python number would be laid
    monkeypatch.setattr(model.prior, "sample", lambda n, size, device: torch.randn(n, size))
    trainer.fit(model, datamodule=build_stream(cfg, data, model))
    assert logged.devices == {"cpu"}


def test_the_loader_pins_what_it_gives_to_a_gpu(compose_job, monkeypatch):
    cfg = compose_job("model=gan", "data.flip=true", "callbacks=none")
    data = build_data(cfg)
    model = build_model(cfg)
    stream = build_stream(cfg, data, model)
    stream.trainer = build_trainer(cfg, data)
    for kind in ("cpu", "cuda"):
        monkeypatch.setattr(type(stream.trainer.strategy), "root_device", torch.device(kind))
        assert stream.train_dataloader().pin_memory == (kind == "cuda")
    batch = stream.train_dataloader().dataset[next(iter(stream.turns))]
    assert (batch.x.dtype, batch.mirrored.dtype) == (torch.uint8, torch.bool)


def test_a_reading_is_of_the_moment_it_was_begun():
    values = torch.tensor([1.0, 2.0])
    reading = Readback(values)
    values.zero_()
    assert reading.tolist() == [1.0, 2.0]
