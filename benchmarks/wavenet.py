"""Drawing from a WaveNet whose receptive field is the last 2,047 samples and their layers' own, with queues, against
the usual way, which runs the whole network over the receptive field for every sample.

Two stacks of dilations 1 to 512, 32 channels, 256 levels. Both ways draw the same samples from the same noise on one
thread, side by side: the queues fill a canvas of 2,047 samples, the usual way then draws its last ones again.
"""

from statistics import median
from time import perf_counter

import torch

from gen_models.losses.categorical import Softmax
from gen_models.media.pixels import from_levels
from gen_models.networks.autoregressive.causal import Causal
from gen_models.networks.autoregressive.wavenet import WaveNet

LENGTH, LEVELS, AGAIN, PAIRS = 2047, 256, 12, 3


def draw(step, canvas, noise, positions):
    """Fill these positions of the canvas, and give the seconds that each took."""
    started = perf_counter()
    for position in positions:
        parameters = step(canvas, position, 0)
        level = Softmax().draw(parameters, canvas[:, :0, position], noise[position], LEVELS, 1.0)
        canvas[:, 0, position] = from_levels(level, LEVELS)
    return (perf_counter() - started) / len(positions)


@torch.no_grad()
def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    network = WaveNet((1, LENGTH), LEVELS, residual=32, dilated=32, skip=128, depth=10, stacks=2).eval()
    for batch in (1, 8):
        found = []
        for _ in range(PAIRS):
            canvas, noise = torch.zeros(batch, 1, LENGTH), torch.rand(LENGTH, batch, 2)
            queued = draw(network.stepper(batch), canvas, noise, range(LENGTH))
            again = canvas.clone()
            usual = draw(Causal.stepper(network, batch), again, noise, range(LENGTH - AGAIN, LENGTH))
            found.append((usual / queued, queued, usual, float((again == canvas).float().mean())))
        ratio, queued, usual, same = (median(values) for values in zip(*found, strict=True))
        print(f"drawing from a WaveNet with queues, batch {batch}: {ratio:.0f} times as fast as full passes", end=" ")
        print(f"({1000 * queued:.2f} ms a sample, {1000 * usual:.0f} ms; {same:.2%} of the samples are the same)")


if __name__ == "__main__":
    main()
