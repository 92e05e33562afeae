"""Configurations that are composed once in a process: Hydra reads and merges 25 files for each, in a tenth of a second.

The suite composes a thousand, of which most are like another. What a test writes itself (a plug-in's files, a searched
folder) is read each time.
"""

import os
import pickle
from functools import wraps

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import ConfigRepository
from hydra.core.utils import JobRuntime
from hydra.version import getbase

from gen_models.run.conf import CONF

UNCHANGED = (f"file://{CONF}", "pkg://hydra.conf", "structured://")
"""Where files lie that no test writes."""


def remember():
    """Let Hydra remember the files that it read, and the configurations that it made of the same options."""
    ConfigRepository.load_config = _kept(ConfigRepository.load_config, _read_from)
    ConfigLoaderImpl.load_configuration = _kept(ConfigLoaderImpl.load_configuration, _composed_in)


def _read_from(repository):
    """Give the places of its files, on which alone a file depends."""
    return [source.full_path() for source in repository.sources], ()


def _composed_in(loader):
    """Give the places of its files, and what it notes in a configuration besides the options."""
    places, _ = _read_from(loader.repository)
    return places, (os.getcwd(), JobRuntime.instance().get("name"), str(getbase()))


def _kept(method, depends_on):
    """Give a method whose result is made once for the same arguments, and copied for each caller, who may change it."""
    results = {}

    @wraps(method)
    def kept(self, *args, **kwargs):
        places, others = depends_on(self)
        key = repr((args, kwargs, places, others))
        if "searchpath" in key or not all(place.startswith(UNCHANGED) for place in places):
            return method(self, *args, **kwargs)
        if key not in results:
            results[key] = pickle.dumps(method(self, *args, **kwargs))
        return pickle.loads(results[key])

    return kept
