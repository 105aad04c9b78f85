"""All stories as cases of one office each, in a real PostgreSQL; and the core's own cases, to hold lists and searches against."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg

from activities.migrate import migrate
from activities.records import Records
from api.indexing import Index
from api.keyring import Keyring
from api.laws import Laws
from api.office import Parts
from api.words import sealed
from cli import library
from domain import stories
from domain.acts import ACTS
from domain.core import Case, Event, Law, Reader, instant, law_hash, law_text, law_value, line, reader_of, view
from workflows.batches import batch_of

ACT_OF = {row.event: name for name, row in ACTS.items()}


@dataclass
class Shelf:
    """The record, the laws by office, the cases as the core has them with their events, and what the API's functions ask of a process."""

    pool: asyncpg.Pool
    laws: dict[str, Law]
    cases: dict[str, list[Case]]
    events: dict[str, list[Event]]
    here: Parts

    def readers(self, office: str) -> list[Reader]:
        law = self.laws[office]
        return [reader_of(person, law) for person in law.office["person"]]

    async def rows(self, office: str) -> dict[str, dict[str, Any]]:
        return {row["case_id"]: json.loads(row["row"]) for row in await self.pool.fetch("select case_id, row from cases where office = $1", office)}

    def seen(self, office: str, one: Reader, rows: dict[str, dict[str, Any]]) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """Line and view of every case that the core lets this reader know of."""
        views = {case.id: view(case, one, self.laws[office]) for case in self.cases[office]}
        return {key: (line(rows[key], shown, one), shown) for key, shown in views.items() if shown is not None}


@asynccontextmanager
async def shelf(database: str, folder: Path) -> AsyncIterator[Shelf]:
    """The stories in a migrated database; words that the API would seal are sealed."""
    await migrate(database)
    keys = Keyring.load(folder)
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        records, laws, cases, events = Records(pool), dict[str, Law](), dict[str, list[Case]](), dict[str, list[Event]]()
        for n, (_, story) in enumerate(library.walked()):
            name, law = f"list-{story['office']}", library.law(story["rulebook"], story["office"])
            out = stories.run({**story, "story": f"{story['story']}-listed"}, law)
            if not out.events or out.case.phase == "none":
                continue
            year = instant(out.case.attrs["received_at"]).year if out.case.attrs.get("received_at") else 2025
            kept = [closed(keys, name, year, event) for event in out.events]
            batch = batch_of(Case.new(out.case.id, name, story["rulebook"]), out.case, kept, law, law_hash(law))
            no = f"{n}" if batch.row["register_no"] else ""
            await records.record(replace(batch, row={**batch.row, "office": name, "register_no": no}, law_text=law_text(law_value(law))))
            laws[name] = law
            cases.setdefault(name, []).append(out.case)
            events[out.case.id] = kept
        bound, index = Laws(laws), Index(keys)
        yield Shelf(pool, laws, cases, events, cast("Parts", SimpleNamespace(pool=pool, laws=bound, keys=keys, index=index)))


def closed(keys: Keyring, office: str, year: int, event: Event) -> Event:
    """An event with its words sealed as the API seals them."""
    fields = event.data.get("fields")
    return replace(event, data={**event.data, "fields": sealed(keys, office, year, ACT_OF.get(event.kind, ""), fields)}) if fields else event
