-- ---- Codes ----

-- sequence_next(owner text, period text)
insert into sequence (owner, period, last) values (?1, ?2, 1)
  on conflict (owner, period) do update set last = sequence.last + 1 returning last;

-- ---- Dossiers ----

-- dossier_add(code text, procedure text, version i64, kind text, title text, receiving_unit text, receiving_name text,
-- deciding_unit text, deciding_name text, status text, turn text, holder_name text, full_name text, birth_date i64, sex text,
-- identity text, nationality text, residence text, phone text, email text, submitter_name text, submitter_identity text,
-- submitter_phone text, authority text, authority_note text, content text, copies i64, sets i64, fee_vnd i64, fee_state text,
-- received_us i64, received_by text, due_us i64, secret text, short_title text, reserved_number text, entered_us i64)
insert into dossier (code, procedure, version, kind, title, receiving_unit, receiving_name, deciding_unit, deciding_name, status, turn,
    returned, holder, holder_name, full_name, birth_date, sex, identity, nationality, residence, phone, email, submitter_name,
    submitter_identity, submitter_phone, authority, authority_note, content, copies, sets, fee_vnd, fee_state, received_us, received_by,
    due_us, secret, short_title, reserved_number, entered_us, revision)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, false, 0, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25,
    ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, 1);
-- dossier_get(code text)
select code, procedure, version, kind, title, short_title, receiving_unit, receiving_name, deciding_unit, deciding_name, status, awaiting, turn,
    returned, holder, holder_name, full_name, birth_date, sex, identity, nationality, residence, phone, email, submitter_name,
    submitter_identity, submitter_phone, authority, authority_note, content, copies, sets, fee_vnd, fee_state, received_us, received_by,
    due_us, stopped_us, decided_us, decided_by, opinion, notice, missing, result_number, result_on, returned_us, returned_to, secret, reserved_number, entered_us, units_on, revision
  from dossier where code = ?1;
-- The row version decides: nothing changes when somebody was faster.
-- dossier_change(code text, revision i64, status text, awaiting text, turn text, returned bool, holder i64, holder_name text,
-- fee_state text, due_us i64, stopped_us i64, decided_us i64, decided_by text, opinion text, notice text, result_number text,
-- result_on i64, returned_us i64, returned_to text, missing text)
update dossier set status = ?3, awaiting = ?4, turn = ?5, returned = ?6, holder = ?7, holder_name = ?8, fee_state = ?9, due_us = ?10,
    stopped_us = ?11, decided_us = ?12, decided_by = ?13, opinion = ?14, notice = ?15, result_number = ?16, result_on = ?17,
    returned_us = ?18, returned_to = ?19, missing = ?20, revision = revision + 1
  where code = ?1 and revision = ?2;

-- Handed to the units that follow its old ones.
-- dossier_succeed(code text, revision i64, version i64, receiving_unit text, receiving_name text, deciding_unit text, deciding_name text,
-- holder i64, holder_name text, content text, units_on i64)
update dossier set version = ?3, receiving_unit = ?4, receiving_name = ?5, deciding_unit = ?6, deciding_name = ?7, holder = ?8,
    holder_name = ?9, content = ?10, units_on = ?11, revision = revision + 1
  where code = ?1 and revision = ?2;
-- seat_open(unit text, after_code text, most i64)
select code from seat where unit = ?1 and closed = false and code > ?2 order by code limit ?3;
-- seat_drop(unit text, code text)
delete from seat where unit = ?1 and code = ?2;
-- seek_copy(unit text, code text, successor text)
insert into seek (unit, word, code) select ?3, word, code from seek where unit = ?1 and code = ?2
  on conflict (unit, word, code) do nothing;
-- seek_drop(unit text, code text)
delete from seek where unit = ?1 and code = ?2;

-- ---- Seats and lists ----

-- seat_put(unit text, code text, closed bool, due_us i64, turn text, returned bool, ticking bool, rank_us i64)
insert into seat (unit, code, closed, due_us, turn, returned, ticking, rank_us) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
  on conflict (unit, code) do update set closed = excluded.closed, due_us = excluded.due_us, turn = excluded.turn,
    returned = excluded.returned, ticking = excluded.ticking, rank_us = excluded.rank_us;
-- seek_add(unit text, word text, code text)
insert into seek (unit, word, code) values (?1, ?2, ?3) on conflict (unit, word, code) do nothing;
-- seat_counts(unit text, now_us i64)
select turn, returned, count(*) as pieces, sum(case when ticking and due_us < ?2 then 1 else 0 end) as late
  from seat where unit = ?1 and closed = false group by turn, returned;
-- seat_units(now_us i64)
select unit, count(*) as pieces, sum(case when ticking and due_us < ?1 then 1 else 0 end) as late,
    sum(case when turn = 'citizen' then 1 else 0 end) as citizen, sum(case when turn = 'agency' then 1 else 0 end) as agency
  from seat where closed = false group by unit order by unit;
-- One page of a unit's open dossiers: soonest due first, behind them those whose time stands. turn_a … turn_c: turns wanted (any when
-- any_turn). Before now there is none whose time stands.
-- list_open(unit text, after_rank i64, after_code text, any_turn bool, turn_a text, turn_b text, turn_c text, returned_only bool,
-- late_before_us i64, most i64)
select d.code, d.short_title as title, d.full_name, d.submitter_name, d.status, d.turn, d.holder_name, d.awaiting, d.returned, s.ticking, d.due_us, d.received_us, d.reserved_number, s.rank_us
  from seat s join dossier d on d.code = s.code
  where s.unit = ?1 and s.closed = false and s.rank_us >= ?2 and (s.rank_us > ?2 or s.code > ?3)
    and (?4 or s.turn = ?5 or s.turn = ?6 or s.turn = ?7) and (?8 = false or s.returned = true)
    and (?9 = 0 or s.rank_us < ?9)
  order by s.rank_us, s.code limit ?10;
-- Closed ones, by code downwards: newest first within a unit and its day.
-- list_closed(unit text, before_rank i64, before_code text, most i64)
select d.code, d.short_title as title, d.full_name, d.submitter_name, d.status, d.turn, d.holder_name, d.awaiting, d.returned, s.ticking, d.due_us, d.received_us, d.reserved_number, s.rank_us
  from seat s join dossier d on d.code = s.code
  where s.unit = ?1 and s.closed = true and s.rank_us <= ?2 and (s.rank_us < ?2 or s.code < ?3)
  order by s.rank_us desc, s.code desc limit ?4;
-- Search: the longest word by its beginning, the others anywhere among the dossier's words.
-- list_found(unit text, word_from text, word_below text, after_code text, second_from text, second_below text, third_from text,
-- third_below text, fourth_from text, fourth_below text, most i64)
select d.code, d.short_title as title, d.full_name, d.submitter_name, d.status, d.turn, d.holder_name, d.awaiting, d.returned, s.ticking, d.due_us, d.received_us, d.reserved_number
  from (select distinct k.code from seek k
          where k.unit = ?1 and k.word >= ?2 and k.word < ?3 and k.code > ?4
            and (?5 = '' or exists (select 1 from seek a where a.code = k.code and a.unit = ?1 and a.word >= ?5 and a.word < ?6))
            and (?7 = '' or exists (select 1 from seek b where b.code = k.code and b.unit = ?1 and b.word >= ?7 and b.word < ?8))
            and (?9 = '' or exists (select 1 from seek c where c.code = k.code and c.unit = ?1 and c.word >= ?9 and c.word < ?10))
          order by k.code limit ?11) f
    join dossier d on d.code = f.code
    join seat s on s.unit = ?1 and s.code = f.code
  order by d.code;

-- ---- Paper receipts reserved in advance ----

-- Takes so many numbers at once; the last of them.
-- sequence_take_many(owner text, period text, pieces i64)
insert into sequence (owner, period, last) values (?1, ?2, ?3)
  on conflict (owner, period) do update set last = sequence.last + ?3 returning last;
-- reserve_block_add(first text, unit text, pieces i64, reserved_us i64, account i64, officer text)
insert into reserve_block (first, unit, pieces, reserved_us, account, officer) values (?1, ?2, ?3, ?4, ?5, ?6);
-- reserve_number_add(number text, block text, unit text)
insert into reserve_number (number, block, unit, state) values (?1, ?2, ?3, 'unused');
-- reserve_block_list(unit text, most i64)
select b.first, b.unit, b.pieces, b.reserved_us, b.account, b.officer,
    (select count(*) from reserve_number n where n.block = b.first and n.state = 'used') as used,
    (select count(*) from reserve_number n where n.block = b.first and n.state = 'void') as voided
  from reserve_block b where b.unit = ?1 order by b.reserved_us desc, b.first desc limit ?2;
-- reserve_block_get(first text)
select b.first, b.unit, b.pieces, b.reserved_us, b.account, b.officer,
    (select count(*) from reserve_number n where n.block = b.first and n.state = 'used') as used,
    (select count(*) from reserve_number n where n.block = b.first and n.state = 'void') as voided
  from reserve_block b where b.first = ?1;
-- reserve_number_list(block text)
select n.number, n.block, n.unit, n.state, n.dossier, n.reason, n.changed_us, n.changed_by, b.reserved_us
  from reserve_number n join reserve_block b on b.first = n.block where n.block = ?1 order by n.number;
-- reserve_number_get(number text)
select n.number, n.block, n.unit, n.state, n.dossier, n.reason, n.changed_us, n.changed_by, b.reserved_us
  from reserve_number n join reserve_block b on b.first = n.block where n.number = ?1;
-- A number changes once: from unused to used, or to void.
-- reserve_number_end(number text, unit text, state text, dossier text, reason text, changed_us i64, changed_by text)
update reserve_number set state = ?3, dossier = ?4, reason = ?5, changed_us = ?6, changed_by = ?7
  where number = ?1 and unit = ?2 and state = 'unused';

-- ---- What hangs on a dossier ----

-- component_add(dossier text, ordinal i64, code text, title text, mark text, pieces i64, paper_number text, issuer text, confirmed bool)
insert into component (dossier, ordinal, code, title, mark, pieces, paper_number, issuer, confirmed)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- component_list(dossier text)
select dossier, ordinal, code, title, mark, pieces, paper_number, issuer, confirmed from component where dossier = ?1 order by ordinal;
-- upload_add(account i64, hash text, type text, name text, size i64, at_us i64)
insert into upload (account, hash, type, name, size, at_us) values (?1, ?2, ?3, ?4, ?5, ?6)
  on conflict (account, hash) do update set at_us = excluded.at_us, name = excluded.name;
-- upload_get(account i64, hash text)
select '' as dossier, '' as component, hash, type, name, size, at_us from upload where account = ?1 and hash = ?2;
-- upload_sweep(before_us i64)
delete from upload where at_us < ?1;
-- scan_add(dossier text, component text, hash text, type text, name text, size i64, at_us i64)
insert into scan (dossier, component, hash, type, name, size, at_us) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  on conflict (dossier, component, hash) do nothing;
-- scan_list(dossier text)
select dossier, component, hash, type, name, size, at_us from scan where dossier = ?1 order by at_us, component, hash;

-- All files that rows name, for whoever looks whether they are there.
-- file_names(after text, most i64)
select hash from (select hash from scan where hash > ?1 union select hash from upload where hash > ?1) as named order by hash limit ?2;

-- ---- Fees ----

-- fee_add(dossier text, unit text, exemption text, amount_vnd i64, means text, series text, number text, paid_us i64, account i64,
-- officer text, full_name text)
insert into fee (dossier, unit, exemption, amount_vnd, means, series, number, paid_us, account, officer, full_name)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11);
-- fee_pay(dossier text, means text, series text, number text, paid_us i64, account i64, officer text)
update fee set means = ?2, series = ?3, number = ?4, paid_us = ?5, account = ?6, officer = ?7 where dossier = ?1 and paid_us is null;
-- fee_get(dossier text)
select dossier, unit, exemption, amount_vnd, means, series, number, paid_us, account, officer, full_name from fee where dossier = ?1;
-- fee_day_list(account i64, unit text, from_us i64, to_us i64)
select dossier, unit, exemption, amount_vnd, means, series, number, paid_us, account, officer, full_name from fee
  where account = ?1 and unit = ?2 and paid_us >= ?3 and paid_us < ?4 order by paid_us, dossier;

-- ---- Exchanges ----

-- exchange_add(request_id text, dossier text, purpose text, service text, state text, answer text, asked_us i64, answered_us i64, receipt text)
insert into exchange (request_id, dossier, ordinal, purpose, service, state, answer, asked_us, answered_us, receipt)
  values (?1, ?2, (select coalesce(max(ordinal), 0) + 1 from exchange where dossier = ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9);
-- exchange_end(request_id text, state text, reference text, number text, reason text, answer text, answered_us i64, receipt text)
update exchange set state = ?2, reference = ?3, number = ?4, reason = ?5, answer = ?6, answered_us = ?7, receipt = ?8 where request_id = ?1;
-- exchange_list(dossier text)
select request_id, dossier, purpose, service, state, reference, number, reason, answer, asked_us, answered_us, receipt
  from exchange where dossier = ?1 order by ordinal desc;
-- exchange_last(dossier text, purpose text)
select request_id, dossier, purpose, service, state, reference, number, reason, answer, asked_us, answered_us, receipt
  from exchange where dossier = ?1 and purpose = ?2 order by ordinal desc limit 1;

-- ---- The citizen's look-up ----

-- attempt_add(code text, at_us i64)
insert into attempt (code, at_us) values (?1, ?2);
-- attempt_count(code text, since_us i64)
select count(*) from attempt where code = ?1 and at_us >= ?2;
-- attempt_sweep(before_us i64)
delete from attempt where at_us < ?1;

-- ---- Seeding ----

-- dossier_count()
select count(*) from dossier;

-- ---- The catalogue ----

-- procedure_add(code text, version i64, kind text, name text, field text, valid_from i64, valid_to i64, legal_basis text, verified bool,
-- decider_level text, decider_office text, decider_place text, term_amount i64, term_long_amount i64, term_unit text, term_note text,
-- result_name text, result_number text, issuer_above text, issuer text, signer_authority text, signer text, proxy text, short_name text)
insert into procedure_version (code, version, kind, name, field, valid_from, valid_to, legal_basis, verified, decider_level, decider_office,
    decider_place, term_amount, term_long_amount, term_unit, term_note, result_name, result_number, issuer_above, issuer,
    signer_authority, signer, proxy, short_name)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24);
-- procedure_exists(code text, version i64)
select version from procedure_version where code = ?1 and version = ?2;
-- procedure_used(code text, version i64)
select version from dossier where procedure = ?1 and version = ?2 limit 1;
-- procedure_drop(code text, version i64)
delete from procedure_version where code = ?1 and version = ?2;
-- component_drop(code text, version i64)
delete from component_version where procedure = ?1 and version = ?2;
-- fee_drop(code text, version i64)
delete from fee_version where procedure = ?1 and version = ?2;
-- exemption_drop(code text, version i64)
delete from exemption_version where procedure = ?1 and version = ?2;
-- authority_drop(code text, version i64)
delete from authority_version where procedure = ?1 and version = ?2;
-- Two versions of one procedure never hold on the same day.
-- procedure_overlap(code text, version i64, valid_from i64, valid_to i64)
select version from procedure_version where code = ?1 and version <> ?2 and valid_from <= coalesce(?4, 9999999)
  and coalesce(valid_to, 9999999) >= ?3 limit 1;
-- procedure_list(on_days i64)
select code, version, kind, name, short_name, field, valid_from, valid_to, legal_basis, verified, decider_level, decider_office, decider_place,
    term_amount, term_long_amount, term_unit, term_note, result_name, result_number, issuer_above, issuer, signer_authority, signer, proxy
  from procedure_version where valid_from <= ?1 and coalesce(valid_to, 9999999) >= ?1 order by field, code;
-- procedure_get(code text, version i64)
select code, version, kind, name, short_name, field, valid_from, valid_to, legal_basis, verified, decider_level, decider_office, decider_place,
    term_amount, term_long_amount, term_unit, term_note, result_name, result_number, issuer_above, issuer, signer_authority, signer, proxy
  from procedure_version where code = ?1 and version = ?2;
-- procedure_on(code text, on_days i64)
select code, version, kind, name, short_name, field, valid_from, valid_to, legal_basis, verified, decider_level, decider_office, decider_place,
    term_amount, term_long_amount, term_unit, term_note, result_name, result_number, issuer_above, issuer, signer_authority, signer, proxy
  from procedure_version where code = ?1 and valid_from <= ?2 and coalesce(valid_to, 9999999) >= ?2;
-- component_version_add(procedure text, version i64, ordinal i64, code text, title text, form text, originals i64, copies i64, required bool, when_needed text)
insert into component_version (procedure, version, ordinal, code, title, form, originals, copies, required, when_needed)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
-- component_version_list(procedure text, version i64)
select procedure, version, ordinal, code, title, form, originals, copies, required, when_needed
  from component_version where procedure = ?1 and version = ?2 order by ordinal;
-- fee_version_add(procedure text, version i64, code text, title text, amount_vnd i64, from_copy i64, legal_basis text, verified bool)
insert into fee_version (procedure, version, code, title, amount_vnd, from_copy, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
-- fee_version_list(procedure text, version i64)
select procedure, version, code, title, amount_vnd, from_copy, legal_basis, verified
  from fee_version where procedure = ?1 and version = ?2 order by from_copy, code;
-- exemption_version_add(procedure text, version i64, code text, title text, pays_vnd i64, proof text, legal_basis text, verified bool)
insert into exemption_version (procedure, version, code, title, pays_vnd, proof, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
-- exemption_version_list(procedure text, version i64)
select procedure, version, code, title, pays_vnd, proof, legal_basis, verified
  from exemption_version where procedure = ?1 and version = ?2 order by pays_vnd desc, code;
-- authority_version_add(procedure text, version i64, code text, title text, certified bool, note text)
insert into authority_version (procedure, version, code, title, certified, note) values (?1, ?2, ?3, ?4, ?5, ?6);
-- authority_version_list(procedure text, version i64)
select procedure, version, code, title, certified, note from authority_version where procedure = ?1 and version = ?2 order by code;
-- paper_form_put(purpose text, number text, title text, desk text, valid_from i64, valid_to i64, legal_basis text, verified bool)
insert into paper_form (purpose, number, title, desk, valid_from, valid_to, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
  on conflict (purpose, valid_from) do update set number = excluded.number, title = excluded.title, desk = excluded.desk,
    valid_to = excluded.valid_to, legal_basis = excluded.legal_basis, verified = excluded.verified;
-- paper_form_on(purpose text, on_days i64)
select purpose, number, title, desk, valid_from, valid_to, legal_basis, verified from paper_form
  where purpose = ?1 and valid_from <= ?2 and coalesce(valid_to, 9999999) >= ?2 order by valid_from desc;
-- numbering_put(pattern text, digits i64, agency text, valid_from i64, valid_to i64, legal_basis text, verified bool)
insert into numbering (pattern, digits, agency, valid_from, valid_to, legal_basis, verified) values (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  on conflict (valid_from) do update set pattern = excluded.pattern, digits = excluded.digits, agency = excluded.agency,
    valid_to = excluded.valid_to, legal_basis = excluded.legal_basis, verified = excluded.verified;
-- numbering_on(on_days i64)
select pattern, digits, agency, valid_from, valid_to, legal_basis, verified from numbering
  where valid_from <= ?1 and coalesce(valid_to, 9999999) >= ?1 order by valid_from desc;
-- counter_put(unit text, address text, phone text, hours text, valid_from i64)
insert into counter (unit, address, phone, hours, valid_from) values (?1, ?2, ?3, ?4, ?5)
  on conflict (unit, valid_from) do update set address = excluded.address, phone = excluded.phone, hours = excluded.hours;
-- counter_list()
select unit, address, phone, hours, valid_from from counter order by unit, valid_from;
-- taken_form_get(form text)
select dossier from taken_form where form = ?1;
-- taken_form_add(form text, dossier text, at_us i64)
insert into taken_form (form, dossier, at_us) values (?1, ?2, ?3);
-- taken_form_sweep(before_us i64)
delete from taken_form where at_us < ?1;
