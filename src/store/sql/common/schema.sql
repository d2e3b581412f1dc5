-- What every system's store has beside its own tables: the action log, the outbox and the inbox.

-- Every change and every look at personal data. account 0: the system itself.
create table action (id i64 primary key, at_us i64 not null, account i64 not null, person_name text, role text, unit text,
  action text not null, subject text not null, detail text, request_id text not null);
create index action_subject on action (subject, id);
create index action_account on action (account, action, subject, at_us);

create table outbox (id i64 primary key, request_id text not null unique, subject text not null, purpose text not null,
  service text not null, method text not null, path text not null, body text, state text not null default 'waiting',
  created_us i64 not null, next_us i64 not null, lease_us i64 not null default 0, attempts i64 not null default 0,
  last_error text, failing_since_us i64,
  check (state in ('waiting', 'answered', 'refused', 'doubt')));
create index outbox_due on outbox (next_us, id) where state = 'waiting';
create index outbox_pending on outbox (id) where state in ('waiting', 'doubt');
create index outbox_subject on outbox (subject, purpose, id);

create table inbox (consumer text not null, request_id text not null, status i64 not null, answer text,
  received_us i64 not null, primary key (consumer, request_id));

-- The log is only ever added to; the database itself says so, whoever writes.
-- @sqlite
create trigger action_keep_update before update on action begin select raise(abort, 'the action log is append-only'); end;
create trigger action_keep_delete before delete on action begin select raise(abort, 'the action log is append-only'); end;
-- @postgres
create function action_keep() returns trigger language plpgsql as
  $$ begin raise exception 'the action log is append-only' using errcode = 'integrity_constraint_violation'; end $$;
create trigger action_keep before update or delete or truncate on action for each statement execute function action_keep();
