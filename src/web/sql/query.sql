-- session_add(id_hash text, handle text, account i64, unit text, now_us i64, peer text, agent text)
insert into session (id_hash, handle, account, unit, begun_us, seen_us, peer, agent) values (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7);
-- session_get(id_hash text)
select handle, account, unit, begun_us, seen_us from session where id_hash = ?1;
-- session_touch(id_hash text, now_us i64)
update session set seen_us = ?2 where id_hash = ?1 and seen_us < ?2;
-- session_unit(id_hash text, unit text)
update session set unit = ?2 where id_hash = ?1;
-- session_drop(id_hash text)
delete from session where id_hash = ?1;
-- session_of(account i64, seen_after_us i64, begun_after_us i64)
select handle as key, account, begun_us, seen_us, peer, agent from session
  where account = ?1 and seen_us > ?2 and begun_us > ?3 order by seen_us desc;
-- session_revoke(account i64, handle text)
delete from session where account = ?1 and handle = ?2;
-- session_revoke_all(account i64)
delete from session where account = ?1;
-- session_sweep(seen_before_us i64)
delete from session where seen_us < ?1;

-- kept_put(id_hash text, account i64, path text, body text, now_us i64)
insert into kept (id_hash, account, path, body, kept_us) values (?1, ?2, ?3, ?4, ?5)
  on conflict (id_hash) do update set account = excluded.account, path = excluded.path, body = excluded.body, kept_us = excluded.kept_us;
-- kept_move(from_hash text, to_hash text)
update kept set id_hash = ?2 where id_hash = ?1;
-- kept_get(id_hash text, account i64, kept_after_us i64)
select path, body from kept where id_hash = ?1 and account = ?2 and kept_us > ?3;
-- kept_sweep(before_us i64)
delete from kept where kept_us < ?1;

-- sent_get(id_hash text)
select location, sent_us from sent where id_hash = ?1;
-- sent_claim(id_hash text, now_us i64)
insert into sent (id_hash, location, sent_us) values (?1, null, ?2)
  on conflict (id_hash) do update set location = null, sent_us = excluded.sent_us;
-- sent_done(id_hash text, location text, now_us i64)
update sent set location = ?2, sent_us = ?3 where id_hash = ?1;
-- sent_drop(id_hash text)
delete from sent where id_hash = ?1;
-- sent_sweep(before_us i64)
delete from sent where sent_us < ?1;

-- rate_hit(bucket text, slot i64, until_us i64)
insert into rate (bucket, slot, hits, until_us) values (?1, ?2, 1, ?3)
  on conflict (bucket) do update set hits = case when rate.slot = excluded.slot then rate.hits + 1 else 1 end,
    slot = excluded.slot, until_us = excluded.until_us
  returning hits;
-- rate_sweep(before_us i64)
delete from rate where until_us < ?1;
