-- Since when a dossier is its present units': it was handed to those that follow its old ones. Null: since it was received.
alter table dossier add column units_on i64;
