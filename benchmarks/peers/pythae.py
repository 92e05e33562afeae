"""A side of races: pythae's BaseTrainer and its VAE of perceptrons: 784, 512, 16 latents, batches of 128."""

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.trainers import BaseTrainer, BaseTrainerConfig

from benchmarks.pace import PacedLoader
from benchmarks.peers.sides import ITEMS, pace_of


def main() -> None:
    pace = pace_of("pythae")
    model = VAE(VAEConfig(input_dim=(1, 28, 28), latent_dim=16, reconstruction_loss="bce"))
    options = BaseTrainerConfig(per_device_train_batch_size=128, num_epochs=1, learning_rate=1e-3, no_cuda=True)
    data = BaseDataset(torch.rand(ITEMS, 1, 28, 28), torch.zeros(ITEMS))
    trainer = BaseTrainer(model, data, training_config=options)
    trainer.train_loader = PacedLoader(pace, trainer.train_loader)
    trainer.train()


if __name__ == "__main__":
    main()
