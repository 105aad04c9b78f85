"""The demo's API: every answer says that it is a demonstration, and its clock stands on the demo's day."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.gateway import STORY_OFFSET

HEADER = "X-Huiyin-Demo"


class Demonstration:
    """ASGI middleware around the whole application; `offset` = seconds from the wall clock to the demo's."""

    def __init__(self, app: ASGIApp, offset: float) -> None:
        self.app, self.offset = app, offset

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request under the demo's clock, its answer marked."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = "1"
            await send(message)

        token = STORY_OFFSET.set(self.offset)
        try:
            await self.app(scope, receive, marked)
        finally:
            STORY_OFFSET.reset(token)

