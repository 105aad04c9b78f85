"""What a disk's fsync costs here, and a slower one for PostgreSQL (a preloaded shim, built where a C compiler is)."""

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE = Path(__file__).with_name("slow_disk.c")
WRITES = 200


def fsync_ms(folder: Path | None = None) -> float:
    """Median milliseconds of one 8 KiB write with its fdatasync, as PostgreSQL's log does it."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(WRITES):
            began = time.perf_counter()
            os.pwrite(file.fileno(), b"\0" * 8192, 0)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


def slow_disk(folder: Path, milliseconds: float) -> dict[str, str] | None:
    """Environment that makes each fsync of a process that much slower; None where no compiler is."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    shim = folder / "slow_disk.so"
    subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", str(shim), str(SOURCE), "-ldl"], check=True, capture_output=True)
    shim.chmod(0o755)
    return {"LD_PRELOAD": str(shim), "SLOW_DISK_US": str(int(milliseconds * 1000))}


def preloaded(pid: int) -> bool:
    """Whether the shim is in that process; True where we may not look."""
    try:
        return "slow_disk" in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace")
    except OSError:
        return True
