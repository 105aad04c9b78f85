-- Open pages ask each second what has changed.
create index if not exists cases_changed on cases (changed_at);   -- 0010 has it too, where it came first
