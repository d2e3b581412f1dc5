-- conviction_next()
select coalesce(max(id), 0) + 1 from conviction;
-- conviction_add(id i64, identity text, full_name text, folded_name text, birth_place text, birth_date i64, court text, judgment text, judged_on i64, offence text, law text, penalty text, extra_penalty text, ban text, expunged bool)
insert into conviction (id, identity, full_name, folded_name, birth_place, birth_date, court, judgment, judged_on, offence, law, penalty, extra_penalty, ban, expunged)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15) on conflict (court, judgment, folded_name) do nothing;
-- conviction_candidates(identity text, folded_name text, birth_date i64)
select id from conviction where identity = ?1 union select id from conviction where folded_name = ?2 and birth_date = ?3 order by id;

-- day_next(day i64)
insert into day_counter (day, value) values (?1, 1) on conflict (day) do update set value = day_counter.value + 1 returning value;

-- lookup_next()
select coalesce(max(id), 0) + 1 from lookup;
-- lookup_add(id i64, reference text, consumer text, dossier text, kind text, bans_wanted bool, full_name text, sex text, identity text, birth_place text, nationality text, residence text, father_name text, mother_name text, spouse_name text, birth_date i64, state text, received_us i64, answered_us i64)
insert into lookup (id, reference, consumer, dossier, kind, bans_wanted, full_name, sex, identity, birth_place, nationality, residence, father_name, mother_name, spouse_name, birth_date, state, received_us, answered_us, version)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, 1);
-- lookup_get(reference text)
select id, reference, consumer, dossier, kind, bans_wanted, full_name, sex, identity, birth_place, nationality, residence, father_name, mother_name, spouse_name, birth_date, state, received_us, answered_us, answered_by, note, version
  from lookup where reference = ?1;
-- lookup_list(state text, before i64, most i64)
select id, reference, consumer, dossier, kind, bans_wanted, full_name, sex, identity, birth_place, nationality, residence, father_name, mother_name, spouse_name, birth_date, state, received_us, answered_us, answered_by, note, version
  from lookup where state = ?1 and id < ?2 order by id desc limit ?3;
-- lookup_all(before i64, most i64)
select id, reference, consumer, dossier, kind, bans_wanted, full_name, sex, identity, birth_place, nationality, residence, father_name, mother_name, spouse_name, birth_date, state, received_us, answered_us, answered_by, note, version
  from lookup where id < ?1 order by id desc limit ?2;
-- lookup_checking()
select count(*) from lookup where state = 'checking';
-- lookup_decide(id i64, version i64, state text, answered_us i64, answered_by text, note text)
update lookup set state = ?3, answered_us = ?4, answered_by = ?5, note = ?6, version = version + 1 where id = ?1 and version = ?2 and state = 'checking';

-- candidate_add(lookup i64, conviction i64)
insert into candidate (lookup, conviction, chosen) values (?1, ?2, false);
-- candidate_choose(lookup i64, conviction i64)
update candidate set chosen = true where lookup = ?1 and conviction = ?2;
-- candidate_list(lookup i64)
select c.id, c.identity, c.full_name, c.birth_place, c.birth_date, c.court, c.judgment, c.judged_on, c.offence, c.law, c.penalty, c.extra_penalty, c.ban, c.expunged, k.chosen
  from candidate k join conviction c on c.id = k.conviction where k.lookup = ?1 order by c.judged_on desc, c.id;

-- result_next()
select coalesce(max(id), 0) + 1 from result;
-- result_add(id i64, consumer text, number text, dossier text, reference text, kind text, identity text, full_name text, folded_name text, outcome text, issuer text, issued_on i64, taken_us i64)
insert into result (id, consumer, number, dossier, reference, kind, identity, full_name, folded_name, outcome, issuer, issued_on, taken_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);
-- result_list(before i64, most i64)
select id, number, dossier, reference, kind, full_name, outcome, issuer, issued_on, taken_us from result where id < ?1 order by id desc limit ?2;
-- result_named(folded_name text, before i64, most i64)
select id, number, dossier, reference, kind, full_name, outcome, issuer, issued_on, taken_us from result where folded_name = ?1 and id < ?2 order by id desc limit ?3;
