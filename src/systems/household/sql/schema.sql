-- The register of household businesses. Every act is a state of its own with people and sectors, so that any day can be read exactly;
-- `business` carries what lists need of the last state.
create table business (number text primary key, version i64 not null, seq i64 not null, registered_on i64 not null, state text not null,
  name text not null, head_name text not null, commune_name text not null, suspended_from i64, suspended_to i64, closed_on i64,
  found text not null);
-- Folded words of number, name and head: search goes by the start of its longest word.
create table business_word (word text not null, number text not null references business (number), primary key (word, number));
create index business_word_number on business_word (number);

create table business_state (number text not null references business (number), seq i64 not null, effective_on i64 not null,
  kind text not null, state text not null, name text not null, address text not null, commune text not null, commune_name text not null,
  scope text not null, phone text, email text, capital_vnd i64 not null, founded_by text not null, suspended_from i64, suspended_to i64,
  closed_on i64, changes i64 not null, changed_on i64, dossier text, unit text, decided_by text not null, reason text, at_us i64 not null,
  primary key (number, seq),
  check (kind in ('register', 'change', 'suspend', 'resume', 'close')), check (state in ('active', 'suspended', 'closed')));
create table business_person (number text not null, seq i64 not null, position i64 not null, full_name text not null, birth_date i64 not null,
  sex text not null, identity text not null, nationality text, residence text not null, primary key (number, seq, position),
  foreign key (number, seq) references business_state (number, seq));
create table business_sector (number text not null, seq i64 not null, position i64 not null, code text not null, name text not null,
  main bool not null, primary key (number, seq, position), foreign key (number, seq) references business_state (number, seq));

-- What may be held once: the primary keys decide between two who come at the same moment. Released on closing.
create table name_claim (scope text not null, name_key text not null, folded text not null, name text not null, number text not null,
  primary key (scope, name_key));
create index name_claim_folded on name_claim (scope, folded);
create index name_claim_number on name_claim (number);
create table head_claim (identity text primary key, number text not null);
create index head_claim_number on head_claim (number);

create table application (id i64 primary key, reference text not null unique, consumer text not null, dossier text not null, unit text not null,
  state text not null, name text not null, head_name text not null, commune_name text not null, body text not null, why text, similar_name text,
  similar_number text, number text, registered_on i64, reason text, received_us i64 not null, decided_us i64, decided_by text,
  version i64 not null, check (state in ('checking', 'registered', 'refused')));
create index application_state on application (state, id);
create index application_dossier on application (consumer, dossier, id);

create table counter (name text primary key, value i64 not null);

-- Law as rows with dates, from data/household; file: which of them was loaded, by its hash.
create table loaded (file text primary key, hash text not null);
create table sector (code text primary key, name text not null, kind text not null, note text, legal_basis text, verified bool not null,
  check (kind in ('open', 'conditional', 'banned')));
create table scope_rule (valid_from i64 not null, valid_to i64 not null, level text not null, legal_basis text not null, verified bool not null,
  primary key (valid_from), check (level in ('district', 'commune')));
create table number_rule (valid_from i64 not null, valid_to i64 not null, kind text not null, prefix text, legal_basis text not null,
  verified bool not null, primary key (valid_from), check (kind in ('district_letter', 'tax')));
create table district_letter (unit text primary key, province text not null, letter text not null);
create table notice_rule (valid_from i64 not null, valid_to i64 not null, working_days i64 not null, legal_basis text not null,
  verified bool not null, primary key (valid_from));
