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

from gen_models.cache import kept
from gen_models.errors import UsageError
from gen_models.files import write_bytes

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

    def fetch(place: Path) -> None:
        write_bytes(place, _content(urls, target.name, sha256, remedy))

    try:
        kept(target, lambda place: place if place.is_file() else None, fetch)
    except OSError as error:
        raise UsageError(f"Cannot keep {target.name} ({error}): {remedy}.") from error


def _content(urls: Sequence[str], name: str, sha256: str, remedy: str) -> bytes:
    """What the first mirror gives that has the file whole."""
    failures: list[str] = []
    for url in urls:
        log.info("Downloading %s", url)
        try:
            with urllib.request.build_opener(_Secure).open(url, timeout=30) as reply:
                content = reply.read(MOST)
        except (OSError, HTTPException) as error:  # URLError, a connection refused or reset, a timeout, a cut reply
            failures.append(f"{urlsplit(url).netloc}: {error}")
            continue
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
        failures.append(f"{urlsplit(url).netloc}: not the file that was published")
    raise UsageError(f"Cannot download {name} ({'; '.join(failures)}): {remedy}.")
