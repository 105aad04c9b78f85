"""The keeper of histories, one for an installation: no case can keep its own last event, so somebody else does it after the end.

Nothing is sent to a case and nothing is added to it. One workflow for all offices, not one each: an office whose file was taken
away still has cases that must be kept.
"""

from dataclasses import replace

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.types import CHECK_ARCHIVES, KEEP_ARCHIVES, Checked, Checking, Keeping
    from workflows import policies

ARCHIVE, ARCHIVE_CHECK = "Archive", "ArchiveCheck"
TURNS = 24  # an hour each: a day's history, then a new run


@workflow.defn(name=ARCHIVE)
class ArchiveWorkflow:
    """Keeps the histories of ended cases, for ever."""

    @workflow.run
    async def run(self, state: Keeping) -> None:
        """One long activity after the other; it looks for ended cases by itself."""
        for _ in range(TURNS):
            kept = await workflow.execute_activity(KEEP_ARCHIVES, result_type=int, **policies.KEEP)
            state = replace(state, kept=state.kept + kept)
            workflow.set_current_details(f"kept {state.kept}")
        workflow.continue_as_new(state)


@workflow.defn(name=ARCHIVE_CHECK)
class ArchiveCheckWorkflow:
    """Started by the schedule: whoever ended and is not kept becomes a task of the office's administrator."""

    @workflow.run
    async def run(self, wish: Checking) -> Checked:
        """One look over all ended cases."""
        checked: Checked = await workflow.execute_activity(CHECK_ARCHIVES, wish, result_type=Checked, **policies.CHECK)
        return checked
