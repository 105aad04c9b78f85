-- What a hundred thousand cases showed: an unfiltered count from the smallest of indexes, the longest-standing in their order, and hits of a search
-- in order before a case is opened.

create index cases_plain on cases (office) where plain and phase <> 'none';
drop index cases_longest;
create index cases_longest on cases (office, coalesce(waiting_since, ''), case_id) include (plain)
    where phase in ('filed', 'opinion', 'handling', 'review', 'answering', 'following');

alter table register_words add column received_at timestamptz not null default '-infinity';   -- hits are put in order before a case is opened
truncate register_words, register;                   -- the API writes them anew
