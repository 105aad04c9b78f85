"""The README's pictures: an office on a busy day, six pages in a real Chromium. `make screenshots` = `python -m cli.demo.screenshots`.

By itself it tells stories of one office on a fresh installation whose clock stands on a working day between them, so that some dates are past,
some near and some far; with an address it takes the demo that runs there.
"""

import argparse
import asyncio
import io
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from cli import library
from cli.demo.accounts import PASSWORD, open_accounts
from cli.demo.morning import OFFICE, morning
from cli.demo.stage import stage
from cli.demo.ticks import tick_all
from cli.telling import instants
from domain.stories import when
from engine.browser import FLAGS, HOW, find, install
from engine.find import NoEngine
from engine.folder import WrongFolder
from engine.process import PartFailed
from engine.progress import Progress

TARGET = library.ROOT / "docs" / "img"
DAY = when("Thu 2025-11-13 10:20")  # most of the office's stories are in full course on this day
FRESH = when("Mon 2025-11-10 00:00")
OLDER = frozenset({"kaiyang-extended", "kaiyang-general-term", "kaiyang-web-holiday"})  # and these from before
COLOURS, MOST = 128, 150 * 1024
WIDE, PHONE = (1200, 780), (390, 780)
CANNOT = 2


async def complaint(page: Page) -> None:
    """Somebody has written what happened and sees, before sending, who will see what."""
    await page.fill('[name="text"]', "11月12日下午在3号窗口代开发票,工作人员态度粗暴,三次让我回去补同一份材料。")
    for name, value in {"f.respondent_name": "示例·周窗口", "f.window_no": "3", "f.business_time": "11月12日下午", "f.matter": "发票代开", "f.reason": "态度粗暴", "i.name": "示例·李某", "i.telephone": "13900000000"}.items():
        if await page.locator(f'[name="{name}"]').count():
            await page.locator(f'[name="{name}"]').first.evaluate("(box, value) => { box.value = value }", value)
    await page.locator("main form.panel button").last.click()
    await page.wait_for_load_state("load")


async def call(page: Page) -> None:
    """A clerk writes down a call; what may be the same complaint stands beside it."""
    await page.fill("#text", "来电反映3号窗口代开发票时态度粗暴,多次推诿,要求核实并答复。")
    for label, value in {"窗口号": "3", "具体办事时间": "11月12日下午", "办理事项": "代开发票", "投诉理由": "态度粗暴", "投诉人姓名": "示例·来电人0", "联系电话": "13900000100"}.items():
        await page.locator("main").get_by_label(label, exact=True).fill(value)
    await page.wait_for_timeout(1500)  # the page looks for the same while somebody types


@dataclass(frozen=True)
class Shot:
    """One picture: who looks ('' = nobody is signed in), at what, on what screen, after doing what."""

    name: str
    person: str
    address: str
    size: tuple[int, int] = WIDE
    do: Callable[[Page], Awaitable[None]] | None = None


SHOTS = (
    Shot("file", "", f"/file/{OFFICE}", do=complaint),
    Shot("desk", "wang", "/desk/new?channel=telephone", do=call),
    Shot("approvals", "deng", "/approvals", PHONE),  # who stands in for the leader that week
    Shot("unit", "sun", "/unit"),
    Shot("case", "wang", "/cases/kaiyang-extended"),
    Shot("board", "lu", "/board"),
)


async def shoot(base: str, target: Path, shots: Sequence[Shot] = SHOTS) -> list[Path]:
    """Take them from the demo at `base`; the files. Raises OSError where there is no browser, ValueError where a page does not open."""
    program = find() or install()
    if program is None:
        raise OSError(HOW)
    target.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(program), args=list(FLAGS))
        try:
            return [await _taken(browser, base, one, target / f"page-{one.name}.png") for one in shots]
        finally:
            await browser.close()


async def _taken(browser: Browser, base: str, shot: Shot, file: Path) -> Path:
    context = await browser.new_context(viewport={"width": shot.size[0], "height": shot.size[1]}, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await context.new_page()
    if shot.person:
        await page.goto(f"{base}/sign-in")
        await page.select_option("#office", OFFICE)
        await page.fill("#person", shot.person)
        await page.fill("#password", PASSWORD)
        await page.click("main button")
        await page.wait_for_url(f"{base}/home")
    answer = await page.goto(base + shot.address)
    if answer is None or answer.status != 200 or urlsplit(page.url).path != urlsplit(shot.address).path:
        raise ValueError(f"{shot.address}: {answer.status if answer else '-'} {page.url}")
    if shot.do:
        await shot.do(page)
    file.write_bytes(small(await page.screenshot()))
    await context.close()
    return file


def small(png: bytes) -> bytes:
    """The picture with few colours. Raises ValueError where even so it is too large for a README."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(out, "png", optimize=True)
    if len(out.getvalue()) > MOST:
        raise ValueError(f"{len(out.getvalue())} > {MOST}")
    return out.getvalue()


async def fresh(target: Path) -> list[Path]:
    """Bring up an installation of its own, let the office work until its day, take the pictures, stop."""
    progress, stop = Progress(), asyncio.Event()
    with tempfile.TemporaryDirectory(prefix="huiyin-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's account passes through
        async with stage(Path(folder) / "demo", progress, stop, DAY) as here:
            if here is None:
                return []
            await tick_all(here, stories(), progress)
            await morning(here)
            await open_accounts(here)
            return await shoot(here.running.api, target)


def stories() -> list[dict[str, object]]:
    """The office's stories of that week that were told to their end by then, and a few older ones."""
    mine = [(one, max(instants(one))) for _, one in library.walked() if one["office"] == OFFICE]
    return [one for one, last in mine if last < DAY and (last > FRESH or str(one["story"]) in OLDER)]


def main(argv: Sequence[str] | None = None) -> int:
    """Take the pictures; the exit code."""
    ask = argparse.ArgumentParser(prog="python -m cli.demo.screenshots", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("base", nargs="?", default="", help="address of a running demo, such as http://127.0.0.1:8080")
    ask.add_argument("--to", type=Path, default=TARGET, help="folder of the pictures (docs/img)")
    given = ask.parse_args(argv)
    try:
        files = asyncio.run(shoot(given.base.rstrip("/"), given.to) if given.base else fresh(given.to))
    except (OSError, ValueError, NoEngine, WrongFolder, PartFailed) as wrong:
        print(f"✗ {wrong}", file=sys.stderr)
        return CANNOT
    for file in files:
        print(f"✓ {file.name}  {file.stat().st_size // 1024} KiB")
    return 0 if files else CANNOT


if __name__ == "__main__":
    sys.exit(main())
