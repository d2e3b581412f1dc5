-- business_put(number text, version i64, seq i64, registered_on i64, state text, name text, head_name text, commune_name text, suspended_from i64, suspended_to i64, closed_on i64, found text)
insert into business (number, version, seq, registered_on, state, name, head_name, commune_name, suspended_from, suspended_to, closed_on, found)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);
-- business_change(number text, version i64, seq i64, state text, name text, head_name text, commune_name text, suspended_from i64, suspended_to i64, closed_on i64, found text)
update business set version = version + 1, seq = ?3, state = ?4, name = ?5, head_name = ?6, commune_name = ?7, suspended_from = ?8,
  suspended_to = ?9, closed_on = ?10, found = ?11 where number = ?1 and version = ?2;
-- business_get(number text)
select number, version, seq, registered_on, state, name, head_name, commune_name, suspended_from, suspended_to, closed_on from business where number = ?1;
-- business_list(after text, most i64)
select number, version, seq, registered_on, state, name, head_name, commune_name, suspended_from, suspended_to, closed_on
  from business where number > ?1 order by number limit ?2;
-- word_from and word_to bound the words that begin like the longest one typed; the rest must stand in `found`.
-- business_search(word_from text, word_to text, after text, second text, third text, fourth text, most i64)
select number, version, seq, registered_on, state, name, head_name, commune_name, suspended_from, suspended_to, closed_on
  from business where number in (select w.number from business_word w where w.word >= ?1 and w.word < ?2 and w.number > ?3)
    and found like ?4 escape '\' and found like ?5 escape '\' and found like ?6 escape '\' order by number limit ?7;
-- business_count()
select count(*) from business;
-- word_add(word text, number text)
insert into business_word (word, number) values (?1, ?2) on conflict (word, number) do nothing;
-- word_drop(number text)
delete from business_word where number = ?1;

-- state_add(number text, seq i64, effective_on i64, kind text, state text, name text, address text, commune text, commune_name text, scope text, phone text, email text, capital_vnd i64, founded_by text, suspended_from i64, suspended_to i64, closed_on i64, changes i64, changed_on i64, dossier text, unit text, decided_by text, reason text, at_us i64)
insert into business_state (number, seq, effective_on, kind, state, name, address, commune, commune_name, scope, phone, email, capital_vnd,
    founded_by, suspended_from, suspended_to, closed_on, changes, changed_on, dossier, unit, decided_by, reason, at_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24);
-- state_on(number text, day i64)
select number, seq, effective_on, kind, state, name, address, commune, commune_name, scope, phone, email, capital_vnd, founded_by,
    suspended_from, suspended_to, closed_on, changes, changed_on, dossier, unit, decided_by, reason, at_us
  from business_state where number = ?1 and effective_on <= ?2 order by seq desc limit 1;
-- state_last(number text)
select number, seq, effective_on, kind, state, name, address, commune, commune_name, scope, phone, email, capital_vnd, founded_by,
    suspended_from, suspended_to, closed_on, changes, changed_on, dossier, unit, decided_by, reason, at_us
  from business_state where number = ?1 order by seq desc limit 1;
-- state_list(number text)
select number, seq, effective_on, kind, state, name, address, commune, commune_name, scope, phone, email, capital_vnd, founded_by,
    suspended_from, suspended_to, closed_on, changes, changed_on, dossier, unit, decided_by, reason, at_us
  from business_state where number = ?1 order by seq desc;
-- person_add(number text, seq i64, position i64, full_name text, birth_date i64, sex text, identity text, nationality text, residence text)
insert into business_person (number, seq, position, full_name, birth_date, sex, identity, nationality, residence) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- person_list(number text, seq i64)
select full_name, birth_date, sex, identity, nationality, residence from business_person where number = ?1 and seq = ?2 order by position;
-- sector_add(number text, seq i64, position i64, code text, name text, main bool)
insert into business_sector (number, seq, position, code, name, main) values (?1, ?2, ?3, ?4, ?5, ?6);
-- sector_list(number text, seq i64)
select code, name, main from business_sector where number = ?1 and seq = ?2 order by position;

-- name_claim_of(scope text, name_key text)
select scope, name_key, folded, name, number from name_claim where scope = ?1 and name_key = ?2;
-- name_claim_similar(scope text, folded text, number text)
select scope, name_key, folded, name, number from name_claim where scope = ?1 and folded = ?2 and number <> ?3 order by name_key limit 1;
-- name_claim_add(scope text, name_key text, folded text, name text, number text)
insert into name_claim (scope, name_key, folded, name, number) values (?1, ?2, ?3, ?4, ?5);
-- name_claim_drop(number text)
delete from name_claim where number = ?1;
-- head_claim_of(identity text)
select identity, number from head_claim where identity = ?1;
-- head_claim_add(identity text, number text)
insert into head_claim (identity, number) values (?1, ?2);
-- head_claim_drop(number text)
delete from head_claim where number = ?1;

-- application_add(reference text, consumer text, dossier text, unit text, state text, name text, head_name text, commune_name text, body text, why text, similar_name text, similar_number text, number text, registered_on i64, reason text, received_us i64, decided_us i64, decided_by text)
insert into application (reference, consumer, dossier, unit, state, name, head_name, commune_name, body, why, similar_name, similar_number,
    number, registered_on, reason, received_us, decided_us, decided_by, version)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, 1) returning id;
-- application_get(reference text)
select id, reference, consumer, dossier, unit, state, name, head_name, commune_name, body, why, similar_name, similar_number, number, registered_on,
    reason, received_us, decided_us, decided_by, version from application where reference = ?1;
-- application_list(state text, before i64, most i64)
select id, reference, consumer, dossier, unit, state, name, head_name, commune_name, body, why, similar_name, similar_number, number, registered_on,
    reason, received_us, decided_us, decided_by, version from application where state = ?1 and id < ?2 order by id desc limit ?3;
-- application_all(before i64, most i64)
select id, reference, consumer, dossier, unit, state, name, head_name, commune_name, body, why, similar_name, similar_number, number, registered_on,
    reason, received_us, decided_us, decided_by, version from application where id < ?1 order by id desc limit ?2;
-- application_checking()
select count(*) from application where state = 'checking';
-- application_decide(id i64, version i64, state text, number text, registered_on i64, reason text, decided_us i64, decided_by text)
update application set state = ?3, number = ?4, registered_on = ?5, reason = ?6, decided_us = ?7, decided_by = ?8, version = version + 1
  where id = ?1 and version = ?2 and state = 'checking';

-- counter_next(name text)
insert into counter (name, value) values (?1, 1) on conflict (name) do update set value = counter.value + 1 returning value;

-- loaded_get(file text)
select file, hash from loaded where file = ?1;
-- loaded_put(file text, hash text)
insert into loaded (file, hash) values (?1, ?2) on conflict (file) do update set hash = ?2;
-- sector_clear()
delete from sector;
-- sector_put(code text, name text, kind text, note text, legal_basis text, verified bool)
insert into sector (code, name, kind, note, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6);
-- sector_get(code text)
select code, name, kind, note, legal_basis, verified from sector where code = ?1;
-- sector_all()
select code, name, kind, note, legal_basis, verified from sector order by code;
-- scope_clear()
delete from scope_rule;
-- scope_put(valid_from i64, valid_to i64, level text, legal_basis text, verified bool)
insert into scope_rule (valid_from, valid_to, level, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5);
-- scope_on(day i64)
select valid_from, valid_to, level, legal_basis, verified from scope_rule where valid_from <= ?1 and valid_to >= ?1;
-- number_clear()
delete from number_rule;
-- number_put(valid_from i64, valid_to i64, kind text, prefix text, legal_basis text, verified bool)
insert into number_rule (valid_from, valid_to, kind, prefix, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6);
-- number_on(day i64)
select valid_from, valid_to, kind, prefix, legal_basis, verified from number_rule where valid_from <= ?1 and valid_to >= ?1;
-- letter_clear()
delete from district_letter;
-- letter_put(unit text, province text, letter text)
insert into district_letter (unit, province, letter) values (?1, ?2, ?3);
-- letter_of(unit text)
select unit, province, letter from district_letter where unit = ?1;
-- notice_clear()
delete from notice_rule;
-- notice_put(valid_from i64, valid_to i64, working_days i64, legal_basis text, verified bool)
insert into notice_rule (valid_from, valid_to, working_days, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5);
-- notice_on(day i64)
select valid_from, valid_to, working_days, legal_basis, verified from notice_rule where valid_from <= ?1 and valid_to >= ?1;
