"""What a training changes of the process that it runs in, and how that is undone for a caller who goes on."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gen_models.core.signals import SIGNALS
from gen_models.run.quiet import quietly


@contextmanager
def borrowed() -> Iterator[None]:
    """Train quietly in somebody else's process, and give it back as it was.

    Random numbers of torch, signal handlers, warnings and the levels of Lightning's loggers are the caller's again at
    the end, however it comes.
    """
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else []
    with quietly(), torch.random.fork_rng(devices), _same_handlers():
        yield


@contextmanager
def _same_handlers() -> Iterator[None]:
    """Give signals back to who had them: Lightning ignores every Ctrl-C after the first that it sees."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
