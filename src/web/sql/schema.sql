-- What pages keep between requests. Ids are stored hashed: who reads this database cannot take a session over.

-- handle: how the account's own list names a session.
create table session (id_hash text primary key, handle text not null unique, account i64 not null, unit text,
  begun_us i64 not null, seen_us i64 not null, peer text not null, agent text not null);
create index session_account on session (account, seen_us);
create index session_seen on session (seen_us);

-- A form that arrived after its session had ended: kept for the same account to send again.
create table kept (id_hash text primary key, account i64 not null, path text not null, body text not null, kept_us i64 not null);
create index kept_time on kept (kept_us);

-- Forms that were sent: the same one takes effect once. location null: being handled.
create table sent (id_hash text primary key, location text, sent_us i64 not null);
create index sent_time on sent (sent_us);

-- How often a peer asked for a page in this slot of time.
create table rate (bucket text primary key, slot i64 not null, hits i64 not null, until_us i64 not null);
create index rate_time on rate (until_us);
