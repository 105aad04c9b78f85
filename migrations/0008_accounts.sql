-- Who may sign in, who is signed in, and what somebody was typing: the API's own tables, never a case's.

create table accounts (
    office       text not null,
    person       text not null,                     -- a person of the office file
    secret       text not null,                     -- argon2id
    must_change  boolean not null default true,     -- the password was given by somebody else
    disabled_at  timestamptz,
    failures     int not null default 0,            -- wrong passwords in a row
    locked_until timestamptz,
    changed_at   timestamptz not null default now(),
    changed_by   text not null,
    primary key (office, person)
);

create table sessions (
    digest     text primary key,                    -- SHA-256 of what the cookie holds
    office     text not null,
    person     text not null,                       -- 'complainant' follows one case
    follows    text not null default '',            -- that case
    began_at   timestamptz not null default now(),
    seen_at    timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at   timestamptz
);
create index sessions_person on sessions (office, person) where ended_at is null;

create table sign_ins (
    id     bigint generated always as identity primary key,
    office text not null,
    person text not null,
    what   text not null,                           -- in, out, wrong, locked, changed, reset, disabled, enabled
    by     text not null,
    at     timestamptz not null default now()
);
create index sign_ins_person on sign_ins (office, person, id);
create trigger sign_ins_only_new before update or delete on sign_ins for each row execute function only_new();

create table drafts (
    id         text primary key,
    office     text not null,
    person     text not null,
    what       text not null,                       -- 'parked' by a clerk, 'kept' from a session that ended
    path       text not null,                       -- the page that it belongs to
    sealed     text not null,                       -- the fields, under the key of office and year
    began_at   timestamptz not null,                -- the first key
    saved_at   timestamptz not null default now(),
    expires_at timestamptz not null
);
create index drafts_person on drafts (office, person, expires_at);
