-- What the tests of a failing drive keep: the business rows beside outbox and inbox.
create table entry (code text primary key, payload bytes not null);
