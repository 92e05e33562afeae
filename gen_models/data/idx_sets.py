"""Where the sets of the MNIST family come from, and how their files are told to be whole."""

from dataclasses import dataclass
from pathlib import Path

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@dataclass(frozen=True)
class IdxSet:
    """Data set in the IDX format of MNIST: where its four files are, and how they are recognised.

    Attributes:
        classes: Names of the ten classes.
        mirrors: Addresses to which a file's name is appended.
        checksums: SHA-256 of each gzipped file, in the order of `FILES`.
        system: Directories where a package of the system puts the files.
        hint: Another way to the files, for the message when no mirror answers.
    """

    classes: tuple[str, ...]
    mirrors: tuple[str, ...]
    checksums: tuple[str, str, str, str]
    system: tuple[Path, ...] = ()
    hint: str = ""

    @property
    def sha256(self) -> dict[str, str]:
        """The SHA-256 of each file."""
        return dict(zip(FILES, self.checksums, strict=True))


SETS = {
    "mnist": IdxSet(
        classes=tuple("0123456789"),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        checksums=(
            "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        ),
    ),
    "fashion_mnist": IdxSet(
        classes=("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
        mirrors=(
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        checksums=(
            "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
            "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        ),
        system=(Path("/usr/share/datasets/fashion-mnist"),),
        hint=", or install them on Debian: apt install dataset-fashion-mnist",
    ),
    "kmnist": IdxSet(
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        mirrors=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        checksums=(
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
        ),
    ),
}
