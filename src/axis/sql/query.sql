-- version_next()
update counter set value = value + 1 where name = 'directory' returning value;
-- version_skip(many i64)
update counter set value = value + ?1 where name = 'directory';
-- version_now()
select value from counter where name = 'directory';
-- changes_now()
select value from counter where name = 'changes';
-- changes_more()
update counter set value = value + 1 where name = 'changes';
-- authority_get()
select certificate from authority where name = 'authority';
-- authority_put(certificate text)
insert into authority (name, certificate) values ('authority', ?1) on conflict (name) do update set certificate = excluded.certificate;

-- member_all()
select id, name, certificate, state from member order by id;
-- member_put(id text, name text, certificate text, state text)
insert into member (id, name, certificate, state) values (?1, ?2, ?3, ?4)
  on conflict (id) do update set name = excluded.name, certificate = excluded.certificate, state = excluded.state;
-- system_all()
select id, name, gateway, url, state from system order by id;
-- system_put(id text, name text, gateway text, url text, state text)
insert into system (id, name, gateway, url, state) values (?1, ?2, ?3, ?4, ?5)
  on conflict (id) do update set name = excluded.name, gateway = excluded.gateway, url = excluded.url, state = excluded.state;
-- service_all()
select id, name, kind, endpoints from service order by id;
-- service_put(id text, name text, kind text, endpoints text)
insert into service (id, name, kind, endpoints) values (?1, ?2, ?3, ?4)
  on conflict (id) do update set name = excluded.name, kind = excluded.kind, endpoints = excluded.endpoints;
-- gateway_all()
select name, address, certificate, journal_origin, journal_key, twin_of, state from gateway order by name;
-- gateway_put(name text, address text, certificate text, journal_origin text, journal_key text, twin_of text, state text)
insert into gateway (name, address, certificate, journal_origin, journal_key, twin_of, state) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  on conflict (name) do update set address = excluded.address, certificate = excluded.certificate,
  journal_origin = excluded.journal_origin, journal_key = excluded.journal_key, twin_of = excluded.twin_of, state = excluded.state;
-- trusted_all()
select instance, directory_key, url, state from trusted order by instance;
-- trusted_put(instance text, directory_key text, url text, state text)
insert into trusted (instance, directory_key, url, state) values (?1, ?2, ?3, ?4)
  on conflict (instance) do update set directory_key = excluded.directory_key, url = excluded.url, state = excluded.state;

-- right_all()
select id, consumer, service, method, path, purpose, legal_basis, valid_from, valid_to, quota_per_minute, state, granted_by
  from access_right order by id;
-- right_of_service(service text)
select id, consumer, service, method, path, purpose, legal_basis, valid_from, valid_to, quota_per_minute, state, granted_by
  from access_right where service = ?1 order by id;
-- right_next()
select coalesce(max(id), 0) + 1 from access_right;
-- right_add(id i64, consumer text, service text, method text, path text, purpose text, legal_basis text, valid_from i64, valid_to i64, quota_per_minute i64, granted_by text)
insert into access_right (id, consumer, service, method, path, purpose, legal_basis, valid_from, valid_to, quota_per_minute, state, granted_by)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'granted', ?11);
-- right_end(id i64)
update access_right set state = 'revoked' where id = ?1 and state = 'granted';

-- token_all()
select hash, system from token order by hash;
-- token_drop(system text)
delete from token where system = ?1;
-- token_add(hash text, system text, created_us i64)
insert into token (hash, system, created_us) values (?1, ?2, ?3);

-- quota_more(access_right i64, minute i64, more i64)
insert into quota (access_right, minute, used) values (?1, ?2, ?3)
  on conflict (access_right, minute) do update set used = quota.used + excluded.used;
-- quota_all(minute i64)
select access_right, used from quota where minute = ?1 order by access_right;
-- quota_forget(minute i64)
delete from quota where minute < ?1;

-- document_all()
select instance, version, note from document as d
  where version = (select max(e.version) from document as e where e.instance = d.instance) order by instance;
-- document_version(instance text)
select max(version) from document where instance = ?1;
-- document_at(instance text, version i64)
select instance, version, note from document where instance = ?1 and version = ?2;
-- document_put(instance text, version i64, note text, taken_us i64)
insert into document (instance, version, note, taken_us) values (?1, ?2, ?3, ?4) on conflict (instance, version) do nothing;
-- document_drop(instance text)
delete from document where instance = ?1;

-- exchange_put(origin text, entry i64, request_id text, exchange_id text, consumer text, service text, method text, axis_error text, role text, status i64, at_us i64)
insert into exchange (origin, entry, request_id, exchange_id, consumer, service, method, axis_error, role, status, at_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) on conflict (origin, entry) do nothing;
-- exchange_last(origin text)
select coalesce(max(entry), -1) from exchange where origin = ?1;
-- exchange_newest(origin text, before i64, most i64)
select entry as "index", request_id, exchange_id, consumer, service, method, axis_error, role, status, at_us
  from exchange where origin = ?1 and entry < ?2 order by entry desc limit ?3;
-- exchange_about(request_id text, origin text, before i64, most i64)
select entry as "index", request_id, exchange_id, consumer, service, method, axis_error, role, status, at_us
  from exchange where request_id = ?1 and origin = ?2 and entry < ?3 order by entry desc limit ?4;
-- exchange_recent(origin text, since_us i64, most i64)
select entry as "index", request_id, exchange_id, consumer, service, method, axis_error, role, status, at_us
  from exchange where at_us >= ?2 and origin = ?1 order by at_us desc limit ?3;

-- witness_get(instance text)
select instance, origin, size, note from witness where instance = ?1;
-- witness_put(instance text, origin text, size i64, note text, seen_us i64)
insert into witness (instance, origin, size, note, seen_us) values (?1, ?2, ?3, ?4, ?5)
  on conflict (instance) do update set origin = excluded.origin, size = excluded.size, note = excluded.note, seen_us = excluded.seen_us;
