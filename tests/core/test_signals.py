"""A process that is asked to end does, also while it waits for what never comes."""

import signal
import subprocess
import sys
import time

import pytest

from gen_models.core.signals import SIGNALS, Deadline, Listener
from gen_models.errors import EXIT_RESUMABLE

WAITING = """
import ctypes, signal, sys
from gen_models.core.signals import Deadline, SIGNALS
for number in SIGNALS:
    signal.signal(number, lambda *_: None)
deadline = Deadline(1)
print("ready", flush=True)
while True:  # a library that starts to wait again whenever a signal woke it
    ctypes.CDLL(None).pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_process_that_waits_in_a_library_leaves_in_time(number):
    process = subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    start = time.monotonic()
    process.send_signal(number)
    assert process.wait(timeout=20) == EXIT_RESUMABLE
    assert 0.5 < time.monotonic() - start < 10


def test_a_deadline_that_was_cancelled_ends_nothing():
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    descriptor = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(descriptor)
    try:
        deadline = Deadline(0.05)
        signal.raise_signal(signal.SIGUSR1)
        deadline.cancel()
        time.sleep(0.2)
        assert signal.set_wakeup_fd(descriptor) == descriptor, "what was there before is there again"
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_listener_notes_signals_and_gives_them_back():
    before, answered = [signal.getsignal(number) for number in SIGNALS], []
    listener = Listener(grace=0)
    listener.listen(lambda: answered.append(listener.asked))
    try:
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGTERM)
        assert answered == [signal.SIGUSR1, signal.SIGTERM]
        with pytest.raises(KeyboardInterrupt):  # asked already
            signal.raise_signal(signal.SIGINT)
    finally:
        listener.stop()
    listener.stop()
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_a_first_interrupt_is_a_signal_like_others():
    listener = Listener(grace=0)
    listener.listen(lambda: None)
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        listener.stop()
    assert listener.asked == signal.SIGINT
