"""Who may ask the server: whoever has the token in the address, on this machine, and nobody through a browser's back.

Any page on the web can make a browser send requests to this machine, and a name of its own can be made to mean
127.0.0.1 (DNS rebinding). The first are refused for they do not know the token, the others by their `Host` too.
"""

from collections.abc import Collection
from hmac import compare_digest
from typing import final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 32 * 2**20
"""Bytes that a request may bring; pictures are the largest."""

HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; "
    "form-action 'none'",
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""The browser may load nothing from elsewhere, keep nothing, and tell nobody the address."""


@final
class Guard:
    """Let requests through whose path begins with the token, without it.

    Args:
        app: Whom they are for.
        token: What the path must begin with.
        hosts: Names of this server, with its port, that a request may be sent to.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: Collection[str]) -> None:
        self.app, self.token, self.hosts = app, token.encode(), frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        token, _, rest = scope["path"].lstrip("/").partition("/")
        refusal = self._refusal(scope, token)
        app = self.app if refusal is None else refusal
        await app({**scope, "path": f"/{rest}", "raw_path": f"/{rest}".encode()}, receive, guarded)

    def _refusal(self, scope: Scope, token: str) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        if headers.get("host") not in self.hosts:
            return PlainTextResponse("This server answers this machine only.", 403)
        if not compare_digest(token.encode(), self.token):
            return PlainTextResponse("The address lacks its token: take the one that gen-models explore printed.", 403)
        if scope["method"] == "POST":
            length = headers.get("content-length", "")
            if not length.isdecimal():
                return PlainTextResponse("A request says how long it is.", 411)
            if int(length) > LARGEST:
                return PlainTextResponse(f"That is more than {LARGEST // 2**20} MB.", 413)
        return None
