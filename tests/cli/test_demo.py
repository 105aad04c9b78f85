"""The demo as a process of its own, on the real engine: a few stories and the paths by code; stopped, refused, without an engine."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from cli import library
from cli.demo.accounts import PASSWORD
from cli.demo.stage import marked
from engine.find import NoEngine, look
from engine.folder import MARKER, WrongFolder, demo_folder, open_folder, wipe
from engine.process import launched
from engine.testing import scratch

FEW = "kaiyang-extended#n"  # two stories; the paths that the demo's own code walks come with any
COMMAND = [sys.executable, "-m", "cli.main", "demo", "--only", FEW]
PATIENCE = 400


def engine_or_skip() -> str:
    try:
        found = look()
    except NoEngine as wrong:
        pytest.skip(str(wrong))
    if found is None:
        pytest.skip("no engine on this machine: set HUIYIN_ENGINE or run `python -m engine.find`")
    return str(found.path)


def environment(home: Path) -> dict[str, str]:
    """Nothing of this machine's settings but the engine; a real database's address that must not be used."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HUIYIN_")}
    return {**kept, "HUIYIN_HOME": str(home), "HUIYIN_ENGINE": engine_or_skip(), "HUIYIN_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", "PYTHONUNBUFFERED": "1"}


def left(home: Path) -> list[str]:
    """Command lines and environments of processes that still have to do with the folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in text and int(process.name) != os.getpid():
            found.append(text.decode(errors="replace")[:200])
    return found


@contextmanager
def watched(home: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The demo on a terminal of its own; the process and the terminal's other end."""
    ours, its = pty.openpty()
    process = subprocess.Popen(launched([*COMMAND, *words], None), stdin=its, stdout=its, stderr=its, cwd=library.ROOT, env=environment(home), start_new_session=True)
    os.close(its)
    try:
        yield process, ours
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
        os.close(ours)


def until(terminal: int, words: str) -> str:
    """What the terminal shows until those words."""
    shown, began = b"", time.monotonic()
    while words.encode() not in shown:
        assert time.monotonic() - began < PATIENCE, shown.decode(errors="replace")[-2000:]
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # its other end is closed: it has ended before it said so
                pytest.fail(shown.decode(errors="replace")[-4000:])
    return shown.decode(errors="replace")


def drained(process: subprocess.Popen[bytes], terminal: int) -> int:
    """Its exit code; what it still says is read, or it would wait for us."""
    began = time.monotonic()
    while process.poll() is None:
        assert time.monotonic() - began < PATIENCE, "it does not end"
        with suppress(OSError):  # the other end is closed: it has ended
            if select.select([terminal], [], [], 0.2)[0]:
                os.read(terminal, 65536)
    return process.returncode


def listed(rows: str) -> list[tuple[str, str, str]]:
    """The lines of one office on the card: role, who (accounts or a code), where they begin."""
    return re.findall(r"(?m)^    (\S+) +[a-z][a-z ]*?  +(\S.*?)  +(/\S*)$", rows)


def opened(base: str, office: str, password: str, role: str, who: str, page: str) -> bool:
    """Each of these people comes in at a browser and opens the page with which they begin: it is a page of the demo, on the demo's day, and theirs."""
    for one in [who] if role == "投诉人" else who.split():
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        browser.addheaders = [("Sec-Fetch-Site", "same-origin"), ("Accept", "text/html")]
        way, form = ("/follow", {"code": one}) if role == "投诉人" else ("/sign-in", {"office": office, "person": one, "password": password, "next": page})
        with browser.open(base + way, urlencode(form).encode(), timeout=30) as answer:
            text = answer.read().decode()
        assert (answer.status, answer.headers["X-Huiyin-Demo"], answer.url) == (200, "1", base + page), (office, one, page)
        assert "2026年12月31日" in text, f"{office} {one}: not the demo's day"
        assert ("退出" in text) and ("演示" in text), f"{office} {one}: {page}"
    return True


@pytest.mark.engine
@pytest.mark.database
def test_without_a_terminal_it_checks_everything_and_stops() -> None:
    with scratch() as home:
        done = subprocess.run(COMMAND, cwd=library.ROOT, env=environment(home), capture_output=True, text=True, timeout=PATIENCE, check=False, stdin=subprocess.DEVNULL)
        said = done.stdout
        assert done.returncode == 0, said[-4000:] + done.stderr[-2000:]
        assert said.index("核心 core: ") < said.index("引擎一致 engine agrees"), "the core's stories come first"
        assert "✓ [2/2] 引擎一致 engine agrees" in said
        for number, path in ((8, "not-understood"), (15, "found by digest"), (18, "when published"), (19, "SIGKILL"), (20, "changed to zhao")):
            assert f"✓ {number:>2} " in said
            assert path in said
        assert "审批记录 approvals: 1; 审计一致 audit sound" in said
        assert re.search(r"✗ 事件 event \d+ approved: .*actor", said), "the audit names the value that was changed"
        assert "恢复后一致 restored: sound" in said
        assert said.count("列表与核心相同") == 3
        assert "全部一致 all agree" in said
        assert "Ctrl-C" not in said, "nobody looks on"
        assert json.loads((home / "demo" / MARKER).read_text())["kind"] == "demo"
        assert left(home) == []


@pytest.mark.engine
@pytest.mark.database
def test_on_a_terminal_it_stays_up_says_that_it_is_a_demo_and_ends_by_its_checks() -> None:
    with scratch() as home, watched(home) as (process, terminal):
        shown = until(terminal, "Ctrl-C 停止 stops")
        base = re.search(r"(http://127\.0\.0\.1:\d+)/api/v1", shown)
        assert base
        with urllib.request.urlopen(f"{base[1]}/api/v1/offices", timeout=10) as answer:
            assert answer.headers["X-Huiyin-Demo"] == "1"
            assert all("【演示】" in office["zh"] for office in json.load(answer)["items"])
        curl = re.search(r"curl -s -H @(\S+kaiyang-wang) '(\S+)'", shown)
        assert curl
        name, _, value = Path(curl[1]).read_text().strip().partition(": ")
        with urllib.request.urlopen(urllib.request.Request(curl[2], headers={name: value}), timeout=10) as answer:
            rows = json.load(answer)["items"]
        assert any(row["register_no"].startswith("演示·") for row in rows)
        assert rows[0]["received_at"].startswith("2026-12-31"), "the demo's day, newest first"
        card = re.sub(r"\x1b\[K", "", shown[shown.index("网页已就绪") :]).replace("\r", "")
        offices = re.split(r"(?m)^  \S.*\[(\w+)\]$", card)
        roles = {row[0] for office, rows in zip(offices[1::2], offices[2::2], strict=True) for row in listed(rows) if opened(base[1], office, PASSWORD, *row)}
        assert PASSWORD in offices[0]
        assert roles == {"受理", "中心负责人", "分管领导", "主要领导", "承办单位", "督查", "审计", "管理员", "投诉人"}
        process.send_signal(signal.SIGINT)
        assert drained(process, terminal) == 0
        assert left(home) == []


@pytest.mark.engine
@pytest.mark.database
def test_ctrl_c_in_the_middle_ends_everything() -> None:
    with scratch() as home, watched(home) as (process, terminal):
        until(terminal, "启动 worker")
        process.send_signal(signal.SIGINT)
        assert drained(process, terminal) == 130
        assert left(home) == []


def test_without_an_engine_it_says_what_is_missing_and_the_core_part_counts(tmp_path: Path) -> None:
    env = {**os.environ, "HUIYIN_HOME": str(tmp_path), "HUIYIN_ENGINE": str(tmp_path / "none")}
    done = subprocess.run(COMMAND, cwd=library.ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "0 个不符 differ" in done.stdout
    assert "找不到 Temporal 服务器" in done.stderr
    assert "--core" in done.stderr
    assert list(tmp_path.iterdir()) == []
    core = subprocess.run([*COMMAND, "--core"], cwd=library.ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert core.returncode == 0
    assert core.stderr == ""


def test_it_wipes_only_what_is_marked_as_a_demo(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "letters.txt").write_text("mine")
    with pytest.raises(WrongFolder, match="not marked as a demo"):
        demo_folder(other)
    assert (other / "letters.txt").read_text() == "mine"
    real = open_folder(tmp_path / "real", "real")
    with pytest.raises(WrongFolder):
        demo_folder(real.path)
    with pytest.raises(WrongFolder):
        wipe(real)
    folder = demo_folder(tmp_path / "demo")
    (folder.files / "old").write_text("old")
    wipe(demo_folder(folder.path))
    assert sorted(path.name for path in folder.path.iterdir()) == [MARKER]


def test_an_office_of_the_demo_says_so_and_tells_nobody_outside() -> None:
    text = '[office]\nid = "x"\nzh = "示例中心"\nen = "A centre"\nnumber = "示〔{year}〕{n}号"\n\n[person]\nwang = { name = "示例·王", notify = ["mailto://a"] }\n'
    assert marked(text) == '[office]\nid = "x"\nzh = "示例中心【演示】"\nen = "A centre (demo)"\nnumber = "演示·示〔{year}〕{n}号"\n\n[person]\nwang = { name = "示例·王" }\n'
