-- The ledgers: what looks across cases. An entry is written with the events that it comes from, in one transaction, so none is lost;
-- its key is case and event, so none is counted twice. A ledger's events are kept as a case's are: append-only, chained, compared and adopted.

create table ledger_entries (
    key         text primary key,
    office      text not null,
    book        text not null,
    case_id     text not null references cases (case_id),
    body        jsonb not null,
    recorded_at timestamptz not null default now(),
    sent_at     timestamptz,                         -- on its way to the ledger; sent again when it is not taken within a minute
    taken_at    timestamptz                          -- the ledger has counted it
);
create index ledger_entries_waiting on ledger_entries (office, book, recorded_at, key) where taken_at is null;

create table ledgers (
    id            text primary key,
    office        text not null,
    book          text not null,
    version       int not null,
    chain_head    text not null,
    state         jsonb,                             -- the ledger as it stood at `state_version`; the events after it follow from there
    state_version int not null default 0,
    changed_at    timestamptz not null default now()
);
create index ledgers_office on ledgers (office);

create table ledger_events (
    ledger      text not null references ledgers (id),
    seq         int not null,
    kind        text not null,
    at          timestamptz not null,
    actor       text not null,
    body        text not null,                       -- canonical text: what the chain hashes
    hash        text not null,
    recorded_at timestamptz not null default now(),
    primary key (ledger, seq)
);
create table ledger_outcomes (
    ledger     text not null references ledgers (id),
    command_id text not null,
    code       text not null,
    seq        int not null,
    primary key (ledger, command_id)
);
create trigger ledger_events_only_new before update or delete on ledger_events for each row execute function only_new();

create or replace function record_step(batch jsonb) returns jsonb language plpgsql as $$
declare
    named  text := coalesce(batch ->> 'law', '');
    answer jsonb;
begin
    if named <> '' and coalesce(batch ->> 'law_text', '') <> '' then
        insert into law (sha256, text) values (named, batch ->> 'law_text') on conflict do nothing;
    end if;
    answer := record_batch(batch - 'law_text');
    if named <> '' then
        update cases set law_sha256 = named where case_id = batch ->> 'case' and law_sha256 is null;
    end if;
    if jsonb_typeof(batch -> 'entries') = 'array' and jsonb_array_length(answer -> 'stored') = 0 then
        insert into ledger_entries (key, office, book, case_id, body)
        select e ->> 'key', batch ->> 'office', batch ->> 'book', batch ->> 'case', e
        from jsonb_array_elements(batch -> 'entries') as e on conflict (key) do nothing;
    end if;
    return answer;
end $$;

create function ledger_step(batch jsonb) returns jsonb language plpgsql as $$
declare
    name    text := batch ->> 'ledger';
    decided int  := (batch ->> 'version')::int;
    stored  int;
    head    text;
    one     jsonb;
begin
    insert into ledgers (id, office, book, version, chain_head) values (name, batch ->> 'office', batch ->> 'book', 0, repeat('0', 64)) on conflict do nothing;
    select l.version, l.chain_head into stored, head from ledgers l where l.id = name for update;
    if stored < decided then
        raise exception 'ledger % was decided on version %, the record has %', name, decided, stored;
    elsif stored > decided then
        return jsonb_build_object('stored', (select coalesce(jsonb_agg(to_jsonb(e.body) order by e.seq), '[]') from ledger_events e where e.ledger = name and e.seq > decided));
    end if;
    for one in select value from jsonb_array_elements(batch -> 'events') loop
        head := encode(sha256(convert_to(head || (one ->> 'text'), 'UTF8')), 'hex');
        stored := (one ->> 'seq')::int;
        insert into ledger_events (ledger, seq, kind, at, actor, body, hash)
        values (name, stored, one ->> 'kind', (one ->> 'at')::timestamptz, one ->> 'actor', one ->> 'text', head);
    end loop;
    insert into ledger_outcomes (ledger, command_id, code, seq)
    select name, o.command_id, o.code, o.seq from jsonb_to_recordset(batch -> 'outcomes') as o (command_id text, code text, seq int);
    update ledger_entries set taken_at = now() where key in (select jsonb_array_elements_text(batch -> 'taken')) and taken_at is null;
    update ledgers set version = stored, chain_head = head, changed_at = now() where id = name;
    if jsonb_typeof(batch -> 'state') = 'object' then
        update ledgers set state = batch -> 'state', state_version = stored where id = name;
    end if;
    return jsonb_build_object('stored', '[]'::jsonb);
end $$;
