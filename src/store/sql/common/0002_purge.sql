-- What the daily purge of the queues looks for.
create index outbox_ended on outbox (next_us) where state in ('answered', 'refused');
create index inbox_received on inbox (received_us);
