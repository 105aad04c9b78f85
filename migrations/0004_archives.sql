-- Histories that outlive the engine: what was kept of each ended case, which still wait, and tasks of an office that belong to no case's own list.

create table archives (
    case_id    text primary key references cases (case_id),
    office     text not null,
    file       text not null,                        -- key in the file store
    sha256     text not null,                        -- of the file's bytes
    size       bigint not null,
    runs       jsonb not null,                       -- [{run, events, sha256}], oldest first
    events     int not null,                         -- the engine's, over all runs
    whole      boolean not null,                     -- from the first run of its chain to the end
    build      text not null,                        -- version and hash of the code that kept it
    law_sha256 text not null,                        -- of the law in the start input; '' where no key opens it
    written_at timestamptz not null default now()
);
create trigger archives_only_new before update or delete on archives for each row execute function only_new();

create table archive_queue (
    case_id    text primary key references cases (case_id),
    next_try   timestamptz not null default now() + interval '1 second',  -- by then the run has mostly ended
    tries      int not null default 0,
    last_error text not null default ''
);
create index archive_queue_next on archive_queue (next_try);

-- In the record's own transaction, so that no ended case is missed whoever writes it.
create function archive_due() returns trigger language plpgsql as $$
begin
    insert into archive_queue (case_id) values (new.case_id) on conflict do nothing;
    return null;
end $$;
create trigger events_archived after insert on events for each row when (new.kind = 'archived') execute function archive_due();
create index events_archived on events (case_id) include (recorded_at) where kind = 'archived';
insert into archive_queue (case_id) select distinct case_id from events where kind = 'archived';

create table office_tasks (
    key       text primary key,                      -- what it is about, once: 'archive:CASE'
    office    text not null,
    role      text not null,                         -- who must act
    what      text not null,                         -- a code; its words stand beside the reader
    case_id   text not null references cases (case_id),
    opened_at timestamptz not null default now(),
    closed_at timestamptz
);
create index office_tasks_open on office_tasks (office, role, opened_at) where closed_at is null;
