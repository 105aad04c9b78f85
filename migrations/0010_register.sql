-- The register at a hundred thousand cases: columns by which a list is counted without opening a row's JSON, and the API's own index of what
-- acts say. Generated columns are short by construction: no index entry can grow too large, so none can ever stop a case from being recorded.

alter table cases
    -- ids that some secret in force may close the case to, one question for all rules; only a row that names the reader is looked at rule by rule
    add column guards jsonb not null generated always as (jsonb_path_query_array("row", '$.closed[*].from[*]')) stored,
    -- open to a few only, or without its rules: looked at rule by rule whoever asks
    add column restricted boolean not null generated always as (not ("row" ? 'closed') or jsonb_path_exists("row", '$.closed[*].only_to')) stored,
    -- no secret of its book holds now: counted from an index alone
    add column plain boolean not null generated always as ("row" ? 'closed' and "row" -> 'closed' = '[]'::jsonb) stored,
    -- kind, channel, source, disposition, grade, clerk, outcome, found, unsent
    add column facets text[] not null generated always as (array[
        left(kind, 50), left(channel, 50), left(source, 50), left(disposition, 50), left(grade, 50), left(clerk, 50),
        left("row" ->> 'outcome', 50), left("row" ->> 'found', 50), "row" ->> 'unsent']) stored,
    add column waiting_since text generated always as (left("row" ->> 'waiting_since', 40)) stored;

drop index cases_received;
create index cases_received on cases (office, received_at desc, case_id desc)
    include (phase, plain, facets, overdue, late, provisional, next_due_day, closed_at);
create index cases_guarded on cases (office, received_at desc, case_id desc) where not plain;
drop index cases_due;
create index cases_due on cases (office, next_due_day, case_id) include (plain, overdue)
    where phase in ('filed', 'opinion', 'handling', 'review', 'answering', 'following');
create index cases_longest on cases (office, waiting_since, case_id)
    where waiting_since is not null and phase in ('filed', 'opinion', 'handling', 'review', 'answering', 'following');
create index cases_closed on cases (office, closed_at desc, case_id desc) where closed_at is not null;
create index cases_changed on cases (changed_at, case_id);

-- What the API derives of each case, anew whenever its version or the form of the index has moved: never a source of truth.
create table register (
    case_id          text primary key references cases (case_id),
    office           text not null,
    version          int not null,
    edition          int not null,                   -- the form of the index that wrote this row
    facts            jsonb not null,
    satisfaction     text,
    respondent_units text[] not null,
    original         text                            -- keyed digest of the complainant's words, for the very same letter sent twice
);
create index register_facts on register using gin (facts jsonb_path_ops);
create index register_units on register using gin (respondent_units);
create index register_original on register (office, original) where original is not null;
create index register_satisfaction on register (office, satisfaction) where satisfaction is not null;

-- Words by keyed digest, each under the level of readers that it is open to; no text lies here, so a destroyed key disposes of these too.
create table register_words (
    case_id text primary key references cases (case_id),
    version int not null,
    tokens  bigint[] not null,
    guards  text[] not null,                         -- ids that some rule below may close words to; '*' where one leaves a few only
    closed  jsonb not null                           -- the rules, as cases have them, of every kind; the accused and the withdrawn among them
);
create index register_words_tokens on register_words using gin (tokens);

-- Looking for earlier cases while somebody types: once a draft and value, so that one draft never becomes a way to look up a town.
create table candidate_looks (
    office text not null,
    person text not null,
    draft  text not null,
    looked text not null,                            -- digest of what was looked for, or the case that was found
    at     timestamptz not null default now(),
    primary key (office, person, draft, looked)
);

create table saved_views (
    office   text not null,
    person   text not null,
    name     text not null,
    wish     jsonb not null,                         -- filters and order as the list takes them
    saved_at timestamptz not null default now(),
    primary key (office, person, name)
);
