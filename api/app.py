"""The API: one application, its routers and its error shape."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from temporalio.client import Client

from api import acts, books, complaints, follow, sealed
from api.answers import Answers
from api.errors import Problem, on_invalid, on_problem
from api.gateway import Gateway
from api.identity import Tokens
from api.keyring import Keyring
from api.office import Parts
from api.settings import Settings
from domain.core import Law
from workflows.keyfile import codec_keys
from workflows.plugin import plugin


async def as_it_is(connection: asyncpg.Connection) -> None:
    """Give a connection back without asking the server to forget a session: ours keep none, and it costs a round trip each time."""


def application(settings: Settings, laws: dict[str, Law]) -> FastAPI:
    """The application for a set of offices; connects when it starts."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        keys = Keyring.load(settings.keys)
        codec = codec_keys(settings.keys)
        client = await Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(codec, story_clock=settings.story_clock)], lazy=True)
        pool = asyncpg.create_pool(settings.database, min_size=0, max_size=10, timeout=2, command_timeout=10, reset=as_it_is)
        await pool
        tokens = Tokens(keys, settings.keys / "revoked")
        app.state.parts = Parts(keys, tokens, Gateway(client, keys), pool, Answers(pool), laws, settings.files, settings.story_clock, {})
        yield
        await pool.close()

    app = FastAPI(title="回音 Huiyin", version="1", lifespan=life, openapi_url="/api/v1/openapi.json", docs_url="/api/v1/docs")
    for router in (complaints.router, acts.router, follow.router, sealed.router, books.router):
        app.include_router(router)
    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(RequestValidationError, on_invalid)
    return app
