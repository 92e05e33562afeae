"""Rules that all classes of the package keep: read off the classes themselves."""

import inspect
import pkgutil
from abc import ABC
from collections import defaultdict
from importlib import import_module

import pytest

import gen_models
from gen_models.errors import UsageError
from gen_models.run.build import build_data, build_model

MODULES = [info.name for info in pkgutil.walk_packages(gen_models.__path__, "gen_models.")]


def own_classes():
    """Every class that a module of the package defines."""
    for name in MODULES:
        if not name.endswith("__main__"):
            found = vars(import_module(name)).values()
            yield from (each for each in found if inspect.isclass(each) and each.__module__ == name)


CLASSES = [*own_classes()]
PROTOCOLS = [each for each in CLASSES if getattr(each, "_is_protocol", False)]
RUNTIME = [each for each in PROTOCOLS if getattr(each, "_is_runtime_protocol", False)]


def members(protocol):
    """What a Protocol itself asks for, without what it inherits."""
    names = {*vars(protocol), *inspect.get_annotations(protocol)}
    return {name for name in names if name == "__call__" or not name.startswith("_")}


def test_a_name_belongs_to_one_protocol_that_is_asked_for_at_run_time():
    """`isinstance` looks at names alone: two meanings of one name would be taken for each other."""
    owners = defaultdict(set)
    for protocol in RUNTIME:
        for name in members(protocol):
            owners[name].add(protocol.__qualname__)
    assert {"encode", "log_prob", "classes"} <= set(owners)
    assert {name: sorted(each) for name, each in owners.items() if len(each) > 1} == {}


def test_no_protocol_asks_at_run_time_whether_something_can_be_called():
    """Everything with `__call__` would pass: a network, a class, a function."""
    assert [each.__qualname__ for each in RUNTIME if "__call__" in members(each)] == []


def test_a_class_is_abstract_or_has_no_subclass():
    """A class is something to complete, or something complete; what both are can be broken from either side."""
    parents = {base for each in CLASSES for base in each.__bases__} & set(CLASSES)
    both = {each for each in parents if not abstract(each) and not issubclass(each, Exception)}
    assert sorted(each.__qualname__ for each in both) == []


def abstract(each):
    """Whether a class can't be made: it lacks a method, or it is a Protocol."""
    return inspect.isabstract(each) or each in PROTOCOLS


def test_what_is_called_abstract_can_not_be_made():
    """An `ABC` without an abstract method would be made without a word."""
    direct = [each for each in CLASSES if ABC in each.__bases__]
    assert [each.__qualname__ for each in direct if not abstract(each)] == []


def test_a_critic_that_classifies_is_not_taken_for_one_that_shows_its_features(compose_job):
    """Both give two tensors in one pass; by one method name, VAEGAN trained on class logits as features."""
    options = ["model=vaegan", "network=dcgan_classifier", "network.generator.classes=${spec.num_classes}"]
    cfg = compose_job(*options, "network.decoder.bounded=true")
    build_data(cfg)
    with pytest.raises(UsageError, match="compares samples in the critic's features: choose network=vaegan"):
        build_model(cfg)
