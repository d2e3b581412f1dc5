-- Counts of a unit's open dossiers by whose turn it is: read in the order in which they are grouped, from this index alone.
create index seat_turns on seat (unit, closed, turn, returned, ticking, due_us);
