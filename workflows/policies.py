"""How often, how long: one place for the time-outs and retries of a case's activities and tasks."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

TASK_QUEUE = "huiyin-cases"
COURIER_QUEUE = "huiyin-couriers"  # their own: a long activity for each office would take the places of the cases'
TASK_TIMEOUT = timedelta(seconds=5)  # a killed worker's task waits this long; the default is 10
STICKY = timedelta(seconds=2)
POLLS = 20  # a task that finds nobody asking is written to the engine's database and read back: 3.4 times a case at the SDK's five
AT_ONCE = 32  # acts of one step: an outage may queue hundreds, and a task has 2 s and a batch 2 MiB
DRAIN = timedelta(seconds=8)

CARRY_TELLING = "carry-telling"  # patch: notices on their way go along into the next run
OUTLIVES_CANCEL = "outlives-cancel"  # patch: a cancel request of the engine's pages ends no case

# Two tries within 3 s at one event, then the same batch as a regular activity without limit: an outage costs events by the hour, not by the second.
QUICK: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=2),
    "schedule_to_close_timeout": timedelta(seconds=3),
    "retry_policy": RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2),
}
PATIENT: dict[str, Any] = {"start_to_close_timeout": timedelta(seconds=10), "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=10))}

# A notice may wait for a mail server: more time each, longer pauses, no end; the statutory clock goes on meanwhile.
NOTIFY_QUICK: dict[str, Any] = QUICK
NOTIFY_PATIENT: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=60),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=10), maximum_interval=timedelta(hours=1)),
}

# A page of revisions takes 5 s at its pace; a killed worker's page goes on elsewhere after the heartbeat's time.
REVISING: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=10)),
}

# The keeper of histories runs by the hour and is missed after half a minute; the check reads every kept file once.
KEEP: dict[str, Any] = {
    "start_to_close_timeout": timedelta(hours=2),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(maximum_interval=timedelta(seconds=30)),
}
CHECK: dict[str, Any] = {**KEEP, "start_to_close_timeout": timedelta(hours=12)}

# One shift of a courier: a dead worker is noticed within seconds, another takes over; a day's shifts make one run. Each sign of life is a write of the engine's, for every office.
DELIVER: dict[str, Any] = {
    "start_to_close_timeout": timedelta(hours=2),
    "heartbeat_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=10)),
}
SHIFTS = 24
