-- Which migrations a store has seen. Run at every open, before anything else: this table is older than the ledger itself.
-- @sqlite
create table if not exists migration (schema_name text not null, number integer not null, name text not null,
  hash text not null, at_us integer not null, primary key (schema_name, number)) strict;
-- @postgres
create table if not exists migration (schema_name text not null, number bigint not null, name text not null,
  hash text not null, at_us bigint not null, primary key (schema_name, number));
