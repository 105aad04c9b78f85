-- Open pages ask each second what has changed: the index of 0010 serves them where it is there.
create index if not exists cases_changed on cases (changed_at);
