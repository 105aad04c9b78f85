-- The life of a book: who put which text forward for an office, who confirmed it, from which day it binds. Append-only and chained; each entry
-- is signed with the installation's key for rules, so that nobody who can only write here can change the law.

create table rulebook_texts (
    sha256  text primary key,
    text    text not null,                           -- book with its words, clause list, the office's terms
    kept_at timestamptz not null default now(),
    constraint rulebook_texts_are_their_hash check (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);
create trigger rulebook_texts_only_new before update or delete on rulebook_texts for each row execute function only_new();

create table rulebook_versions (
    office      text not null,
    seq         int not null,
    kind        text not null check (kind in ('proposed', 'confirmed', 'withdrawn')),
    sha256      text not null references rulebook_texts (sha256),
    body        text not null,                       -- canonical text: what is signed, and what the next entry names by its hash
    signature   text not null,
    recorded_at timestamptz not null default now(),
    primary key (office, seq)
);
create trigger rulebook_versions_only_new before update or delete on rulebook_versions for each row execute function only_new();

-- Compare and append: true when the entry stands, false when another has come between.
create function rulebook_step(entry text, signed text, full_text text) returns boolean language plpgsql as $$
declare
    parsed jsonb := entry::jsonb;
    name   text := parsed ->> 'office';
    number int := (parsed ->> 'seq')::int;
    last   rulebook_versions%rowtype;
begin
    perform pg_advisory_xact_lock(hashtextextended('rulebook:' || name, 0));
    select * into last from rulebook_versions where office = name order by seq desc limit 1;
    if number <> coalesce(last.seq, 0) + 1
        or parsed ->> 'prev' <> coalesce(encode(sha256(convert_to(last.body, 'UTF8')), 'hex'), repeat('0', 64)) then
        return exists (select 1 from rulebook_versions v where v.office = name and v.seq = number and v.body = entry);
    end if;
    if full_text <> '' then
        insert into rulebook_texts (sha256, text) values (parsed ->> 'sha256', full_text) on conflict do nothing;
    end if;
    insert into rulebook_versions (office, seq, kind, sha256, body, signature) values (name, number, parsed ->> 'kind', parsed ->> 'sha256', entry, signed);
    return true;
end $$;
