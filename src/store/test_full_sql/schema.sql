-- A store whose disk is made full on purpose; SQLite alone.
create table stone (id i64 primary key, weight bytes not null);
