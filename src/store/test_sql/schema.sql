-- What the tests of the store keep: every type, every constraint that a system uses.
create table item (
  id i64 primary key,
  code text not null unique,
  unit i64, note text, data bytes, done bool, weight real,
  due_date i64, created_us i64, -- a day and a time
  check (unit is null or unit >= 0)
);
create index item_unit on item (unit, code);
create table part (id i64 primary key, item i64 not null references item (id), title text not null default 'a;b -- ?1 "x"');
create table counter (name text primary key, value i64 not null, free bool not null default true);
insert into counter (name, value) values ('n', 0), ('Ấ', 1), ('a', 2);
