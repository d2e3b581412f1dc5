-- The forms of which a dossier was made, in the dossier's own transaction: one that is sent again because its answer was lost with the
-- process makes no second dossier.
create table taken_form (form text primary key, dossier text not null, at_us i64 not null);
create index taken_form_at on taken_form (at_us);
