"""Stands in front of every part: die with the parent, leave root, become the part.

Run as a script (``python -I -S launch.py ORDER COMMAND...``), standard library only, so that it costs some 15 ms.
It exists because ``preexec_fn`` is not safe in a process with threads, and the SDK brings threads.
ORDER is JSON: parent (pid), death (signal), uid, gid (or null), caps (list of capability numbers kept without root).
"""

import ctypes
import json
import os
import sys

PR_SET_PDEATHSIG, PR_SET_KEEPCAPS, PR_SET_SECUREBITS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 1, 8, 28, 47, 2
SECBIT_NO_SETUID_FIXUP = 1 << 2  # else access(2) forgets the capability, and initdb asks by it whether it may run postgres
CAPABILITY_VERSION_3 = 0x20080522


def capset(libc: ctypes.CDLL, mask: int) -> None:
    """Exactly these capabilities: effective, permitted, inheritable. Linux only."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)(*([mask & 0xFFFFFFFF] * 3), *([mask >> 32] * 3))
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def leave_root(libc: "ctypes.CDLL | None", uid: int, gid: int, caps: "list[int]") -> None:
    """Become uid/gid; capabilities in `caps` survive the exec (ambient)."""
    if libc and caps:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if libc and caps:
        capset(libc, sum(1 << cap for cap in caps))
        for cap in caps:
            libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0)


def main(order_text: str, command: "list[str]") -> None:
    """Obey the order, then become the command."""
    order = json.loads(order_text)
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if order["uid"] is not None:
        leave_root(libc, order["uid"], order["gid"], order["caps"])
    if libc:
        # after leave_root: a change of user clears the death signal
        libc.prctl(PR_SET_PDEATHSIG, order["death"], 0, 0, 0)
    if os.getppid() != order["parent"]:
        sys.exit(125)  # the parent died before we asked to die with it
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
