"""Hydra's door to grids: its own sweeper, which refuses once what all jobs would be refused for (`run/sweep_jobs.py`).

Hydra takes sweepers from this namespace only.
"""

from collections.abc import Sequence
from typing import cast

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class Telling:
    """Launcher whose first failed job ends the sweep with its error alone: Hydra would print its options before it.

    Args:
        launcher: Hydra's, or a plugin's, which a cluster's may send to its jobs.
    """

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher

    def launch(self, jobs: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Launch jobs, and give what became of them."""
        results = self.launcher.launch(jobs, initial_job_idx=initial_job_idx)
        for result in results:
            if result.status is JobStatus.FAILED:
                raise result._return_value
        return results


class Grid(BasicSweeper):
    """Sweeper over all combinations of what is given several values."""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Take what Hydra gives a sweeper, and make the launcher of its jobs."""
        super().setup(hydra_context=hydra_context, task_function=task_function, config=config)
        assert self.launcher is not None
        self.launcher = cast(Launcher, Telling(self.launcher))

    def sweep(self, arguments: list[str]) -> None:
        """Run all jobs, unless each of them would be refused: before there is anything that would be left behind."""
        from gen_models.launch import check_job  # here, since Hydra imports all plugins for every command
        from gen_models.run.sweep_jobs import local, refuse_all

        assert self.hydra_context is not None
        assert self.config is not None
        loader, config = self.hydra_context.config_loader, self.config
        words = OverridesParser.create(config_loader=loader).parse_overrides([*self._parse_config(), *arguments])
        jobs = [job for batch in self.split_arguments(words, None) for job in batch]
        super().validate_batch_is_legal(jobs)
        refuse_all(loader, config, jobs, lambda job: check_job(job, here=local(config)))
        super().sweep(arguments)

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Leave alone what `sweep` has composed before there was a directory."""
