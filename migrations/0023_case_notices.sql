-- What was said about one case, by its case: the page of a case read the whole outbox, which a planner forbidden to scan tables hid.
create index outbox_case on outbox (case_id, created_at) where case_id is not null;
