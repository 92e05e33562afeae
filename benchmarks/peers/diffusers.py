"""A side of races: the training loop of diffusers' documentation, with this project's lean U-Net.

UNet2DModel differs from this project's networks in its blocks; with the same network the loops are what differs:
Accelerator, DDPMScheduler, AdamW, a schedule of rates, clipping, a loss that is read in each turn.
"""

import torch
from accelerate import Accelerator
from diffusers import DDPMScheduler
from diffusers.optimization import get_cosine_schedule_with_warmup
from torch.nn.functional import mse_loss

from benchmarks.peers.sides import loader, pace_of
from gen_models.networks import LeanUNet

SHAPE, BATCH, STEPS = (3, 32, 32), 64, 1000


def main() -> None:
    pace = pace_of("diffusers")
    network = LeanUNet(SHAPE, width=48, multipliers=(1, 2), blocks=1, patch=2)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4)
    rates = get_cosine_schedule_with_warmup(optimizer, num_warmup_steps=500, num_training_steps=10**6)
    noises, accelerator = DDPMScheduler(num_train_timesteps=STEPS), Accelerator(cpu=True)
    network, optimizer, batches, rates = accelerator.prepare(network, optimizer, loader(SHAPE, BATCH), rates)
    for x, _ in pace.through(batches):
        noise = torch.randn_like(x)
        times = torch.randint(0, STEPS, (len(x),), dtype=torch.int64)
        with accelerator.accumulate(network):
            loss = mse_loss(network(noises.add_noise(x, noise, times), times / STEPS, None), noise)
            accelerator.backward(loss)
            accelerator.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            rates.step()
            optimizer.zero_grad()
        loss.detach().item()


if __name__ == "__main__":
    main()
