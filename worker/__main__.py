"""`python -m worker`: connect, run cases and activities, drain on SIGTERM. Unversioned: rules change as data, code by patches."""

import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import asyncpg
import uvloop
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.archives import Archives
from activities.calendars import Calendars
from activities.connections import Link, as_it_is
from activities.files import Folder
from activities.ledgers import Ledgers
from activities.mailing import preload
from activities.notices import Notices
from activities.other_cases import OtherCases
from activities.records import Records
from worker.beside import beside
from worker.couriers import couriers, senders
from worker.ledgers import Feeder, Laws, actors, feeding
from worker.marking import Marker
from worker.offices import Offices
from worker.revising import Sender
from worker.settings import Settings
from worker.standing import stand
from workflows import policies
from workflows.keyfile import codec_keys, system_key
from workflows.plugin import plugin

log = logging.getLogger("huiyin.worker")
PAUSE = 0.5


async def main(settings: Settings) -> None:
    """Run until SIGTERM or Ctrl-C, then finish what is in hand (at most `policies.DRAIN`)."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    client = await connected(settings, stop)
    if client is None:
        return
    # Lazily connected: with Postgres down a worker still takes acts; the record waits as a regular activity.
    async with asyncpg.create_pool(settings.database, min_size=0, max_size=12, command_timeout=10, timeout=2, reset=as_it_is, connection_class=Link) as pool, senders(settings.database) as locks:
        await asyncio.to_thread(preload)
        offices, mark = Offices(settings.offices, keys=settings.keys), Marker(client, system_key(settings.keys), story_clock=settings.story_clock, others=lambda: actors(settings.keys))
        bound = Laws(offices, settings.calendars, settings.keys)
        records, notices = Records(pool), Notices(pool, offices.addresses, locks=locks, office=offices.file, words=offices.words, law=bound.of, base=settings.public, mark=mark)
        calendars = Calendars(pool, Sender(client, settings.keys), clock=mark.now)
        archives, ledgers = Archives(pool, client, Folder(settings.files)), Ledgers(pool, mark.act)
        feeder = Feeder(client, ledgers, system_key(settings.keys), lambda: actors(settings.keys))
        activities: list[Callable[..., Any]] = [records.record, notices.notify, OtherCases(mark.open).open, calendars.revise, archives.keep, archives.check, ledgers.load, ledgers.record, ledgers.tell]
        # Each story's clock is its own: a ledger that counted across stories would give their cases orders that no story tells of.
        fed = nullcontext() if settings.story_clock else beside(feeding(feeder, Laws(offices, settings.calendars, settings.keys)))
        async with Worker(
            client, task_queue=policies.TASK_QUEUE, activities=activities, graceful_shutdown_timeout=policies.DRAIN,
            sticky_queue_schedule_to_start_timeout=policies.STICKY, max_concurrent_workflow_task_polls=policies.POLLS,
        ), couriers(client, notices, offices), fed:  # fmt: skip
            log.info("ready: %s %s", settings.engine, policies.TASK_QUEUE)
            await stand(client, stop)
            await stop.wait()
            log.info("draining")


async def connected(settings: Settings, stop: asyncio.Event) -> Client | None:
    """A client, as soon as the engine answers; None when told to stop before."""
    telemetry = TelemetryConfig(metrics=PrometheusConfig(bind_address=settings.metrics)) if settings.metrics else TelemetryConfig()
    runtime, plugins = Runtime(telemetry=telemetry), [plugin(codec_keys(settings.keys), story_clock=settings.story_clock)]
    while not stop.is_set():
        try:
            return await Client.connect(settings.engine, namespace=settings.namespace, runtime=runtime, plugins=plugins)
        except (RPCError, RuntimeError) as wrong:
            log.warning("the engine at %s does not answer yet: %s", settings.engine, type(wrong).__name__)
            await asyncio.sleep(PAUSE)
    return None


def spare_the_collector() -> None:
    """Look less often for garbage, and never at what was loaded once: each cached case holds thousands of objects that stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def run() -> None:
    """The command's body; exits hard, because a process that used the SDK may abort while Python tears down."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = Settings.from_environment()
    except ValueError as wrong:
        sys.exit(str(wrong))
    spare_the_collector()
    uvloop.run(main(settings))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    run()
