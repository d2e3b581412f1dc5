-- The last checkpoint that a trusted instance's journal was seen to sign: it may only grow from there.
create table witness (instance text primary key, origin text not null, size i64 not null, note text not null, seen_us i64 not null);
