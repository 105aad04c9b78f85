"""Filing with files in one request: sealed on the way in, in the case by digest, the same under the same key; pictures go out bare."""

import asyncio
import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from api.gateway import now
from api.images import Unreadable, cleaned
from api.kinds import judged
from api.vault import BYTES, Vault
from tests.api.conftest import Desk
from tests.api.test_api import NAME, act, filed, filing

pytestmark = [pytest.mark.engine, pytest.mark.database]
PDF = b"%PDF-1.4\n" + b"secret words" * 50


def photo(form: str = "JPEG", **more: Any) -> bytes:
    """A picture with place, maker and a comment in it."""
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825).update({1: "N", 2: (39.0, 54.0, 27.0)})
    out = io.BytesIO()
    Image.effect_noise((40, 20), 60).convert("RGB").save(out, form, exif=exif, **more)
    return out.getvalue()


async def send(desk: Desk, key: str, body: dict[str, Any], *files: bytes, person: str = "wang", headers: dict[str, str] | None = None) -> Any:
    parts = [("filing", (None, json.dumps(body).encode(), "application/json")), *(("files", (f"{n}.bin", one)) for n, one in enumerate(files))]
    return await desk.http.post("/api/v1/complaints", files=parts, headers={**desk.as_(person), "Idempotency-Key": key, "Prefer": "wait=20", **(headers or {})})


def names(desk: Desk) -> set[str]:
    return {path.name for path in desk.parts.vault.folder.rglob("*") if path.is_file()}


async def test_a_filing_with_files_in_one_request(desk: Desk) -> None:
    key, picture = uuid4().hex, photo()
    answer = await send(desk, key, filing(), PDF, picture)
    assert answer.status_code == 201, answer.text
    case, files = answer.json()["case"], answer.json()["files"]
    assert [one["kind"] for one in files] == [".pdf", ".jpg"]
    shown = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))).json()
    assert [one["sha"] for one in shown["attachments"]] == [one["sha"] for one in files]
    again = await send(desk, key, filing(), PDF, picture)
    assert (again.status_code, again.json()["receipt"], again.json()["received_at"]) == (201, answer.json()["receipt"], answer.json()["received_at"])
    other = await send(desk, key, filing(), PDF)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    kept = [path.read_bytes() for path in desk.parts.vault.folder.rglob(files[0]["sha"])]
    assert kept
    assert not [raw for raw in kept if b"secret words" in raw]
    assert not [name for name in names(desk) if name.startswith(".incoming")]

    back = await desk.http.post(f"/api/v1/complaints/{case}/attachments/{files[0]['sha']}", json={"reason": "办理"}, headers=desk.as_("wang"))
    assert (back.content, back.headers["content-type"]) == (PDF, "application/pdf")
    bare = await desk.http.post(f"/api/v1/complaints/{case}/attachments/{files[1]['sha']}", json={"reason": "办理"}, headers=desk.as_("wang"))
    assert bare.status_code == 200
    assert b"SecretPhone" in picture
    assert b"SecretPhone" not in bare.content
    with Image.open(io.BytesIO(bare.content)) as seen:
        assert dict(seen.getexif()) == {}
        assert seen.size == (20, 40), "turned upright before the mark of its turning went"
    logged = await desk.pool.fetchval("select count(*) from reader_log where case_id = $1 and what = 'attachment'", case)
    assert logged == 2
    for person in ("zhou", "liu"):
        closed = await desk.http.post(f"/api/v1/complaints/{case}/attachments/{files[0]['sha']}", json={"reason": "好奇"}, headers=desk.as_(person))
        assert closed.status_code == 404


async def test_what_is_not_taken_is_named_and_leaves_nothing(desk: Desk) -> None:
    before = names(desk)
    refused = await send(desk, uuid4().hex, filing(), b"MZ\x90\x00" + b"\x00" * 200)
    assert (refused.status_code, refused.json()["code"]) == (422, "file_refused")
    assert ".pdf" in refused.json()["detail"]["allowed"]
    large = await send(desk, uuid4().hex, filing(), PDF + b"x" * BYTES)
    assert (large.status_code, large.json()["code"]) == (413, "too_large")
    many = await send(desk, uuid4().hex, filing(), *([PDF] * 11))
    assert (many.status_code, many.json()["detail"]) == (413, {"files": 10})
    late = await desk.http.post(
        "/api/v1/complaints", files=[("files", ("a", PDF)), ("filing", (None, json.dumps(filing()).encode()))], headers={**desk.as_("wang"), "Idempotency-Key": "z"}
    )
    assert (late.status_code, late.json()["code"]) == (422, "body_invalid")
    stranger = await desk.http.post("/api/v1/complaints", files=[("secret", (None, b"x"))], headers={**desk.as_("wang"), "Idempotency-Key": "z"})
    assert stranger.status_code == 422
    head = {**desk.as_("wang"), "Idempotency-Key": "z", "Content-Type": "multipart/form-data; boundary=b"}
    cut = await desk.http.post("/api/v1/complaints", content=b'--b\r\nContent-Disposition: form-data; name="filing"\r\n\r\n{"off', headers=head)
    assert (cut.status_code, cut.json()["code"]) == (422, "body_invalid")
    assert not [name for name in names(desk) if name.startswith(".incoming")]
    assert len(names(desk) - before) <= 1, "only the sealed copy of a file that was good itself"


async def test_a_process_that_dies_between_keeping_and_starting_loses_nothing(desk: Desk) -> None:
    """Files are kept before the case starts: what a dead process left is found again, or harmless, when the same request comes again."""
    content = PDF + uuid4().bytes.hex().encode()
    writer = desk.parts.vault.writer("district", now().year)
    writer.write(content)
    kept = writer.close()  # and here it died
    answer = await send(desk, uuid4().hex, filing(), content)
    assert answer.status_code == 201
    assert answer.json()["files"][0]["sha"] == kept.sha
    assert desk.parts.vault.read("district", now().year, kept.sha) == content


async def test_a_refused_filing_is_told_at_once_and_its_key_is_free(desk: Desk) -> None:
    key = uuid4().hex
    wrong = await desk.http.post("/api/v1/complaints", json=filing(channel="pigeon"), headers={**desk.as_("wang"), "Idempotency-Key": key})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "channel_not_listed")
    ahead = await desk.http.post("/api/v1/complaints", json=filing(forms={"register": {"content": "长" * 500_000}}), headers={**desk.as_("wang"), "Idempotency-Key": key})
    assert ahead.status_code == 413
    right = await desk.http.post("/api/v1/complaints", json=filing(), headers={**desk.as_("wang"), "Idempotency-Key": key, "Prefer": "wait=20"})
    assert right.status_code == 201, right.text


async def test_when_it_was_received(desk: Desk) -> None:
    headers = {**desk.as_("wang"), "Prefer": "wait=20"}
    later = (now() + timedelta(days=2)).isoformat()
    old = (now() - timedelta(days=60)).isoformat()
    ahead = await desk.http.post("/api/v1/complaints", json=filing(received_at=later), headers={**headers, "Idempotency-Key": uuid4().hex})
    assert ahead.json()["code"] == "received_ahead"
    unexplained = await desk.http.post("/api/v1/complaints", json=filing(received_at=old), headers={**headers, "Idempotency-Key": uuid4().hex})
    assert unexplained.json()["code"] == "received_too_old"
    naive = await desk.http.post("/api/v1/complaints", json=filing(received_at=(now() - timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M:%S")), headers={**headers, "Idempotency-Key": uuid4().hex})
    assert naive.status_code == 201, naive.text
    assert naive.json()["received_at"].endswith("+08:00")
    public = await desk.http.post("/api/v1/complaints", json=filing(received_at=old), headers={"Idempotency-Key": uuid4().hex})
    assert (public.status_code, public.json()["code"]) == (403, "not_yours_to_set")


async def test_the_complainant_files_without_an_account_and_two_at_once_are_one(desk: Desk) -> None:
    body, headers = filing(channel="telephone", facts={}), {"Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}
    answers = await asyncio.gather(*(desk.http.post("/api/v1/complaints", json=body, headers=headers) for _ in range(4)))
    assert {one.status_code for one in answers} == {201}, answers[0].text
    assert len({one.json()["receipt"] for one in answers}) == 1
    assert await desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'filed'", answers[0].json()["case"]) == 1


async def test_a_respondents_name_is_sealed_and_shown_to_who_may_see_it(desk: Desk) -> None:
    case = (await filed(desk, respondents=[{"name": NAME, "unit": "land"}]))["case"]
    stored = await desk.pool.fetchval("select string_agg(body, '') from events where case_id = $1", case)
    assert NAME not in stored
    shown = (await desk.http.get(f"/api/v1/complaints/{case}", headers=desk.as_("wang"))).json()
    assert shown["respondents"][0]["name"] == NAME


async def test_material_comes_later_too(desk: Desk) -> None:
    case = (await filed(desk))["case"]
    headers, picture = {**desk.as_("wang"), "Idempotency-Key": uuid4().hex, "Prefer": "wait=20"}, photo("PNG")
    for _ in range(2):
        answer = await desk.http.post(f"/api/v1/complaints/{case}/attachments", files=[("files", ("x.txt", PDF)), ("files", ("y", picture))], headers=headers)
        assert answer.status_code == 200, answer.text
    assert [one["kind"] for one in answer.json()["items"]] == [".pdf", ".png"]
    assert await desk.pool.fetchval("select count(*) from events where case_id = $1 and kind = 'material_added'", case) == 2
    bare = await desk.http.post(f"/api/v1/complaints/{case}/attachments/{answer.json()['items'][1]['sha']}", json={"reason": "办理"}, headers=desk.as_("wang"))
    with Image.open(io.BytesIO(bare.content)) as seen:
        assert (seen.format, dict(seen.getexif()), seen.info) == ("PNG", {}, {})
    assert (await act(desk, case, "wang", "accept")).status_code == 200


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_pictures_are_bare_in_every_format(form: str) -> None:
    raw = photo(form)
    kind = judged(raw)
    assert b"SecretPhone" in raw
    bare = cleaned(raw, kind)
    assert b"SecretPhone" not in bare
    with Image.open(io.BytesIO(bare)) as seen:
        assert not seen.getexif().get_ifd(0x8825)
        assert seen.size == (20, 40)
    with pytest.raises(Unreadable):
        cleaned(raw[:40], kind)


def test_a_moving_picture_keeps_its_frames() -> None:
    out, frames = io.BytesIO(), [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], comment=b"SecretPhone")
    with Image.open(io.BytesIO(cleaned(out.getvalue(), ".gif"))) as seen:
        assert getattr(seen, "n_frames", 1) == 3
        assert "comment" not in seen.info


def test_kinds_are_judged_by_content() -> None:
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "x" * 1000)
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("a.exe", "MZ")
    assert judged(packed.getvalue()) == ".docx"
    assert judged(plain.getvalue()) == ""
    assert judged("来信".encode()) == judged("来信".encode("gb18030")) == ".txt"
    assert judged(b"BM is how this letter begins, and it is no picture") == ".txt"
    assert judged(b"\x7fELF\x02\x01\x01" + b"\x00" * 60) == ""
    assert judged(b"") == ""


def test_the_vault_finds_every_change(desk: Desk) -> None:
    vault: Vault = desk.parts.vault
    content = (b"%PDF-1.4" + bytes(range(248))) * 12_288  # three pieces exactly
    writer = vault.writer("district", 2026)
    for at in range(0, len(content), 70_000):
        writer.write(content[at : at + 70_000])
    kept = writer.close()
    path = vault.path("district", 2026, kept.sha)
    assert vault.read("district", 2026, kept.sha) == content
    raw = path.read_bytes()
    for changed in (raw[:-1_048_592], raw[:-5], raw[:80] + bytes([raw[80] ^ 1]) + raw[81:]):
        path.write_bytes(changed)
        with pytest.raises(ValueError, match="file"):
            vault.read("district", 2026, kept.sha)
    path.unlink()


async def test_a_folder_that_cannot_be_written_is_said_and_starts_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setattr(desk.parts.vault, "folder", blocked)
    key = uuid4().hex
    answer = await send(desk, key, filing(), PDF)
    assert (answer.status_code, answer.json()["code"]) == (503, "files_down")
    assert answer.headers["retry-after"]
    monkeypatch.undo()
    assert (await send(desk, key, filing(), PDF)).status_code == 201


async def test_a_unit_gets_the_attachments_chosen_for_it_and_no_other(desk: Desk) -> None:
    elsewhere = (await send(desk, uuid4().hex, filing(), PDF + b"another case")).json()["files"][0]["sha"]
    answer = (await send(desk, uuid4().hex, filing(), PDF, photo())).json()
    case, (pdf, picture) = answer["case"], [one["sha"] for one in answer["files"]]
    assert (await act(desk, case, "wang", "accept")).status_code == 200
    assert (await act(desk, case, "wang", "register", forms={"register": {"content": "窗口没有一次告知"}})).status_code == 200
    assert (await act(desk, case, "li", "approve", decision="agree", opinion="转办")).status_code == 200
    sent = await act(desk, case, "li", "transfer", unit="land", excerpt="请核实", attachments=[picture, elsewhere])
    assert sent.status_code == 200, sent.text

    async def get(sha: str) -> Any:
        return await desk.http.post(f"/api/v1/complaints/{case}/attachments/{sha}", json={"reason": "办理"}, headers=desk.as_("liu"))

    chosen = await get(picture)
    assert chosen.status_code == 200
    assert b"SecretPhone" not in chosen.content
    assert (await get(pdf)).status_code == (await get(elsewhere)).status_code == 404
