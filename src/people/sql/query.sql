-- account_add(name text, full_name text, email text, phone text, language text, password_hash text, totp_secret bytes, locked bool, created_us i64)
insert into account (name, full_name, email, phone, language, password_hash, totp_secret, totp_step, locked, created_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9) returning id;
-- account_by_name(name text)
select id, name, full_name, email, phone, language, locked, totp_secret is not null as totp, created_us from account where name = ?1;
-- account_get(id i64)
select id, name, full_name, email, phone, language, locked, totp_secret is not null as totp, created_us from account where id = ?1;
-- account_after(name text, most i64)
select id, name, full_name, email, phone, language, locked, totp_secret is not null as totp, created_us
  from account where name > ?1 order by name limit ?2;
-- account_set_password(id i64, password_hash text)
update account set password_hash = ?2 where id = ?1;
-- account_set_totp(id i64, totp_secret bytes)
update account set totp_secret = ?2, totp_step = 0 where id = ?1;
-- account_set_locked(id i64, locked bool)
update account set locked = ?2 where id = ?1;
-- account_take_step(id i64, step i64)
update account set totp_step = ?2 where id = ?1 and totp_step < ?2;
-- credentials(name text)
select id, name, full_name, password_hash, totp_secret, totp_step, locked from account where name = ?1;

-- lockout_until(who text)
select until_us from lockout where who = ?1;
-- lockout_put(who text, until_us i64)
insert into lockout (who, until_us) values (?1, ?2) on conflict (who) do update set until_us = excluded.until_us;
-- lockout_drop(who text)
delete from lockout where who = ?1;
-- lockout_forget(before_us i64)
delete from lockout where until_us < ?1;
-- attempt_add(who text, at_us i64)
insert into attempt (who, at_us) values (?1, ?2);
-- attempt_count(who text, since_us i64)
select count(*) from attempt where who = ?1 and at_us > ?2;
-- attempt_drop(who text)
delete from attempt where who = ?1;
-- attempt_forget(before_us i64)
delete from attempt where at_us < ?1;

-- role_put(account i64, role text, unit text, valid_from i64, valid_to i64)
insert into role (account, role, unit, valid_from, valid_to) values (?1, ?2, ?3, ?4, ?5)
  on conflict (account, role, unit, valid_from) do update set valid_to = excluded.valid_to;
-- role_end(account i64, role text, unit text, today i64, yesterday i64)
update role set valid_to = ?5
  where account = ?1 and role = ?2 and unit = ?3 and valid_from <= ?4 and (valid_to is null or valid_to >= ?4);
-- role_drop_later(account i64, role text, unit text, today i64)
delete from role where account = ?1 and role = ?2 and unit = ?3 and valid_from > ?4;
-- role_all(account i64, today i64)
select r.account, r.role, r.unit, u.name as unit_name, r.valid_from, r.valid_to
  from role r left join unit u on u.code = r.unit
    and u.valid_from <= case when r.valid_to < ?2 then r.valid_to else ?2 end and u.valid_to >= case when r.valid_to < ?2 then r.valid_to else ?2 end
  where r.account = ?1 order by r.valid_from desc, r.unit, r.role;
-- role_now(account i64, today i64)
select r.account, r.role, r.unit, u.name as unit_name, r.valid_from, r.valid_to
  from role r left join unit u on u.code = r.unit and u.valid_from <= ?2 and u.valid_to >= ?2
  where r.account = ?1 and r.valid_from <= ?2 and (r.valid_to is null or r.valid_to >= ?2)
    and (u.code is not null or not exists (select 1 from unit known where known.code = r.unit))
  order by r.unit, r.role;

-- role_holders(role text, unit text, day i64)
select distinct a.id as account, a.name, a.full_name
  from role r join account a on a.id = r.account
  where r.role = ?1 and r.unit = ?2 and r.valid_from <= ?3 and (r.valid_to is null or r.valid_to >= ?3)
  order by a.name;

-- unit_clear(code text, valid_from i64, valid_to i64)
delete from unit where code = ?1 and valid_from <= ?3 and valid_to >= ?2;
-- unit_put(code text, valid_from i64, valid_to i64, name text, kind text, parent text, level text, address text, phone text, hours text)
insert into unit (code, valid_from, valid_to, name, kind, parent, level, address, phone, hours)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
-- unit_tree()
select code, parent, valid_from, valid_to from unit;
-- unit_get(code text, day i64)
select u.code, u.name, u.kind, u.parent, u.level, u.valid_from, u.valid_to, a.code as agency_code, u.address, u.phone, u.hours
  from unit u left join agency_code a on a.unit = u.code and a.valid_from <= ?2 and a.valid_to >= ?2
  where u.code = ?1 and u.valid_from <= ?2 and u.valid_to >= ?2;
-- unit_below(parent text, day i64)
select u.code, u.name, u.kind, u.parent, u.level, u.valid_from, u.valid_to, a.code as agency_code, u.address, u.phone, u.hours
  from unit u left join agency_code a on a.unit = u.code and a.valid_from <= ?2 and a.valid_to >= ?2
  where u.parent = ?1 and u.valid_from <= ?2 and u.valid_to >= ?2 order by u.code;
-- unit_tops(day i64)
select u.code, u.name, u.kind, u.parent, u.level, u.valid_from, u.valid_to, a.code as agency_code, u.address, u.phone, u.hours
  from unit u left join agency_code a on a.unit = u.code and a.valid_from <= ?1 and a.valid_to >= ?1
  where u.parent is null and u.valid_from <= ?1 and u.valid_to >= ?1 order by u.code;
-- unit_on(day i64)
select u.code, u.name, u.kind, u.parent, u.level, u.valid_from, u.valid_to, a.code as agency_code, u.address, u.phone, u.hours
  from unit u left join agency_code a on a.unit = u.code and a.valid_from <= ?1 and a.valid_to >= ?1
  where u.valid_from <= ?1 and u.valid_to >= ?1 order by u.code;
-- agency_code_clear(unit text, valid_from i64, valid_to i64)
delete from agency_code where unit = ?1 and valid_from <= ?3 and valid_to >= ?2;
-- agency_code_put(unit text, valid_from i64, valid_to i64, code text)
insert into agency_code (unit, valid_from, valid_to, code) values (?1, ?2, ?3, ?4);
-- agency_code_others(code text, unit text, valid_from i64, valid_to i64)
select count(*) from agency_code where code = ?1 and unit <> ?2 and valid_from <= ?4 and valid_to >= ?3;

-- span_all()
select weekday, from_minute, to_minute from calendar_span order by weekday, from_minute;
-- span_clear()
delete from calendar_span;
-- span_put(weekday i64, from_minute i64, to_minute i64)
insert into calendar_span (weekday, from_minute, to_minute) values (?1, ?2, ?3);
-- calendar_between(from_day i64, to_day i64)
select day, kind, name, legal_basis, verified, own from calendar_day where day >= ?1 and day <= ?2 order by day;
-- calendar_clear()
delete from calendar_day where not own;
-- calendar_import(day i64, kind text, name text, legal_basis text, verified bool)
insert into calendar_day (day, kind, name, legal_basis, verified, own) values (?1, ?2, ?3, ?4, ?5, false) on conflict (day) do nothing;
-- calendar_put(day i64, kind text, name text, legal_basis text, verified bool)
insert into calendar_day (day, kind, name, legal_basis, verified, own) values (?1, ?2, ?3, ?4, ?5, true)
  on conflict (day) do update set kind = excluded.kind, name = excluded.name, legal_basis = excluded.legal_basis,
  verified = excluded.verified, own = excluded.own;
-- calendar_drop(day i64)
delete from calendar_day where day = ?1;

-- number_get(name text)
select value from number where name = ?1;
-- number_put(name text, value i64)
update number set value = ?2 where name = ?1;
-- number_next(name text)
update number set value = value + 1 where name = ?1;
-- loaded_get(file text)
select file, hash from loaded where file = ?1;
-- loaded_put(file text, hash text, at_us i64)
insert into loaded (file, hash, at_us) values (?1, ?2, ?3) on conflict (file) do update set hash = excluded.hash, at_us = excluded.at_us;
