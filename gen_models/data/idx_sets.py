"""Where the sets of the MNIST family come from, and how their files are told to be whole."""

from dataclasses import dataclass
from pathlib import Path

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


@dataclass(frozen=True)
class IdxSet:
    """One set.

    Attributes:
        classes: Names of the ten classes.
        mirrors: Addresses to which a file's name is appended.
        checksums: MD5 of each gzipped file, in the order of `FILES`.
        system: Directories where a package of the system puts the files.
        hint: Another way to the files, for the message when no mirror answers.
    """

    classes: tuple[str, ...]
    mirrors: tuple[str, ...]
    checksums: tuple[str, str, str, str]
    system: tuple[Path, ...] = ()
    hint: str = ""

    @property
    def md5(self) -> dict[str, str]:
        """The checksum of each file."""
        return dict(zip(FILES, self.checksums, strict=True))


SETS = {
    "mnist": IdxSet(
        classes=tuple("0123456789"),
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        checksums=(
            "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "d53e105ee54ea40749a09fcbcd1e9432",
            "9fb629c4189551a2d022fa330f9573f3",
            "ec29112dd5afa0611ce80d1b7f02629c",
        ),
    ),
    "fashion_mnist": IdxSet(
        classes=("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
        mirrors=(
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        ),
        checksums=(
            "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "25c81989df183df01b3e8a0aad5dffbe",
            "bef4ecab320f06d8554ea6380940ec79",
            "bb300cfdad3c16e7a12a480ee83cd310",
        ),
        system=(Path("/usr/share/datasets/fashion-mnist"),),
        hint=", or install them on Debian: apt install dataset-fashion-mnist",
    ),
    "kmnist": IdxSet(
        classes=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
        mirrors=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        checksums=(
            "bdb82020997e1d708af4cf47b453dcf7",
            "e144d726b3acfaa3e44228e80efcd344",
            "5c965bf0a639b31b8f53240b1b52f4d7",
            "7320c461ea6c1c855c0b718fb2a4b134",
        ),
    ),
}
