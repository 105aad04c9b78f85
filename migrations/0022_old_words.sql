-- Words of old records by keyed digest, each under the level of readers that it is open to: derived by the API, as register_words is of cases.
-- What is sealed lies under a key of its year: where that is destroyed, nothing is found by it any more.
create table old_words (
    id          text primary key references old_records (id),
    office      text not null,
    received_at timestamptz not null,
    edition     int not null,                        -- the form of the index that wrote this row
    tokens      bigint[] not null,
    guards      text[] not null,                     -- ids that some rule below may close words to; '*' where one leaves a few only
    closed      jsonb not null
);
create index old_words_tokens on old_words using gin (tokens);
create index old_records_kept on old_records (kept_at, id);
