"""The API: one application, its routers and its error shape."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from temporalio.client import Client

from activities.connections import Link, as_it_is
from api import acts, books, complaints, exports, files, filing, follow, form_routes, health, ledger, lists, old_records, openapi, people_routes, publishing, queries, sealed
from api.answers import Answers
from api.demonstration import Demonstration
from api.errors import Problem, on_disposed, on_http, on_invalid, on_problem, on_record_down
from api.gateway import Gateway
from api.guard import Guard
from api.identity import Tokens
from api.imports import routes as imports
from api.indexing import Index
from api.keyring import Destroyed, Keyring
from api.laws import Laws
from api.office import Parts
from api.packing import Packing
from api.pages import site
from api.people_told import keep_told
from api.roster import People
from api.settings import Settings
from api.tries import Tries
from api.vault import Vault
from api.versions import Versions
from domain.core import Law
from workflows.keyfile import codec_keys
from workflows.plugin import plugin

# Lists are asked with all sorts of filters: each is planned for its own values, by an index where there is one, and nothing is compiled for one answer.
PLANS = {"plan_cache_mode": "force_custom_plan", "random_page_cost": "1.1", "jit": "off", "max_parallel_workers_per_gather": "0"}


def application(settings: Settings, laws: Mapping[str, Law]) -> FastAPI:
    """The application for a set of offices; starts whether or not engine and record answer."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        keys = Keyring.load(settings.keys)
        codec = codec_keys(settings.keys)
        client = await Client.connect(settings.engine, namespace=settings.namespace, plugins=[plugin(codec, story_clock=settings.story_clock)], lazy=True)
        pool = asyncpg.create_pool(settings.database, min_size=0, max_size=10, timeout=2, command_timeout=10, reset=as_it_is, connection_class=Link, server_settings=PLANS)
        await pool
        tokens, bound = Tokens(keys, settings.keys / "revoked"), Laws(laws)
        vault, index, versions, people = Vault(settings.files, keys), Index(keys), Versions(settings.keys), People(settings.keys)
        await asyncio.gather(versions.once(pool), people.once(pool))  # before the first filing: what was changed elsewhere while this host was down
        app.state.parts = Parts(keys, tokens, Gateway(client, keys), pool, Answers(pool), bound, vault, Tries(), index, versions, people, settings.story_clock, settings.templates)
        beside = [asyncio.create_task(one) for one in (bound.keep_words(pool), tokens.revoked.keep_fresh(pool), versions.keep_fresh(pool), index.keep(pool, bound), people.keep_fresh(pool), keep_told(client, pool, bound, people.roster))]
        yield
        await app.state.parts.beside.end()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await pool.close()

    # The page that describes the API comes whole from here: an office's network reaches no other host.
    app = FastAPIOffline(title="回音 Huiyin", version="1", lifespan=life, openapi_url="/api/v1/openapi.json", docs_url="/api/v1/docs", redoc_url=None, static_url="/api/v1/docs-assets")
    for one in (filing, complaints, lists, ledger, acts, files, form_routes, follow, sealed, imports, exports, old_records, people_routes, books, publishing, health):
        app.include_router(one.router)
    app.state.demo = settings.story_clock
    site.mount(app)
    handlers = {Problem: on_problem, RequestValidationError: on_invalid, ValidationError: on_invalid, HTTPException: on_http, Destroyed: on_disposed, **dict.fromkeys(queries.DOWN, on_record_down)}
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, site.as_pages(handler))
    if settings.story_clock and settings.story_offset:
        app.add_middleware(Demonstration, offset=settings.story_offset)
    app.add_middleware(Packing)
    app.add_middleware(Guard)
    openapi.describe(app)
    return app
