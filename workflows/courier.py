"""An office's courier: one long activity after another, for ever. What it carries and to whom stands in the outbox, not here."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.types import DELIVER
    from workflows import contract, policies


@workflow.defn(name=contract.COURIER)
class CourierWorkflow:
    """Sees to it that exactly one worker delivers for an office, and another one when that worker is gone."""

    @workflow.run
    async def run(self, office: str) -> None:
        """A day's shifts of `deliver`, then anew with an empty history."""
        for _ in range(policies.SHIFTS):
            await workflow.execute_activity(DELIVER, office, result_type=int, **policies.DELIVER)
            if workflow.info().is_continue_as_new_suggested():
                break
        workflow.continue_as_new(office)
