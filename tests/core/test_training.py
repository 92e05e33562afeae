"""How a model is trained is said by the engine's signature; families pass it on by a typed dictionary."""

from typing import get_type_hints

from gen_models.core.engine import Engine
from gen_models.core.training import Training
from gen_models.run.hints import annotations


def test_families_pass_on_what_the_engine_takes():
    assert annotations(Engine) == get_type_hints(Training)
