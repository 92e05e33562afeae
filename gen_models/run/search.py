"""A search by Optuna (Akiba et al. 2019, https://arxiv.org/abs/1907.10902): trials are jobs of a sweep.

The study asks for trials and is told what they came to. It is a function of its seed and of these figures, so that an
interrupted search goes on as if it had not been.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal, cast

import optuna
from filelock import FileLock, Timeout
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobReturn, JobStatus
from hydra.errors import InstantiationException
from hydra.utils import instantiate
from omegaconf import DictConfig, OmegaConf
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import StorageInternalError
from optuna.samplers import BaseSampler
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError

from gen_models.bounds import Positive
from gen_models.errors import Occupied, UsageError
from gen_models.files import write_text
from gen_models.run.check_values import check_bound, check_nothing, check_scalar
from gen_models.run.hints import annotations, options, remarks
from gen_models.run.search_space import divided, overriding

RESULTS = "optimization_results.yaml"
LOCK = ".search.lock"
FIXED = "fixed"
"""Under this name a study keeps what is the same in all of its trials."""
SPACE = "space"
"""Under this one what they choose from."""

Launch = Callable[[Sequence[Sequence[str]], int], Sequence[JobReturn]]
"""(overrides of each job, number of the first) -> what became of each."""
Check = Callable[[Sequence[Sequence[str]]], object]
"""Refuses a search by the overrides of jobs that it may begin with, of which the first is its first."""
LOOKED_AT = 20
"""Such jobs: so many that one which could begin is hardly missed."""
Proposal = tuple[int, dict[str, Any]]
"""A trial: its number, and its values by the names of options."""


@dataclass(frozen=True)
class SearchOptions:
    """What is asked of a search.

    Args:
        study_name: Its name in the storage.
        storage: Where it is kept, as an address of SQLAlchemy's (`sqlite:///search.db`); None for memory.
        direction: Whether a good figure is small or large.
        n_trials: Trials in all, those of earlier commands among them.
        n_jobs: Trials that are launched together.
        sampler: What proposes them.
        seed: Of the proposals.
    """

    study_name: str | int
    storage: str | None
    direction: Literal["minimize", "maximize"]
    n_trials: Positive
    n_jobs: Positive
    sampler: DictConfig
    seed: int

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> "SearchOptions":
        """Take the options of the sweeper as they were composed.

        Raises:
            UsageError: One of them has a value that it does not take.
        """
        bounds = remarks(cls)
        for name, hint in (annotations(cls) or {}).items():
            path, value, taken = f"hydra.sweeper.{name}", given[name], list(options(hint))
            if value is None:
                check_nothing(path, taken)
            elif hint is not DictConfig:
                check_scalar(path, value, taken)
            check_bound(path, value, bounds.get(name, ()))
        return cls(**given)


def search(
    asked: SearchOptions, overrides: Sequence[Override], launch: Launch, folder: Path, check: Check = lambda jobs: None
) -> None:
    """Run the trials that are missing, those first that were interrupted; a failed one is told as such.

    Args:
        asked: What is asked for.
        overrides: What varies, and what does not.
        launch: Runs jobs.
        folder: The sweep's, which holds their directories.
        check: Of a search that has not begun there yet, before there is anything that would be left behind.

    Raises:
        UsageError: Nothing varies, there is no such sampler, or the study is of another search.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    space, fixed = divided(overrides)
    begun = optuna.create_study(sampler=_sampler(asked, 0))  # in memory
    first = [begun.ask(space).params for _ in range(LOOKED_AT)]
    if not (folder / LOCK).exists():
        check([[*fixed, *overriding(values)] for values in first])
    with _alone(folder):
        study = _opened(asked, fixed, space)
        trials = _trials(study, asked, space)
        while batch := list(islice(trials, asked.n_jobs)):
            jobs = [[*fixed, *overriding(values)] for _, values in batch]
            for (number, values), result in zip(batch, launch(jobs, batch[0][0]), strict=True):
                _tell(study, number, values, result)
        _conclude(study, folder)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes out of a folder, and leave none behind that would hold nothing."""
    fresh = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / LOCK, timeout=1):
            yield
    except Timeout as error:
        raise Occupied(f"another process is searching in {folder}: wait for it, or choose another study=….") from error
    finally:
        if fresh and [path.name for path in folder.iterdir()] == [LOCK]:
            rmtree(folder)


def _opened(asked: SearchOptions, fixed: Sequence[str], space: Mapping[str, BaseDistribution]) -> optuna.Study:
    """Begin a study, or go on with it."""
    study = _stored(asked)
    if (stored := study.direction.name.lower()) != asked.direction:
        raise UsageError(
            f"{asked.study_name} searches by hydra.sweeper.direction={stored}: say so, or choose another study=…."
        )
    among = [f"{name} in {_words(values)}" for name, values in space.items()]
    for name, asked_now in ((FIXED, fixed), (SPACE, among)):
        before = study.user_attrs.get(name)
        if before is not None and sorted(before) != sorted(asked_now):
            differing = ", ".join(sorted({*before} ^ {*asked_now}))
            raise UsageError(f"{asked.study_name} searched under other options ({differing}): choose another study=….")
        study.set_user_attr(name, list(asked_now))
    return study


def _stored(asked: SearchOptions) -> optuna.Study:
    """The study that is kept, or a new one.

    Raises:
        UsageError: It can't be kept there.
    """
    name = str(asked.study_name)
    try:
        return optuna.create_study(
            study_name=name, storage=asked.storage, direction=asked.direction, load_if_exists=True
        )
    except (SQLAlchemyError, StorageInternalError, ImportError) as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        raise UsageError(
            f"the study can't be kept in hydra.sweeper.storage={asked.storage} ({reason}): give an address such as "
            "sqlite:///search.db, or another study=… where the file of this one is damaged."
        ) from error


def _words(values: BaseDistribution) -> str:
    """What an option is chosen from, in words."""
    if isinstance(values, CategoricalDistribution):
        return ", ".join(map(str, values.choices))
    assert isinstance(values, IntDistribution | FloatDistribution)
    scale, step = " on a logarithmic scale" if values.log else "", values.step
    return f"{values.low} to {values.high}{scale}" + (f" in steps of {step}" if step not in (None, 1) else "")


def _trials(study: optuna.Study, asked: SearchOptions, space: dict[str, BaseDistribution]) -> Iterator[Proposal]:
    """Give the trials that a process before this one has begun, then new ones."""
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        if trial.params.keys() == space.keys():
            yield trial.number, trial.params
    while len(study.trials) < asked.n_trials:
        study.sampler = _sampler(asked, len(study.trials))
        proposed = study.ask(space)
        yield proposed.number, proposed.params


def _sampler(asked: SearchOptions, number: int) -> BaseSampler:
    """What proposes the trial of a number.

    Raises:
        UsageError: The configuration names none of Optuna's, or gives it an option that it does not take.
    """
    try:
        return cast(BaseSampler, instantiate(asked.sampler, seed=_seed(asked.seed, number)))
    except InstantiationException as error:
        raise UsageError(
            f"hydra.sweeper.sampler can't be built as {OmegaConf.to_container(asked.sampler)}: name a class of "
            f"optuna.samplers as its _target_, with options that it takes."
        ) from error


def _seed(seed: int, number: int) -> int:
    """The seed of a trial's proposal: a sampler that begins anew would repeat its first ones."""
    return int.from_bytes(blake2b(f"{seed}/{number}".encode(), digest_size=4).digest(), "big")


def _tell(study: optuna.Study, number: int, values: dict[str, Any], result: JobReturn) -> None:
    figure = result._return_value if result.status is JobStatus.COMPLETED else None
    if figure is None or math.isnan(figure):
        study.tell(number, state=TrialState.FAIL)
        print(f"trial {number} failed: {' '.join(overriding(values))}", flush=True)
        return
    study.tell(number, figure)
    best = study.best_trial
    told = "the best so far" if best.number == number else f"the best is {best.value:.5g}, of trial {best.number}"
    print(f"trial {number}: {figure:.5g} ({told}): {' '.join(overriding(values))}", flush=True)


def _conclude(study: optuna.Study, folder: Path) -> None:
    """Write what came of it."""
    if not study.get_trials(states=(TrialState.COMPLETE,)):
        raise UsageError(f"no trial of the search could be measured: gen-models status {folder} says why.")
    best = study.best_trial
    result = {"name": "optuna", "best_params": dict(best.params), "best_value": best.value, "best_trial": best.number}
    write_text(folder / RESULTS, OmegaConf.to_yaml(OmegaConf.create(result)))
    print(f"best of {len(study.trials)} trials: {best.value:.5g}, by {' '.join(overriding(best.params))}", flush=True)
