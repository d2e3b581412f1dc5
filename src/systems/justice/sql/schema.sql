-- The national judicial-record database: convictions, the questions of one-stop shops, the certificates they issued.
create table conviction (id i64 primary key, identity text, full_name text not null, folded_name text not null, birth_place text,
  birth_date i64 not null, court text not null, judgment text not null, judged_on i64 not null, offence text not null, law text,
  penalty text not null, extra_penalty text, ban text, expunged bool not null);
create index conviction_identity on conviction (identity);
create index conviction_person on conviction (folded_name, birth_date);
create unique index conviction_judgment on conviction (court, judgment, folded_name);

create table day_counter (day i64 primary key, value i64 not null);

create table lookup (id i64 primary key, reference text not null, consumer text not null, dossier text not null, kind text not null,
  bans_wanted bool not null, full_name text not null, sex text not null, identity text not null, birth_place text, nationality text,
  residence text, father_name text, mother_name text, spouse_name text, birth_date i64 not null, state text not null,
  received_us i64 not null, answered_us i64, answered_by text, note text, version i64 not null);
create unique index lookup_reference on lookup (reference);
create index lookup_state on lookup (state, id);

create table candidate (lookup i64 not null references lookup (id), conviction i64 not null references conviction (id), chosen bool not null,
  primary key (lookup, conviction));

create table result (id i64 primary key, consumer text not null, number text not null, dossier text not null, reference text not null,
  kind text not null, identity text not null, full_name text not null, folded_name text not null, outcome text not null, issuer text not null,
  issued_on i64 not null, taken_us i64 not null);
create unique index result_number on result (consumer, number);
create index result_name on result (folded_name, id);
