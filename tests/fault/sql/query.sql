-- entry_add(code text, payload bytes)
insert into entry (code, payload) values (?1, ?2);
-- entry_count()
select count(*) from entry;
-- entry_payload(code text)
select payload from entry where code = ?1;
-- All of one transaction and of the one that ended its ask, a bit each: the row whole, its ask, its answer; the end's row, the ask's end.
-- entry_state(code text, payload bytes, end_code text)
select (select count(*) from entry where code = ?1 and payload = ?2) + 2 * (select count(*) from outbox where subject = ?1)
  + 4 * (select count(*) from inbox where request_id = ?1) + 8 * (select count(*) from entry where code = ?3)
  + 16 * (select count(*) from outbox where subject = ?1 and state = 'answered');
