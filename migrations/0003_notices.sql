-- What became of each notice, person by person: the inbox row is written at once, what the outside addresses took is kept beside it.

alter table inbox
    add column office       text not null default '',
    add column demanded     boolean not null default true,
    add column held         boolean not null default false,    -- demanded, but the office wants it after its quiet time: the courier's
    add column reached_at   timestamptz,                       -- every outside address of the person has it, or there is none
    add column took         text[] not null default '{}',      -- digests of the addresses that have it already
    add column tries        int not null default 0,
    add column failed_since timestamptz,
    add column next_try     timestamptz not null default now(),
    add column last_error   text not null default '';
update inbox i set reached_at = i.sent_at, office = o.office, demanded = o.demanded from outbox o where o.key = i.key;
create index inbox_open on inbox (office, next_try) where reached_at is null;

alter table outbox
    add column shown_at   timestamptz,                         -- the inbox rows are written
    add column failing_at timestamptz,                         -- six tries or an hour were in vain: somebody must be told
    add column marked_at  timestamptz,                         -- the case, or the door log, has been told
    add column cleared_at timestamptz;                         -- and of its end
update outbox set shown_at = sent_at where sent_at is not null;
drop index outbox_waiting;
create index outbox_open on outbox (office, next_try) where sent_at is null;
create index outbox_failing on outbox (office) where failing_at is not null and cleared_at is null;
