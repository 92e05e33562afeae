"""Hydra's door to the search by Optuna (`gen_models.run.search`): Hydra takes sweepers from this namespace only."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from gen_models.errors import UsageError


class OptunaSearch(Sweeper):
    """Sweeper whose jobs are trials that Optuna proposes (Akiba et al. 2019, https://arxiv.org/abs/1907.10902).

    Args:
        params: Options with what they may become, in Hydra's grammar of overrides; the command line adds others.
        options: The fields of `gen_models.run.search.SearchOptions`.
    """

    def __init__(self, params: DictConfig | None = None, **options: Any) -> None:
        self.params = params or {}
        self.options = options

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what Hydra gives a sweeper, and make the launcher of its jobs."""
        self.config, self.loader = config, hydra_context.config_loader
        self.parser = OverridesParser.create(config_loader=hydra_context.config_loader)
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: Sequence[str]) -> None:
        """Run the trials that are missing."""
        try:  # here, since Hydra imports all plugins for every command
            from gen_models.run.search import SearchOptions, search
        except ImportError as error:
            raise UsageError(
                "a search needs Optuna, 4 or later: pip install -c constraints.txt -e '.[optuna]'."
            ) from error
        settings = self.config.hydra
        overrides = self.parser.parse_overrides(
            [*(f"{name}={value}" for name, value in self.params.items()), *arguments]
        )
        apart = settings.job.config.override_dirname.exclude_keys  # where runs go, and the like
        always = [override.input_line for override in overrides if override.get_key_element() in apart]
        search(
            SearchOptions.checked(self.options),
            [override for override in overrides if override.get_key_element() not in apart],
            lambda jobs, first: self.launcher.launch([[*job, *always] for job in jobs], initial_job_idx=first),
            Path(settings.sweep.dir),
            lambda jobs: self._check([[*job, *always] for job in jobs]),
        )

    def _check(self, jobs: Sequence[Sequence[str]]) -> None:
        """Refuse a search none of whose jobs could begin, or by a figure that its first job would not give."""
        from gen_models.job import check_objective
        from gen_models.launch import check_job
        from gen_models.run.sweep_jobs import composed, local, refuse_all

        refuse_all(self.loader, self.config, jobs, lambda job: check_job(job, here=local(self.config)))
        with composed(self.loader, self.config, jobs[0]) as first:
            check_objective(first, self.options["direction"])
