-- Changes of an office's people since its file was written, each signed by the installation; and which state of them running cases were told.

create table people_changes (
    office    text not null,
    seq       int not null,
    what      text not null,                        -- added, posts (with unit and rank), left, substitute, substitute_ended
    person    text not null,
    by        text not null,
    at        timestamptz not null,
    body      text not null,                        -- the whole change (value, reason, first day): what is signed
    signature text not null,
    primary key (office, seq)
);
create trigger people_changes_only_new before update or delete on people_changes for each row execute function only_new();

create table people_told (
    office  text not null,
    edition int not null,
    people  text not null,                          -- digest of who is who
    changes text not null,                          -- digest of the changes in it
    at      timestamptz not null default now(),
    primary key (office, edition)
);
create trigger people_told_only_new before update or delete on people_told for each row execute function only_new();
alter table sign_ins add column reason text not null default '';  -- why an administrator did it
create index outcomes_people on outcomes (case_id) where starts_with(command_id, 'people:');
