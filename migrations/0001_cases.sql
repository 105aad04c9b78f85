-- The searchable copy: append-only events, what was answered, what must be said, and the flat row of each case.

create table cases (
    case_id       text primary key,
    office        text not null,
    book          text not null,
    version       int not null,
    chain_head    text not null,
    phase         text not null default 'none',
    register_no   text not null default '',
    kind          text,
    channel       text,
    source        text,
    disposition   text,
    grade         text,
    clerk         text,
    units         text[] not null default '{}',
    waiting_on    text[] not null default '{}',
    received_at   timestamptz,
    closed_at     timestamptz,
    next_due_day  date,
    next_due_at   timestamptz,
    overdue       boolean not null default false,
    late          boolean not null default false,
    provisional   boolean not null default false,
    "row"         jsonb not null,
    changed_at    timestamptz not null default now()
);
create unique index cases_register_no on cases (office, register_no) where register_no <> '';
create index cases_due on cases (office, next_due_at, case_id);
create index cases_phase on cases (office, phase, case_id);
create index cases_received on cases (office, received_at desc, case_id);
create index cases_waiting on cases using gin (waiting_on);
create index cases_units on cases using gin (units);
create index cases_digests on cases using gin (("row" -> 'digests'));

create table events (
    case_id     text not null references cases (case_id),
    seq         int not null,
    kind        text not null,
    at          timestamptz not null,
    actor       text not null,
    command_id  text not null default '',
    body        text not null,                       -- canonical text: what the chain hashes
    data        jsonb not null,
    hash        text not null,
    recorded_at timestamptz not null default now(),
    primary key (case_id, seq)
);
create index events_command on events (command_id) where command_id <> '';

create table outcomes (
    case_id    text not null references cases (case_id),
    command_id text not null,
    code       text not null,                        -- 'accepted' or the code of the refusal
    first_seq  int not null,
    last_seq   int not null,
    primary key (case_id, command_id)
);
create index outcomes_command on outcomes (command_id);

create table outbox (
    key        text primary key,
    case_id    text not null references cases (case_id),
    "to"       text[] not null,
    form       text not null,
    clause     text[] not null default '{}',
    demanded   boolean not null,
    data       jsonb not null,
    office     text not null,
    created_at timestamptz not null default now(),
    sent_at    timestamptz,
    tries      int not null default 0,
    last_error text not null default '',
    next_try   timestamptz not null default now()
);
create index outbox_waiting on outbox (next_try) where sent_at is null;

create table inbox (
    key     text not null references outbox (key),
    person  text not null,
    case_id text not null references cases (case_id),
    form    text not null,
    clause  text[] not null default '{}',
    data    jsonb not null,
    sent_at timestamptz not null default now(),
    read_at timestamptz,
    primary key (person, key)
);
create index inbox_newest on inbox (person, sent_at desc);

create table register_numbers (
    office text not null,
    year   int not null,
    last   int not null,
    primary key (office, year)
);

create table door_log (
    id         bigint generated always as identity primary key,
    case_id    text not null,
    command_id text not null,
    act        text not null,
    actor      text not null,
    code       text not null,
    body       jsonb not null,
    at         timestamptz not null default now()
);
create index door_log_case on door_log (case_id, id);

create table law (
    sha256 text primary key,
    text   text not null,
    kept_at timestamptz not null default now()
);

create function only_new() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name;
end $$;
create trigger events_only_new before update or delete on events for each row execute function only_new();
create trigger outcomes_only_new before update or delete on outcomes for each row execute function only_new();

-- Compare and adopt, in one round trip. Appends only to the version that the batch was decided on; otherwise it writes
-- nothing and returns what is stored after that version, and the case decides the rest again.
create function record_batch(batch jsonb) returns jsonb language plpgsql as $$
declare
    id       text := batch ->> 'case';
    decided  int  := (batch ->> 'version')::int;
    ask      jsonb := batch -> 'number';             -- null, or {office, year, prefix, width, suffix, token}
    flat     jsonb := batch -> 'row';
    stored   int;
    head     text;
    number   int;
    no       text := '';
    one      jsonb;
    body     text;
begin
    select c.version, c.chain_head into stored, head from cases c where c.case_id = id for update;
    if not found then
        if decided > 0 then
            raise exception 'case % was decided on version %, and no record of it exists', id, decided;
        end if;
        stored := 0;
        head := repeat('0', 64);
        insert into cases (case_id, office, book, version, chain_head, "row")
        values (id, batch ->> 'office', batch ->> 'book', 0, head, '{}');   -- a second first waits here and then fails; its retry adopts
    end if;
    if stored < decided then
        raise exception 'case % was decided on version %, the record has %', id, decided, stored;
    elsif stored > decided then
        return jsonb_build_object('number', null, 'head', head, 'stored', (
            select coalesce(jsonb_agg(to_jsonb(e.body) order by e.seq), '[]') from events e where e.case_id = id and e.seq > decided));
    end if;

    if ask is not null and jsonb_typeof(ask) = 'object' then
        insert into register_numbers as r (office, year, last) values (ask ->> 'office', (ask ->> 'year')::int, 1)
        on conflict (office, year) do update set last = r.last + 1 returning r.last into number;
        no := number::text;
        no := (ask ->> 'prefix') || lpad(no, greatest((ask ->> 'width')::int, length(no)), '0') || (ask ->> 'suffix');
    end if;

    for one in select value from jsonb_array_elements(batch -> 'events') loop
        body := one ->> 'text';
        if number is not null then
            body := replace(body, to_jsonb(ask ->> 'token')::text, to_jsonb(no)::text);
        end if;
        head := encode(sha256(convert_to(head || body, 'UTF8')), 'hex');
        insert into events (case_id, seq, kind, at, actor, command_id, body, data, hash)
        values (id, (one ->> 'seq')::int, one ->> 'kind', (one ->> 'at')::timestamptz, one ->> 'actor', one ->> 'command_id',
                body, body::jsonb -> 'data', head);
        stored := (one ->> 'seq')::int;
    end loop;

    insert into outcomes (case_id, command_id, code, first_seq, last_seq)
    select id, o.command_id, o.code, o.first_seq, o.last_seq
    from jsonb_to_recordset(batch -> 'outcomes') as o (command_id text, code text, first_seq int, last_seq int);

    insert into outbox (key, case_id, "to", form, clause, demanded, data, office)
    select o.key, id, array(select jsonb_array_elements_text(o."to")), o.form, array(select jsonb_array_elements_text(o.clause)), o.demanded,
           case when o.data ->> 'register_no' = '#' then jsonb_set(o.data, '{register_no}', to_jsonb(no)) else o.data end, batch ->> 'office'
    from jsonb_to_recordset(batch -> 'outbox') as o (key text, "to" jsonb, form text, clause jsonb, demanded boolean, data jsonb)
    on conflict (key) do nothing;

    if number is not null then
        flat := flat || jsonb_build_object('register_no', no);
    end if;
    flat := flat || jsonb_build_object('chain_head', head, 'version', stored);
    update cases c set
        version = stored, chain_head = head, phase = flat ->> 'phase', register_no = coalesce(flat ->> 'register_no', ''),
        kind = flat ->> 'kind', channel = flat ->> 'channel', source = flat ->> 'source', disposition = flat ->> 'disposition',
        grade = flat ->> 'grade', clerk = flat ->> 'clerk',
        units = array(select jsonb_array_elements_text(flat -> 'units')), waiting_on = array(select jsonb_array_elements_text(flat -> 'waiting_on')),
        received_at = (flat ->> 'received_at')::timestamptz, closed_at = (flat ->> 'closed_at')::timestamptz,
        next_due_day = (flat ->> 'next_due_day')::date, next_due_at = (flat ->> 'next_due_at')::timestamptz,
        overdue = (flat ->> 'overdue')::boolean, late = (flat ->> 'late')::boolean, provisional = (flat ->> 'provisional')::boolean,
        "row" = flat, changed_at = now()
    where c.case_id = id;
    return jsonb_build_object('number', number, 'head', head, 'stored', '[]'::jsonb);
end $$;
