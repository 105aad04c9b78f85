"""Finds a Chromium for the browser tests and the screenshots: HUIYIN_BROWSER, else one on PATH, else installed where this machine's packages can be; else says how."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
PACKAGES = ("chromium", "fonts-wqy-zenhei")
HOW = "没有浏览器 no browser: apt-get install chromium fonts-wqy-zenhei, 或 or HUIYIN_BROWSER=/path/to/chromium; 浏览器测试将跳过 browser tests will be skipped"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")


def find() -> Path | None:
    """The browser's program; None where there is none."""
    named = os.environ.get("HUIYIN_BROWSER", "")
    if named:
        return Path(named) if Path(named).is_file() else None
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def install() -> Path | None:
    """Install one with this machine's own packages, where we may; None where we may not or it fails."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None or os.environ.get("HUIYIN_BROWSER"):
        return None
    print("browser: 用 apt-get 安装 Chromium 和中文字体 installing Chromium and a Chinese font with apt-get (about a minute)", flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if done.returncode != 0:
            return None
    return find()


def main() -> int:
    """Find or install; always 0, because tests without a browser are skipped and say so."""
    found = find() or install()
    print(f"browser: {found}" if found else f"browser: {HOW}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
