-- Dossiers, where each stands for each unit that may see it, and the catalogue under which they were received.

create table dossier (
  code text primary key, procedure text not null, version i64 not null, kind text not null, title text not null, short_title text not null,
  receiving_unit text not null, receiving_name text not null, deciding_unit text not null, deciding_name text not null,
  status text not null, awaiting text, turn text not null, returned bool not null, holder i64 not null, holder_name text,
  full_name text not null, birth_date i64, sex text, identity text not null, nationality text, residence text not null,
  phone text, email text,
  submitter_name text, submitter_identity text, submitter_phone text, authority text, authority_note text,
  content text not null, copies i64 not null, sets i64 not null, fee_vnd i64 not null, fee_state text not null,
  received_us i64 not null, received_by text not null, due_us i64 not null, stopped_us i64, decided_us i64, decided_by text,
  opinion text, notice text, missing text, result_number text, result_on i64, returned_us i64, returned_to text, secret text not null,
  revision i64 not null
);
create index dossier_awaiting on dossier (awaiting, code);

-- One row for each unit that may see a dossier: the receiving and the deciding one. Lists read it alone, by one index.
create table seat (
  unit text not null, code text not null, closed bool not null, due_us i64 not null, turn text not null,
  returned bool not null, ticking bool not null, primary key (unit, code)
);
create index seat_list on seat (unit, closed, due_us, code, turn, returned, ticking);
create index seat_code on seat (code);

-- The words by which a unit finds its dossiers: folded, one row a word.
create table seek (unit text not null, word text not null, code text not null, primary key (unit, word, code));
create index seek_code on seek (code, unit, word);

-- The last sequence given out: dossiers by unit and day, results by unit and year.
create table sequence (owner text not null, period text not null, last i64 not null, primary key (owner, period));

create table component (
  dossier text not null, ordinal i64 not null, code text not null, title text not null, mark text not null, pieces i64 not null,
  paper_number text, issuer text, confirmed bool not null, primary key (dossier, ordinal)
);
create table scan (
  dossier text not null, component text not null, hash text not null, type text not null, name text not null, size i64 not null,
  at_us i64 not null, primary key (dossier, component, hash)
);
-- Scans taken in before their dossier has a code; only who sent one may use it.
create table upload (
  account i64 not null, hash text not null, type text not null, name text not null, size i64 not null, at_us i64 not null,
  primary key (account, hash)
);
create table fee (
  dossier text primary key, unit text not null, exemption text, amount_vnd i64 not null, means text, series text, number text,
  paid_us i64, account i64, officer text, full_name text not null
);
create unique index fee_receipt on fee (unit, series, number);
create index fee_day on fee (account, paid_us);

create table exchange (
  request_id text primary key, dossier text not null, ordinal i64 not null, purpose text not null, service text not null, state text not null,
  reference text, number text, reason text, answer text, asked_us i64 not null, answered_us i64, receipt text
);
create index exchange_dossier on exchange (dossier, ordinal);

-- Wrong last digits of a phone at the citizen's look-up.
create table attempt (code text not null, at_us i64 not null);
create index attempt_code on attempt (code, at_us);

-- ---- The catalogue ----
create table procedure_version (
  code text not null, version i64 not null, kind text not null, name text not null, short_name text not null, field text not null,
  valid_from i64 not null, valid_to i64, legal_basis text not null, verified bool not null,
  decider_level text not null, decider_office text, decider_place text not null,
  term_amount i64 not null, term_long_amount i64 not null, term_unit text not null, term_note text,
  result_name text not null, result_number text, issuer_above text, issuer text not null, signer_authority text, signer text not null,
  proxy text not null, primary key (code, version)
);
create table component_version (
  procedure text not null, version i64 not null, ordinal i64 not null, code text not null, title text not null, form text,
  originals i64 not null, copies i64 not null, required bool not null, when_needed text, primary key (procedure, version, code)
);
create table fee_version (
  procedure text not null, version i64 not null, code text not null, title text not null, amount_vnd i64 not null, from_copy i64 not null,
  legal_basis text not null, verified bool not null, primary key (procedure, version, code)
);
create table exemption_version (
  procedure text not null, version i64 not null, code text not null, title text not null, pays_vnd i64 not null, proof text,
  legal_basis text not null, verified bool not null, primary key (procedure, version, code)
);
create table authority_version (
  procedure text not null, version i64 not null, code text not null, title text not null, certified bool not null, note text,
  primary key (procedure, version, code)
);
create table paper_form (
  purpose text not null, number text not null, title text not null, desk text not null, valid_from i64 not null, valid_to i64, legal_basis text not null,
  verified bool not null, primary key (purpose, valid_from)
);
create table numbering (
  pattern text not null, digits i64 not null, agency text not null, valid_from i64 primary key, valid_to i64, legal_basis text not null,
  verified bool not null
);
create table counter (
  unit text not null, address text not null, phone text not null, hours text not null, valid_from i64 not null,
  primary key (unit, valid_from)
);
