"""The folders of the package: whom each imports, read from the sources."""

import ast
import re
from pathlib import Path

import gen_models

PACKAGE = Path(gen_models.__file__).parent
MODULES = {
    ".".join(("gen_models", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def imported(path):
    """Modules of this project that a file names, also within functions and for type checkers."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports by a relative path"
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name if name in MODULES else node.module for name in names)


def folder(module):
    """The folder of a module: `gen_models.networks.gan` of `gen_models.networks.gan.dcgan`."""
    return module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]


def test_no_two_folders_import_each_other_in_a_circle():
    arrows = {folder(module): set() for module in MODULES}
    for module, path in MODULES.items():
        arrows[folder(module)] |= {folder(name) for name in imported(path) if name in MODULES} - {folder(module)}
    arrows.pop("gen_models")  # the front door: it imports what it offers, when it is asked for
    for room in arrows:
        assert room not in reached(room, arrows), f"{room} imports itself through others"


def reached(room, arrows):
    """All folders on the way from one, which is among them only where there is a circle."""
    found, ahead = set(), [*arrows[room]]
    while ahead:
        if (other := ahead.pop()) not in found and other in arrows:
            found.add(other)
            ahead += arrows[other]
    return found


def test_networks_and_losses_know_nothing_of_training():
    for module, path in MODULES.items():
        if module.split(".")[1:2] in (["networks"], ["losses"], ["constraints"]):
            rooms = {name.split(".")[1] for name in imported(path) if name.startswith("gen_models.")}
            assert rooms <= {"networks", "losses", "constraints", "media", "public", "errors", "bounds"}, module


def test_files_are_written_whole():
    """By `files.py`: what is written in its place is half a file for whoever reads it then, or after a power cut."""
    in_place = re.compile(r"\.write_text\(|\.write_bytes\(|OmegaConf\.save\(|\bopen\([^)]*[\"']wb?[\"']")
    places = re.compile(r"\bplace\.open\(|archive\.open\(|os\.fdopen\(")  # of `replacing`, in a file, or of a moment
    found = {
        f"{module}: {line.strip()}"
        for module, path in MODULES.items()
        for line in path.read_text("utf-8").splitlines()
        if in_place.search(line) and not places.search(line)
    }
    assert {line.partition(":")[0] for line in found} == {"gen_models.data.store"}, found  # which fills a new folder
