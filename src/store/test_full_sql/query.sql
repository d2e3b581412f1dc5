-- put(id i64, weight bytes)
insert into stone (id, weight) values (?1, ?2);
-- has(id i64)
select count(*) from stone where id = ?1;
-- count()
select count(*) from stone;
-- limit_now()
pragma max_page_count = 1;
-- limit_off()
pragma max_page_count = 1000000;
