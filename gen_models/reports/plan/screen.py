"""A plan as lines for people: what a training takes, at a stated rate, and what is left out."""

from collections.abc import Iterator

from omegaconf import DictConfig, OmegaConf

from gen_models.reports.plan.estimate import Estimate
from gen_models.reports.plan.link import Link
from gen_models.reports.plan.rate import Rate

LABEL = 13


def lines(plan: Estimate, cfg: DictConfig, rate: Rate, link: Link, stated: bool) -> Iterator[str]:
    """Write a plan.

    Args:
        plan: What was estimated.
        cfg: Of the training.
        rate: Of the machine.
        link: Between several of them.
        stated: Whether the configuration states what the data are; else they were opened.
    """
    spec = cfg.spec
    shape = " × ".join(map(str, spec.shape))
    classes = f" in {spec.num_classes:,} classes" if spec.num_classes else ""
    yield _line("data", f"{spec.num_train:,} of {shape}{classes}, {'as stated by spec' if stated else 'as found'}")
    yield _line("run", f"{plan.turns:,} turns, {plan.images:,} images, {plan.passes:,.1f} passes")
    for name, count in plan.networks.items():
        yield _line(name, f"{count:,} parameters")
    for name, moves in plan.moves.items():
        work = plan.work.get(name)
        cost = f", each of {_flops(work.flops)} and {work.kernels:,} kernels" if work else ""
        yield _line(f"{name} moves", f"{moves:,} times{cost}")
    yield from _memory(plan, cfg)
    yield from _hours(plan, rate)
    yield from _exchange(plan, rate, link)
    yield _line("left out", "; ".join(_left_out(plan)))


def _memory(plan: Estimate, cfg: DictConfig) -> Iterator[str]:
    memory, parts = plan.memory, cfg.model.get("accumulate", 1)
    kept = {
        "weights": memory.weights,
        "averages": memory.averages,
        "gradients": memory.gradients,
        "moments": memory.moments,
    }
    yield _line("memory", " · ".join(f"{name} {_bytes(size)}" for name, size in kept.items() if size))
    if memory.activations is not None:
        cut = f" for one of {parts} parts of the batch (model.accumulate={parts})" if parts > 1 else ""
        whole = sum(kept.values()) + memory.activations
        yield _line("", f"activations {_bytes(memory.activations)}{cut} in float32; {_bytes(whole)} in all")


def _hours(plan: Estimate, rate: Rate) -> Iterator[str]:
    if not plan.work:
        return
    yield _line("arithmetic", f"{_flops(plan.flops)}: {_time(rate.arithmetic(plan))} at {rate}")
    yield _line("kernels", f"{plan.kernels:,.0f}: {_time(rate.launches(plan))} at {rate.launch:g} µs each")
    yield _line("on one GPU", f"about {_time(rate.hours(plan))}, the larger of both")


def _exchange(plan: Estimate, rate: Rate, link: Link) -> Iterator[str]:
    buffers = f" and {_bytes(plan.exchange.buffers)} of buffers" if plan.exchange.buffers else ""
    yield _line("exchange", f"{_bytes(plan.summed)} of gradients{buffers} in a turn of several GPUs")
    timed = plan.work and plan.turns
    turn = f" in a turn of {_moment(rate.hours(plan, link.ranks) * 3600 / plan.turns)}" if timed else ""
    yield _line(f"on {link.ranks} GPUs", f"they wait up to {_moment(link.wait(plan))}{turn}, at {link.rate:g} GB/s")


def _left_out(plan: Estimate) -> Iterator[str]:
    if not plan.work:
        yield "arithmetic and activations, since this model looks at its data first"
    yield "workspace of kernels"
    yield "elementwise arithmetic and optimizer steps"
    yield "reading data, measuring, showing and saving"


def stated(cfg: DictConfig) -> bool:
    """Whether the configuration states what the data are, as recipes of public sets do."""
    return not OmegaConf.missing_keys(cfg.spec)


def _line(label: str, text: str) -> str:
    return f"{label:{max(LABEL, len(label) + 1)}}{text}"


def _flops(number: float) -> str:
    """Write a number of operations with three digits and a prefix."""
    for prefix, size in (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9)):
        if number >= size:
            count = number / size
            return f"{count:.3g} {prefix}FLOP" if count < 1000 else f"{count:,.0f} {prefix}FLOP"
    return f"{number / 1e6:.3g} MFLOP"


def _bytes(number: float) -> str:
    return f"{number / 1e9:.3g} GB" if number >= 1e9 else f"{number / 1e6:.3g} MB"


def _time(hours: float) -> str:
    """Write hours with two digits, and in minutes or seconds where they are few."""
    if hours < 1 / 60:
        return _counted(f"{3600 * hours:.2g}", "second")
    if hours < 1:
        return _counted(f"{60 * hours:.2g}", "minute")
    return _counted(f"{hours:,.0f}" if hours >= 10 else f"{hours:.2g}", "hour")


def _counted(number: str, unit: str) -> str:
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"


def _moment(seconds: float) -> str:
    """Write seconds with two digits, and in milliseconds where they are few."""
    return f"{seconds:.2g} s" if seconds >= 1 else f"{1000 * seconds:.2g} ms"
