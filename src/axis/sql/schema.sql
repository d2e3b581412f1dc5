-- The directory of the operator's instance, the rights its gateway checks, and an index of exchanges.
create table counter (name text primary key, value i64 not null);
insert into counter (name, value) values ('directory', 0);
create table authority (name text primary key, certificate text not null);
create table member (id text primary key, name text not null, certificate text not null, state text not null);
create table system (id text primary key, name text not null, gateway text not null, url text, state text not null);
create table service (id text primary key, name text not null, kind text not null, endpoints text not null);
create table gateway (name text primary key, address text not null, certificate text not null,
  journal_origin text not null, journal_key text not null, state text not null);
create table trusted (instance text primary key, directory_key text not null, url text not null, state text not null);
create table access_right (id i64 primary key, consumer text not null, service text not null, method text not null, path text not null,
  purpose text not null, legal_basis text not null, valid_from i64, valid_to i64, quota_per_minute i64 not null,
  state text not null, granted_by text not null);
create index access_right_service on access_right (service, id);
create table token (hash text primary key, system text not null, created_us i64 not null);
create index token_system on token (system);
-- Every version that was in force is kept: a receipt shows the documents of its own time.
create table document (instance text not null, version i64 not null, note text not null, taken_us i64 not null, primary key (instance, version));
create table exchange (origin text not null, entry i64 not null, request_id text not null, exchange_id text not null,
  consumer text not null, service text not null, method text not null, axis_error text not null, role text not null,
  status i64 not null, at_us i64 not null, primary key (origin, entry));
create index exchange_request on exchange (request_id, entry);
create index exchange_time on exchange (at_us);
