-- Each case names the law it was filed under; the law lies here once, by its hash, and its prose beside it.

alter table law add constraint law_is_its_hash check (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'));
create trigger law_only_new before update or delete on law for each row execute function only_new();

create table law_words (                          -- the API's own: what people read, by the law it belongs to
    law     text not null,
    sha256  text not null,
    text    text not null,
    kept_at timestamptz not null default now(),
    primary key (law, sha256),
    constraint law_words_are_their_hash check (sha256 = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);
create trigger law_words_only_new before update or delete on law_words for each row execute function only_new();

alter table cases add column law_sha256 text references law (sha256);   -- null only in rows from before this file
create index cases_concerned on cases using gin (("row" -> 'concerned'));
create index cases_next on cases (office, (coalesce(next_due_at, '9999-12-31 00:00:00+00'::timestamptz)), case_id);
drop index cases_received;
create index cases_received on cases (office, received_at desc, case_id desc);

-- One step of a case, in one round trip: the law with the first batch, then compare and adopt.
create function record_step(batch jsonb) returns jsonb language plpgsql as $$
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
    return answer;
end $$;

-- Tokens closed before their end; every API process reads them, and keeps a copy for when it cannot.
create table revoked_tokens (
    jti        text primary key,
    expires    timestamptz not null,
    revoked_at timestamptz not null default now()
);
create index revoked_tokens_expires on revoked_tokens (expires);
