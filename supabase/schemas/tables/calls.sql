create type public.call_status as enum (
    'QUEUED',       -- claimed or accepted, not ringing yet: holds a line
    'RINGING',      -- holds a line
    'IN_PROGRESS',  -- answered: holds a line
    'ENDED',        -- over, by a person, a machine or the assistant
    'FAILED',       -- never came to a conversation, or broke off
    'CANCELED',     -- ended by a user
    'TIMEOUT'       -- ran into a time limit, or the provider lost it
);

create type public.dial_state as enum (
    'claimed',      -- the row exists; nothing was sent
    'dialing',      -- the request may be on the wire
    'unknown',      -- the answer was lost: the phone may be ringing
    'confirmed',    -- the provider's call id is known
    'refused',      -- the provider said no, for good
    'lost'          -- surely never reached the provider; the contact was given back
);

create table public.calls (
    id                 uuid primary key default gen_random_uuid(),
    campaign_id        uuid not null references public.campaigns (id) on delete cascade,
    contact_id         uuid not null references public.contacts (id) on delete cascade,
    provider_call_id   text unique,
    status             public.call_status not null default 'QUEUED',
    started_at         timestamptz,
    ended_at           timestamptz,
    ended_reason       text,
    cost_usd           numeric(10, 4),
    recording_url      text,
    transcript_json    jsonb,
    success_evaluation boolean,
    last_status_at     timestamptz not null default now(),
    created_at         timestamptz not null default now(),
    attempt            int not null default 1,
    is_attempt         boolean not null default true,   -- false: the contact was never really tried
    phone              text not null,                   -- the number dialed
    status_is_guess    boolean not null default false,  -- gives way to the provider's own report
    phone_number_id    text not null,
    dial_state         public.dial_state not null default 'claimed',
    claimed_by         text,                            -- null: by nobody here, the provider told of it
    lease_expires_at   timestamptz not null,
    dialed_at          timestamptz,                     -- leave for the first request
    sends              int not null default 0,          -- requests that were given leave
    on_wire_until      timestamptz,                     -- no request can have been on the wire later
    provider_ahead_seconds numeric,                     -- the provider's clock against ours when it was dialed
    is_answered        boolean not null default false,  -- in doubt, but the provider did answer: with a 5xx
    looks              int not null default 0,          -- whole lists at the provider that did not show it
    first_look_at      timestamptz,
    last_look_at       timestamptz,
    turned_up_at       timestamptz,                     -- found after its line or its contact had been given back
    is_known_by_number boolean not null default false,  -- nothing else tells that it is ours: AutoLynx itself ends it never
    hold_reason        text,
    control_url        text,
    outcome            public.call_outcome,
    human_reached      boolean,
    duration_seconds   numeric(10, 3),
    said_by            jsonb not null default '{}'::jsonb,  -- {field of the result: rank of who said it}
    end_said           public.call_status,              -- how it ended as the provider said; status tells who ended it, too
    over_since         timestamptz,                     -- when we learned that it is over, by our own clock
    report_at          timestamptz,                     -- when the result was complete
    check_after        timestamptz,                     -- ask the provider not before
    ask_again_at       timestamptz,                     -- given up, and still asked about now and then, for a day
    unanswered_since   timestamptz,                     -- the provider cannot tell since
    failed_checks      int not null default 0,          -- how often it could not
    unknown_since      timestamptz,                     -- the provider has no such call, or not its end, since
    unknown_answers    int not null default 0,          -- how often it said so
    hang_up_at         timestamptz,                     -- somebody wants it ended: (next) try to hang up
    hang_up_by         text,                            -- who
    is_hang_up_ours    boolean not null default false,  -- AutoLynx's own wish, nobody's
    hang_up_sent_at    timestamptz,                     -- handed out to be hung up, the first time
    constraint positive_cost check (cost_usd is null or cost_usd >= 0),
    constraint ended_iff_over check ((ended_at is not null) = (status not in ('QUEUED', 'RINGING', 'IN_PROGRESS'))),
    constraint confirmed_has_provider_call check ((dial_state <> 'confirmed') or provider_call_id is not null)
);
create index idx_calls_campaign_status on public.calls (campaign_id, status);
create index idx_calls_provider on public.calls (provider_call_id);
create index idx_calls_contact on public.calls (contact_id);
create index idx_calls_phone on public.calls (phone);
create index idx_calls_active on public.calls (campaign_id) where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
create index idx_calls_active_line on public.calls (phone_number_id) where status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
-- Nobody has two phones ringing at once: not a contact, and not a number that several campaigns share. What turned up
-- after it had been given up may be a second one; it is counted, and hung up where that is AutoLynx's to do.
create unique index one_active_call_a_contact on public.calls (contact_id)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and turned_up_at is null;
create unique index one_active_call_a_number on public.calls (phone)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') and turned_up_at is null;
create unique index one_call_an_attempt on public.calls (contact_id, attempt) where is_attempt;
-- "may this number be dialed?"
create index idx_calls_busy_number on public.calls (phone)
    where status in ('QUEUED', 'RINGING', 'IN_PROGRESS') or dial_state = 'unknown';
-- dials in doubt; some of them have given their line back
create index idx_calls_in_doubt on public.calls (check_after) where dial_state = 'unknown';
-- repair and reconcile look for what is unfinished
create index idx_calls_unfinished on public.calls (last_status_at) where report_at is null;
create index idx_calls_ask_again on public.calls (ask_again_at) where ask_again_at is not null;
create index idx_calls_open on public.calls (campaign_id) where report_at is null;
create index idx_calls_hanging_up on public.calls (hang_up_at)
    where hang_up_at is not null and status in ('QUEUED', 'RINGING', 'IN_PROGRESS');
create index idx_calls_created on public.calls (created_at);

-- Dials that left no call behind, since the provider refused them or a request was never sent: whose they were, should it make
-- one all the same.
create table public.withdrawn_calls (
    call_id    uuid primary key,
    contact_id uuid not null references public.contacts (id) on delete cascade
);
create index idx_withdrawn_calls_contact on public.withdrawn_calls (contact_id);

-- The calls that were deleted on purpose, with nothing that tells whose they were: what the provider still says of them is not kept.
create table public.erased_calls (
    call_id          uuid primary key,
    provider_call_id text unique,
    erased_at        timestamptz not null
);

alter table public.calls enable row level security;
alter table public.withdrawn_calls enable row level security;
alter table public.erased_calls enable row level security;
revoke all on public.calls, public.withdrawn_calls, public.erased_calls from public, anon, authenticated,
    service_role;
grant select, insert, update, delete on public.calls to service_role;
grant select, insert on public.withdrawn_calls, public.erased_calls to service_role;
