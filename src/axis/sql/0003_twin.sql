-- Several processes on one store. A twin's gateway speaks for the systems behind the gateway that it is a twin of; 'changes' counts
-- every change of the directory and the rights, so that each process sees when to read them again; quotas are counted for all.
alter table gateway add column twin_of text;
insert into counter (name, value) values ('changes', 0);
create table quota (access_right i64 not null, minute i64 not null, used i64 not null, primary key (access_right, minute));
