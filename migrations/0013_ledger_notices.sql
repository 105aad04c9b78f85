-- What a ledger tells people goes the way of every notice: outbox, inbox, courier. Such a notice belongs to no case.

alter table outbox
    alter column case_id drop not null,
    add column ledger text references ledgers (id),
    add constraint outbox_of_one check ((case_id is null) <> (ledger is null));
alter table inbox alter column case_id drop not null;

alter function ledger_step(jsonb) rename to ledger_write;
create function ledger_step(batch jsonb) returns jsonb language plpgsql as $$
declare
    answer jsonb := ledger_write(batch);
begin
    if jsonb_typeof(batch -> 'outbox') = 'array' and jsonb_array_length(answer -> 'stored') = 0 then
        insert into outbox (key, ledger, "to", form, clause, demanded, data, office)
        select o.key, batch ->> 'ledger', array(select jsonb_array_elements_text(o."to")), o.form, array(select jsonb_array_elements_text(o.clause)), o.demanded, o.data, batch ->> 'office'
        from jsonb_to_recordset(batch -> 'outbox') as o (key text, "to" jsonb, form text, clause jsonb, demanded boolean, data jsonb)
        on conflict (key) do nothing;
        update outbox set next_try = now() - interval '1 hour' where ledger = batch ->> 'ledger' and shown_at is null;  -- no case tries it: the courier's at once
    end if;
    return answer;
end $$;
