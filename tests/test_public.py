"""Public names: a package offers each class in its files by one name, whichever file it is in."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import gen_models
from gen_models.public import classes, exporting

ROOT = Path(gen_models.__file__).parent
PACKAGES = {
    ".".join(("gen_models", *path.parent.relative_to(ROOT).parts)): path.parent
    for path in sorted(ROOT.rglob("__init__.py"))
    if "exporting(__name__" in path.read_text(encoding="utf-8")
}
every_package = pytest.mark.parametrize("package", PACKAGES)


@every_package
def test_a_public_name_belongs_to_one_class(package):
    names = Counter(name for found in classes(package, PACKAGES[package]).values() for name in found)
    assert names, "a package that exports has something to export"
    assert [name for name, count in names.items() if count > 1] == []


@every_package
def test_every_public_name_is_that_class(package):
    module = import_module(package)
    for name in dir(module):
        assert getattr(module, name).__name__ == name
        assert getattr(module, name).__module__.startswith(package)


def package_of(folder, **files):
    """What a package `made` of these sources exports."""
    (folder / "__init__.py").touch()
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return exporting("made", str(folder / "__init__.py"))


def test_a_name_of_two_classes_is_refused_and_both_are_named(tmp_path):
    getattr_, dir_ = package_of(tmp_path, one="class Scale:\n    pass\n", other="class Scale(int):\n    pass\n")
    with pytest.raises(AttributeError, match=r"several 'Scale', in made\.one and made\.other: rename one"):
        getattr_("Scale")
    assert dir_() == ["Scale"]


def test_a_name_of_no_class_is_refused(tmp_path):
    getattr_, _ = package_of(tmp_path, one="class Scale:\n    pass\n")
    with pytest.raises(AttributeError, match="module 'made' has no attribute 'Weight'"):
        getattr_("Weight")
