-- Where a dossier stands in its unit's list: by its deadline while its time runs, else a hundred years later, behind all of those.
alter table seat add column rank_us i64 not null default 0;
update seat set rank_us = case when ticking or closed then due_us else due_us + 3155760000000000 end;
drop index seat_list;
create index seat_list on seat (unit, closed, rank_us, code, turn, returned, ticking);
