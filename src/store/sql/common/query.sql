-- migration_all(schema_name text)
select number, name, hash from migration where schema_name = ?1 order by number;
-- migration_add(schema_name text, number i64, name text, hash text, at_us i64)
insert into migration (schema_name, number, name, hash, at_us) values (?1, ?2, ?3, ?4, ?5);

-- action_add(at_us i64, account i64, person_name text, role text, unit text, action text, subject text, detail text,
--   request_id text)
insert into action (at_us, account, person_name, role, unit, action, subject, detail, request_id)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- Newest first, below the id `before`.
-- action_about(subject text, before i64, max i64)
select id, at_us, account, person_name, role, unit, action, subject, detail, request_id
  from action where subject = ?1 and id < ?2 order by id desc limit ?3;
-- When this account last did this to this subject, not before since_us; NULL: it did not.
-- action_last(account i64, action text, subject text, since_us i64)
select max(at_us) from action where account = ?1 and action = ?2 and subject = ?3 and at_us >= ?4;

-- Whether this very action is there.
-- action_kept(account i64, action text, subject text, at_us i64, request_id text)
select count(*) from action where account = ?1 and action = ?2 and subject = ?3 and at_us = ?4 and request_id = ?5;

-- outbox_add(request_id text, subject text, purpose text, service text, method text, path text, body text, now_us i64)
insert into outbox (request_id, subject, purpose, service, method, path, body, created_us, next_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8) returning id;
-- outbox_claim(now_us i64, lease_end_us i64, max i64)
update outbox set lease_us = ?2, attempts = attempts + 1
  where state = 'waiting' and id in (select id from outbox where state = 'waiting' and next_us <= ?1 and lease_us <= ?1
    order by next_us, id limit ?3)
  returning id, request_id, subject, purpose, service, method, path, body, state, created_us, next_us, lease_us, attempts,
    last_error, failing_since_us;
-- outbox_attempts(id i64)
select attempts from outbox where id = ?1 and state = 'waiting';
-- outbox_retry(id i64, next_us i64, last_error text, now_us i64)
update outbox set next_us = ?2, lease_us = 0, last_error = ?3, failing_since_us = coalesce(failing_since_us, ?4)
  where id = ?1 and state = 'waiting';
-- A row in doubt is ended by an operator, and not into doubt again.
-- outbox_end(id i64, state text, now_us i64)
update outbox set state = ?2, lease_us = 0, next_us = ?3 where id = ?1 and state in ('waiting', 'doubt') and state <> ?2;
-- outbox_pending(after i64, max i64)
select id, request_id, subject, purpose, service, method, path, body, state, created_us, next_us, lease_us, attempts,
    last_error, failing_since_us
  from outbox where state in ('waiting', 'doubt') and id > ?1 order by id limit ?2;
-- outbox_about(subject text, purpose text)
select id, request_id, subject, purpose, service, method, path, body, state, created_us, next_us, lease_us, attempts,
    last_error, failing_since_us
  from outbox where subject = ?1 and purpose = ?2 order by id desc limit 1;
-- outbox_wake(now_us i64)
update outbox set next_us = ?1 where state = 'waiting' and next_us > ?1;
-- outbox_purge(before_us i64, max i64)
delete from outbox where id in (select id from outbox where state in ('answered', 'refused') and next_us < ?1 order by next_us limit ?2);

-- inbox_find(consumer text, request_id text)
select consumer, request_id, status, answer, received_us from inbox where consumer = ?1 and request_id = ?2;
-- inbox_purge(before_us i64, max i64)
delete from inbox where (consumer, request_id) in
  (select consumer, request_id from inbox where received_us < ?1 order by received_us limit ?2);
-- inbox_add(consumer text, request_id text, status i64, answer text, received_us i64)
insert into inbox (consumer, request_id, status, answer, received_us) values (?1, ?2, ?3, ?4, ?5);
