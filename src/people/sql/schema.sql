-- Who works here, in which units, by which calendar. Days count from 1970-01-01; times are microseconds UTC.
create table account (
  id i64 primary key,
  name text not null unique,
  full_name text not null,
  email text,
  phone text,
  language text not null,
  password_hash text not null,
  totp_secret bytes,
  totp_step i64 not null,
  locked bool not null,
  created_us i64 not null
);
create table role (
  account i64 not null references account (id),
  role text not null,
  unit text not null,
  valid_from i64 not null,
  valid_to i64,
  primary key (account, role, unit, valid_from)
);

-- Attempts to log in since the last good one, by the hash of the name that was typed: an unknown name is counted like a known one.
create table attempt (who text not null, at_us i64 not null);
create index attempt_who on attempt (who, at_us);
create index attempt_at on attempt (at_us);
create table lockout (who text primary key, until_us i64 not null);

-- An open begin is day -1000000, an open end day 4000000, so that a day is found by two comparisons.
create table unit (
  code text not null,
  valid_from i64 not null,
  valid_to i64 not null,
  name text not null,
  kind text not null,
  parent text,
  level text not null,
  address text,
  phone text,
  hours text,
  primary key (code, valid_from)
);
create index unit_parent on unit (parent, code);
create table agency_code (
  unit text not null,
  valid_from i64 not null,
  valid_to i64 not null,
  code text not null,
  primary key (unit, valid_from)
);

-- Weekday 1 is Monday; 8 stands for a week-end day that is worked in exchange.
create table calendar_span (weekday i64 not null, from_minute i64 not null, to_minute i64 not null, primary key (weekday, from_minute));
insert into calendar_span (weekday, from_minute, to_minute) values
  (1, 420, 660), (1, 780, 1020), (2, 420, 660), (2, 780, 1020), (3, 420, 660), (3, 780, 1020),
  (4, 420, 660), (4, 780, 1020), (5, 420, 660), (5, 780, 1020), (8, 420, 660), (8, 780, 1020);
create table calendar_day (
  day i64 primary key,
  kind text not null,
  name text not null,
  legal_basis text not null,
  verified bool not null,
  own bool not null
);

-- Numbers: what is kept in memory is as new as its version here.
create table number (name text primary key, value i64 not null);
insert into number (name, value) values ('units', 1), ('calendar', 1), ('in_day_cutoff', 900);
create table loaded (file text primary key, hash text not null, at_us i64 not null);
