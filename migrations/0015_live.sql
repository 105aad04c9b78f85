-- Open pages ask each second what has changed.
create index cases_changed on cases (changed_at);
