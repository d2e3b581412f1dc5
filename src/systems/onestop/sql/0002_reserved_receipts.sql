-- Numbers of paper receipts reserved for the hours without a line, and the dossiers that were entered from them later.
create table reserve_block (
  first text primary key, unit text not null, pieces i64 not null, reserved_us i64 not null, account i64 not null, officer text not null
);
create index reserve_block_unit on reserve_block (unit, reserved_us, first);
-- state: unused, used (by the dossier), void (for the reason).
create table reserve_number (
  number text primary key, block text not null, unit text not null, state text not null, dossier text, reason text, changed_us i64, changed_by text
);
create index reserve_number_block on reserve_number (block, number);
alter table dossier add column reserved_number text;
alter table dossier add column entered_us i64;
create unique index dossier_reserved on dossier (reserved_number) where reserved_number is not null;
