-- item_add(code text, unit i64, note text, data bytes, done bool, weight real,
--   due_date i64, created_us i64)
insert into item (code, unit, note, data, done, weight, due_date, created_us)
  values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) returning id;
-- item_get(code text)
select id, code, unit, note, data, done, weight, due_date, created_us, colour from item where code = ?1;
-- item_list(after text)
select id, code from item where code > ?1 order by code;
-- item_count()
select count(*) from item;
-- item_sum()
select sum(unit) from item;
-- item_done(code text, done bool)
update item set done = ?2 where code = ?1;
-- item_drop(code text)
delete from item where code = ?1;
-- item_keep(code text)
insert into item (code) values (?1) on conflict (code) do nothing;
-- item_next()
select coalesce(max(unit), 0) + 1 from item;

-- Comments between statements are only comments, even with a word(in brackets).
-- part_add(item i64)
insert into part (item) values (?1);
-- part_title()
select title from part order by id limit 1;
-- counter_get(name text)
select value from counter where name = ?1;
-- counter_set(name text, value i64)
update counter set value = ?2 where name = ?1;
-- counter_names()
select name as code from counter order by name;
-- counter_like(pattern text)
select count(*) from counter where name like ?1;
-- cast_up(text text)
select cast(?1 as i64) + 1;
-- literal()
select 'a;b -- ?1 "x"' || ' ??=' || '\n' as note /* ?2 */ -- :: ?3
  from counter where name = 'n';
-- action_spoil()
update action set subject = 'other';
-- action_drop()
delete from action where subject = 'S1';
