-- A disabled account closes its API tokens too: none that was issued up to here counts any more, also after the account is enabled again.
alter table accounts add column closed_before timestamptz;
update accounts set closed_before = disabled_at where disabled_at is not null;
