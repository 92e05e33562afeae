"""What races whom: this project first, its yardstick second, and the ratio that is aimed at."""

from dataclasses import dataclass

from benchmarks.rounds import Side


@dataclass(frozen=True)
class Contest:
    """A row of the page.

    Args:
        what: Names it, for people and in the record.
        against: The yardstick.
        first: This project's side.
        second: The other.
        goal: How many times as fast the first should be.
        seconds: About as long a side plays in a round.
        why: What the page says where the goal is missed.
        guarded: Whether CI holds the committed ratio: of what needs no peer, and does the same work on both sides, so
            that the ratio is much the same on other machines.
    """

    what: str
    against: str
    first: Side
    second: Side
    goal: float
    seconds: float = 0.5
    why: str = ""
    guarded: bool = False


def engine(shape: str, *overrides: str) -> Side:
    """This project's engine, with all default callbacks."""
    return Side("benchmarks.engine", (shape, *overrides))


def own(module: str, *arguments: str) -> Side:
    """Another side in this project's environment."""
    return Side(f"benchmarks.{module}", arguments)


def peer(name: str, *arguments: str) -> Side:
    """A peer in its own."""
    return Side(f"benchmarks.peers.{name}", arguments, environment=name)


COLOUR, GREY, POINTS = "3,32,32", "1,28,28", "16"
SMALL = ("network.generator.width=8", "data.batch_size=16")
BF16 = "trainer.precision=bf16-mixed"
DCGAN = engine(COLOUR, "model=dcgan", "network.generator.width=64")
DCGAN_BF16 = engine(COLOUR, "model=dcgan", "network.generator.width=64", BF16)
HIDDEN = ("network.encoder.hidden=[512]", "network.decoder.hidden=[512]", "model.latent_dim=16")
VAE = engine(GREY, "model=vae", "network=mlp", *HIDDEN, "data.batch_size=128")
REALNVP = engine(POINTS, "model=realnvp", "data.batch_size=256")
SPLINE = engine(POINTS, "model=spline_flow", "data.batch_size=256")
GLOW = engine(COLOUR, "model=glow", "network.flow.steps=4", "data.batch_size=16")
EULER = "model.solver._target_=gen_models.diffusion.Euler"
UNIFORM = "model.grid._target_=gen_models.diffusion.UniformGrid"
STORE = own("loading", "store")
MATCHED = own("drawing", "16", COLOUR, "model=flow_matching", EULER, UNIFORM, "model.steps=20")

LOOP = "By a profile at width 8 Lightning's hooks take 4 % of a turn, its loader 1 %, pictures of samples 1 %."
ARITHMETIC = "The networks are the same on both sides, and their convolutions fill most of a turn on one core."
VAE_PRODUCTS = (
    "Five large products of matrices, which both sides need, are 77 % of this project's turn by a profile; Lightning's "
    "hooks and this project's callbacks take 9 % by one of Python, which overrates them."
)
PRODUCTS = (
    "Products of matrices and rectifiers, which both sides need, are two thirds of the turn's operations by a profile. "
    "This project's turn has the paper's L2 penalty besides; hooks take 4 % of it, the loader 3 %, by a profile of "
    "Python, which overrates both."
)
ALIKE = (
    "By a profile softmaxes over eight bins take 22 % of this project's turn, products of matrices 23 %, and five "
    "thousand small operations the rest, on the same sizes on both sides."
)
PUBLISHED = (
    "Convolutions, which both sides need, are two thirds of this project's turn by a profile. Of the rest, by leaving "
    "one thing out at a time: planes that mark edges 10 %, gains within convolutions 7 %, Gaussians that depend on "
    "what goes on or are learned 9 %, which the authors' code has and normflows in part leaves out; 1x1 convolutions "
    "11 %, actnorm 6 %."
)
SAME_NETWORK = (
    "The networks are the same on both sides and fill the turn. With their maps laid out pixel by pixel, as "
    "convolutions of other networks want them, this side was at 0.92."
)
HALVES = "Convolutions in bfloat16 are less than 1.9 times as fast as in float32 at these sizes."
COLOURS = (
    "Convolutions, which both sides need, are 60 % of this project's turn by a profile, the softmax over 256 levels of "
    "three channels 15 %; and this side's channels see each other in turn, by masks."
)
EXTRACTOR = "The network's convolutions, which both sides need, are 85 % of this project's pass by a profile."
AFFINE = "RealNVP turn on points, 10 couplings"
TURN = "the same network and batches of 64"
CONTESTS = (
    Contest("GAN turn, the main job", "lean loop", engine(COLOUR), own("lean", COLOUR), 0.98, why=LOOP, guarded=True),
    Contest(
        "GAN turn, width 8, batches of 16", "lean loop",
        engine(COLOUR, *SMALL), own("lean", COLOUR, *SMALL), 0.95, why=LOOP, guarded=True,
    ),
    Contest(
        "GAN turn, the main job in bfloat16", "lean loop in float32",
        engine(COLOUR, "network.generator.width=64", BF16), own("lean", COLOUR, "network.generator.width=64"), 1.9,
        why=HALVES,
    ),
    Contest("DCGAN turn, width 64", "torchgan", DCGAN, peer("torchgan", "64"), 1.15, why=ARITHMETIC),
    Contest("DCGAN turn, width 64", "mimicry", DCGAN, peer("mimicry", "64"), 1.15, why=ARITHMETIC),
    Contest("DCGAN turn, width 64, bfloat16", "mimicry in float32", DCGAN_BF16, peer("mimicry", "64"), 1.9, why=HALVES),
    Contest("VAE turn, 784-512-16", "pythae", VAE, peer("pythae"), 1.5, why=VAE_PRODUCTS),
    Contest(AFFINE, "normflows", REALNVP, peer("normflows", "realnvp"), 1.3, why=PRODUCTS),
    Contest(AFFINE, "nflows", REALNVP, peer("nflows", "realnvp"), 1.3, why=PRODUCTS),
    Contest(AFFINE, "zuko", REALNVP, peer("zuko", "realnvp"), 1.3, why=PRODUCTS),
    Contest("Spline flow turn on points, 6 couplings", "normflows", SPLINE, peer("normflows", "spline"), 1.3),
    Contest("Spline flow turn on points, 6 couplings", "nflows", SPLINE, peer("nflows", "spline"), 1.3, why=ALIKE),
    Contest("Spline flow turn on points, 6 couplings", "zuko", SPLINE, peer("zuko", "spline"), 1.3, why=ALIKE),
    Contest("Glow turn, L 2, K 4, width 64", "normflows", GLOW, peer("normflows", "glow"), 1.3, why=PUBLISHED),
    Contest(
        "Gated PixelCNN turn, grey", "pytorch-generative",
        engine(GREY, "model=gated_pixelcnn"), peer("pytorch_generative", GREY), 1.4,
    ),
    Contest(
        "Gated PixelCNN turn, colour", "pytorch-generative",
        engine(COLOUR, "model=gated_pixelcnn"), peer("pytorch_generative", COLOUR), 2.2, why=COLOURS,
    ),
    Contest(
        "flow matching turn, " + TURN, "torchcfm",
        engine(COLOUR, "model=flow_matching"), peer("torchcfm", "train"), 1.15, why=SAME_NETWORK,
    ),
    Contest(
        "flow matching, 16 samples by 20 evaluations", "torchcfm",
        MATCHED, peer("torchcfm", "sample"), 1.3, why=SAME_NETWORK,
    ),
    Contest(
        "DDPM turn, " + TURN, "diffusers",
        engine(COLOUR, "model=ddpm"), peer("diffusers"), 1.15, why=SAME_NETWORK,
    ),
    Contest(
        "drawing from a Gated PixelCNN, 11 layers of 64, 16 of 28×28", "a full pass a pixel",
        own("causal", "pixels", "cached"), own("causal", "pixels", "full"), 300,
    ),
    Contest(
        "drawing from a WaveNet, receptive field 2,047", "a full pass a sample",
        own("causal", "sound", "cached"), own("causal", "sound", "full"), 40,
    ),
    Contest("loading 64 pictures of 64×64", "PNG files", STORE, own("loading", "files"), 25),
    Contest(
        "FID of 5,000, features given", "torchmetrics",
        own("judging", "features", "ours"), own("judging", "features", "torchmetrics"), 2,
    ),
    Contest(
        "FID of 1,500 pictures by EfficientNet-Lite0", "torchmetrics, the network of its package",
        own("judging", "pictures", "ours"), own("judging", "pictures", "torchmetrics"), 2, why=EXTRACTOR,
    ),
)  # fmt: skip
