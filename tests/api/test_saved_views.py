"""Saved views: one's own, sound under the book, thirty at most; each role's own are lists that its holders may ask for."""

from collections.abc import AsyncIterator

import httpx
import pytest

from api import register
from api.app import application
from api.gateway import now
from api.saved_views import DEFAULTS, MOST
from api.settings import Settings
from api.wanted import parse
from cli import library
from tests.api import shelves
from tests.api.shelves import Shelf
from tests.workflows.conftest import database as _database

pytestmark = pytest.mark.database
database = _database


@pytest.fixture(scope="module")
async def shelf(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Shelf]:
    async with shelves.shelf(database, tmp_path_factory.mktemp("keys"), stories=()) as one:
        yield one


@pytest.fixture
async def http(shelf: Shelf, database: str) -> AsyncIterator[httpx.AsyncClient]:
    """The API without an engine: lists and views need the record only."""
    folder = shelf.here.keys.folder
    app = application(Settings("127.0.0.1:1", "x", database, folder, folder / "files", 0), {"kaiyang": library.law("kaiyang-one-window", "kaiyang")})
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://huiyin") as client:
        client.headers["authorization"] = f"Bearer {app.state.parts.tokens.issue('wang', 'kaiyang')}"
        yield client
        await app.state.parts.pool.execute("delete from saved_views")


async def test_a_view_is_kept_replaced_and_forgotten(http: httpx.AsyncClient) -> None:
    before = (await http.get("/api/v1/views")).json()["items"]
    assert [view["name"] for view in before] == [name for name, _, _ in DEFAULTS["intake"]]
    assert not any(view["own"] for view in before)
    for wish in ({"unit": "tax"}, {"unit": "tax", "overdue": "true", "fact.ground": "g8", "order": "due"}):
        saved = await http.post("/api/v1/views", json={"name": "税务逾期", "wish": wish})
        assert saved.status_code == 200, saved.text
        assert saved.json()["items"][0] == {"name": "税务逾期", "name_en": "税务逾期", "wish": wish, "own": True}
        assert (await http.get("/api/v1/complaints", params=wish)).json() == {"total": 0, "items": [], "next": "", "previous": ""}
    assert (await http.delete("/api/v1/views/税务逾期")).json()["items"] == before
    assert (await http.delete("/api/v1/views/税务逾期")).json()["code"] == "not_found"
    default = before[0]["name"]
    own = (await http.post("/api/v1/views", json={"name": default, "wish": {"late": "true"}})).json()["items"]
    assert [view["name"] for view in own].count(default) == 1, "one's own goes before the role's"


@pytest.mark.parametrize("wish", [{"colour": "red"}, {"order": "best"}, {"due_to": "soon"}, {"fact.ground": "none"}, {"fact.colour": "red"}, {"overdue": "maybe"}, {"deadline": "soon", "due_to": "2026-01-01"}, {"q": "字" * 101}, {"unit": "x" * 51}])
async def test_what_no_list_would_take_is_not_kept(http: httpx.AsyncClient, wish: dict[str, str]) -> None:
    refused = await http.post("/api/v1/views", json={"name": "错", "wish": wish})
    assert (refused.status_code, refused.json()["code"]) == (422, "body_invalid")
    assert refused.json()["detail"][0]["why"]
    assert (await http.get("/api/v1/complaints", params=wish)).status_code == 422, "and the list refuses it too"


async def test_thirty_are_enough(http: httpx.AsyncClient) -> None:
    for n in range(MOST):
        assert (await http.post("/api/v1/views", json={"name": f"视图{n}", "wish": {}})).status_code == 200
    full = await http.post("/api/v1/views", json={"name": "再来一个", "wish": {}})
    assert (full.status_code, full.json()["detail"][0]["field"]) == (422, "name")
    assert (await http.post("/api/v1/views", json={"name": "视图7", "wish": {"late": "true"}})).status_code == 200


@pytest.mark.parametrize("office", ["kaiyang", "district", "community"])
async def test_the_views_of_a_role_can_be_asked_for_by_its_holders(shelf: Shelf, office: str) -> None:
    law = library.law(library.office(office)["office"]["rulebook"], office)
    shelf.laws[f"list-{office}"] = law
    asked = 0
    for one in shelf.readers(f"list-{office}"):
        for _, _, wish in (view for role in one.roles for view in DEFAULTS.get(role, ())):
            assert (await register.page(shelf.here, f"list-{office}", one, parse(law, one.person, now().date(), wish))).total == 0
            asked += 1
    assert asked > 10
