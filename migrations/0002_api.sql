-- The API's own tables: who looked for whom, who opened a sealed identity, and why.

create table reader_log (
    id      bigint generated always as identity primary key,
    office  text not null,
    person  text not null,
    what    text not null,                     -- 'lookup', 'identity', 'attachment'
    case_id text not null default '',
    reason  text not null,
    at      timestamptz not null default now()
);
create index reader_log_person on reader_log (office, person, id);
create trigger reader_log_only_new before update or delete on reader_log for each row execute function only_new();
