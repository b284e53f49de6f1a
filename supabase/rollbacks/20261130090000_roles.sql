-- The roles stay: other projects on the same server may use them.
drop schema internal;
