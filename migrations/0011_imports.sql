-- Old registers: each import an act with a name, a reason and the hash of its file; closed rows as read-only records; what became of each row.
-- All of it is the API's own; open rows become cases, which only the record writes.

create table imports (
    id            text primary key,                    -- derived from office, file and mapping: the same import is the same for ever
    office        text not null,
    person        text not null,
    reason        text not null,
    file_sha256   text not null,
    file_year     int not null,                        -- under whose key the file lies sealed
    mapping       jsonb not null,
    state         text not null default 'new',         -- new, checking, checked, running, done, failed
    error         text not null default '',
    total         int not null default 0,
    closed        int not null default 0,              -- rows that are to be records
    open          int not null default 0,              -- rows that are to be cases
    refused       int not null default 0,
    report        jsonb not null default '{}',         -- notes on the mapping, and how the first rows are understood
    report_sha256 text not null default '',
    created_at    timestamptz not null default now(),
    checked_at    timestamptz,
    started_at    timestamptz,
    finished_at   timestamptz
);
create index imports_office on imports (office, created_at desc);

create table import_rows (
    import  text not null references imports (id),
    "row"   int not null,
    outcome text not null,                             -- record, case, known, refused
    ref     text not null default '',                  -- the record or case
    findings jsonb not null default '[]',
    done_at timestamptz not null default now(),
    primary key (import, "row")
);

create table import_mappings (                         -- the last mapping that an office has used, for its next file
    office  text primary key,
    mapping jsonb not null,
    person  text not null,
    kept_at timestamptz not null default now()
);

create table old_records (
    id          text primary key,                      -- derived from office, old number and year of receipt
    office      text not null,
    import      text not null references imports (id),
    "line"      int not null,                          -- its row in the file
    number      text not null,                         -- as the old register has it
    received_at timestamptz not null,
    closed_at   timestamptz,
    units       text[] not null default '{}',
    about       jsonb not null,                        -- kind, channel, source, clerk, facts, people complained of; names sealed
    sealed      text not null,                         -- identity, original text, every other cell
    outcome     text not null default '',              -- sealed
    digests     text[] not null default '{}',
    content     text not null,                         -- keyed digest of the row, to tell a repeat from another content
    "row"       jsonb not null,                        -- concerned, barred, closed: who may know of it, as in cases
    law         text not null,                         -- whose words lie in law_words
    kept_at     timestamptz not null default now()
);
create index old_records_newest on old_records (office, received_at desc, id desc);
create index old_records_number on old_records (office, number);
create index old_records_digests on old_records using gin (digests);
create index old_records_concerned on old_records using gin (("row" -> 'concerned'));
create trigger old_records_only_new before update or delete on old_records for each row execute function only_new();
