"""Downloads over https to the end, of bounded size, verified by their SHA-256."""

import hashlib
import logging
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request

from filelock import FileLock

from gen_models.errors import UsageError

log = logging.getLogger(__name__)

MOST = 100_000_000
"""Bytes read of a reply; no file of these sets has more than a third of that."""


class _Secure(urllib.request.HTTPRedirectHandler):
    """Follow redirects to where the connection is as secure as it was."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Refuse to go on from https to anything else."""
        if urlsplit(req.full_url).scheme == "https" and urlsplit(newurl).scheme != "https":
            raise URLError(f"it leads from https to {urlsplit(newurl).scheme}, and is not followed")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(urls: Sequence[str], target: Path, sha256: str, remedy: str) -> None:
    """Fetch a file from the first mirror that has it whole; one process does, others wait.

    Args:
        urls: Mirrors, in the order of trial.
        target: Where the file appears, whole or not at all.
        sha256: Its checksum.
        remedy: What a person can do where no mirror answers.

    Raises:
        UsageError: If there is no mirror left, or no place for the file.
    """
    failures: list[str] = []
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if target.exists() or any(_fetched(url, target, sha256, failures) for url in urls):
                return
    except OSError as error:
        failures.append(str(error))
    raise UsageError(f"Cannot download {target.name} ({'; '.join(failures)}): {remedy}.")


def _fetched(url: str, target: Path, sha256: str, failures: list[str]) -> bool:
    log.info("Downloading %s", url)
    try:
        with urllib.request.build_opener(_Secure).open(url, timeout=30) as reply:
            content = reply.read(MOST)
    except (OSError, HTTPException) as error:  # URLError, a refused or reset connection, a timeout, a reply cut short
        failures.append(f"{urlsplit(url).netloc}: {error}")
        return False
    if hashlib.sha256(content).hexdigest() != sha256:
        failures.append(f"{urlsplit(url).netloc}: not the file that was published")
        return False
    part = target.with_name(target.name + ".part")
    part.write_bytes(content)
    part.replace(target)
    return True
