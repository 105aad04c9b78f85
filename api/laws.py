"""Under which law a case is shown: the one it was filed under, read from the record by its hash, with its words."""

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Iterable, Mapping

import asyncpg

from api import queries
from api.offices import Offices
from domain.core import Law, law_hash, law_load, law_words, text_hash

MOST = 256
AGAIN = 10.0  # seconds between two tries to keep the words while the record is away
LOG = logging.getLogger("huiyin.api")


class Laws:
    """The laws that bind new cases, by office, and those of earlier cases, by hash."""

    def __init__(self, offices: Mapping[str, Law]) -> None:
        self.offices = offices
        self.known: OrderedDict[str, Law] = OrderedDict()
        self._hashed: dict[int, tuple[Law, str]] = {}
        self._current: dict[str, Law] = {}

    @property
    def current(self) -> dict[str, Law]:
        """The laws that may bind new cases, by hash; versions and calendars may change while the process runs."""
        laws = {id(law): law for law in (self.offices.every() if isinstance(self.offices, Offices) else self.offices.values())}
        if laws.keys() != self._hashed.keys():
            self._hashed = {place: self._hashed.get(place) or (law, law_hash(law)) for place, law in laws.items()}
            self._current = {digest: law for law, digest in self._hashed.values()}
        return self._current

    async def of(self, pool: asyncpg.Pool, found: Iterable[queries.Found]) -> dict[str, Law]:
        """The law of each of these cases, by case id; today's only for rows from before laws were kept."""
        cases = list(found)
        missing = {one.law for one in cases if one.law and one.law not in self.current and one.law not in self.known}
        for digest, text in (await queries.laws(pool, missing)).items() if missing else ():
            self._keep(digest, law_load(json.loads(text)))
        return {one.case.id: self._bound(one) for one in cases}

    async def keep_words(self, pool: asyncpg.Pool) -> None:
        """Put the words of today's laws into the record, each once; as soon as it answers, and when a calendar makes a new law of them."""
        kept: set[str] = set()
        while True:
            try:
                for digest, law in self.current.items():
                    if digest not in kept:
                        text = law_words(law)
                        await pool.execute("insert into law_words (law, sha256, text) values ($1, $2, $3) on conflict do nothing", digest, text_hash(text), text)
                        kept.add(digest)
            except (*queries.DOWN, asyncpg.UndefinedTableError) as wrong:
                LOG.info("the words of the laws wait: %s", type(wrong).__name__)
            await asyncio.sleep(AGAIN)

    def _bound(self, found: queries.Found) -> Law:
        law = self.current.get(found.law) or self.known.get(found.law)
        if law is None and found.law:
            raise LookupError("the law of a case is not in the record")
        return law or self.offices[found.case.office]

    def _keep(self, digest: str, law: Law) -> None:
        if law_hash(law) != digest:
            raise LookupError("a law in the record is not what its hash says")
        self.known[digest] = law
        while len(self.known) > MOST:
            self.known.popitem(last=False)
