create type public.contact_state as enum (
    'waiting',      -- will be dialed, not before next_attempt_at
    'calling',      -- has a call whose result is not complete yet
    'settled'       -- will get no further call
);

-- What a call came to, and with it its contact.
create type public.call_outcome as enum (
    'conversation',                -- the contact ended it
    'assistant_ended',             -- the assistant ended it
    'transferred',                 -- to a person
    'transfer_failed',             -- nobody took it over, or it broke off
    'line_ended',                  -- the carrier ended it
    'voicemail',                   -- a machine took it
    'no_answer',                   -- it rang, and nobody took it
    'busy',                        -- the contact was on the phone
    'wrong_number',                -- there is no such number
    'not_connected',               -- the carrier could not reach the number, or would not
    'went_silent',                 -- nobody spoke any more
    'time_limit',                  -- it took as long as a call may
    'canceled',                    -- a user ended it
    'technical_fault',             -- at the provider; it passes by itself
    'setup_problem',               -- the assistant or the line, which somebody must mend: no phone rang, or it broke off
    'account_limit',               -- the provider's account may place no call, or no further one: no phone rang
    'line_limit',                  -- the line may not place this call, or no more today: no phone rang
    'refused',                     -- the provider refused the request again and again, in words that nobody knows
    'never_dialed',                -- it surely never became a call
    'lost_track',                  -- the provider does not tell of it any more
    'not_called_stopped',          -- the campaign was stopped before the contact's turn
    'not_called_do_not_call',      -- the number is on the do-not-call list
    'not_called_provider_silent',  -- twice the provider gave no answer, and no call was there
    'unknown'                      -- the provider's reason says nothing
);

create table public.contacts (
    id              uuid primary key default gen_random_uuid(),
    campaign_id     uuid not null references public.campaigns (id) on delete cascade,
    name            text not null,
    business_name   text not null,
    phone           text not null,
    batch_index     int not null default 0,
    position        int not null,
    variables       jsonb not null default '{}'::jsonb,
    time_zones      text[] collate "C" not null default '{}',  -- all that the number may lie in, sorted; {}: nothing is known
    state           public.contact_state not null default 'waiting',
    attempts        int not null default 0,
    next_attempt_at timestamptz,
    settled_at      timestamptz,
    outcome         public.call_outcome,
    last_call_id    uuid,
    lost_dials      int not null default 0,                -- dials that surely never became a call
    lines_missed    int not null default 0,                -- dials in a row that found no free line
    refusals        int not null default 0,                -- dials Vapi refused for this contact's sake alone
    unique (campaign_id, phone),
    unique (campaign_id, position),
    constraint phone_format check (phone ~ '^\+[1-9]\d{1,14}$'),
    constraint time_zones_fit_an_index check (cardinality(time_zones) <= 60),
    constraint settled_iff_settled check ((settled_at is not null) = (state = 'settled'))
);
create index idx_contacts_campaign on public.contacts (campaign_id);
create index idx_contacts_phone on public.contacts (phone);
create index idx_contacts_batch on public.contacts (campaign_id, batch_index);
-- claim_calls takes the next one of a campaign from here.
create index idx_contacts_waiting on public.contacts (campaign_id, batch_index, position) where state = 'waiting';
-- "is anybody due?", and "in which time zones do they wait?", without walking everybody who waits
create index idx_contacts_due on public.contacts (campaign_id, next_attempt_at) where state = 'waiting';
create index idx_contacts_zones on public.contacts (campaign_id, time_zones) where state = 'waiting';
-- "is the campaign complete?" asks whether this holds a row.
create index idx_contacts_unsettled on public.contacts (campaign_id) where state <> 'settled';

create table public.do_not_call (
    phone      text primary key check (phone ~ '^\+[1-9]\d{1,14}$'),
    reason     text not null default '',
    created_at timestamptz not null default now(),
    created_by text not null
);

alter table public.contacts enable row level security;
alter table public.do_not_call enable row level security;
revoke all on public.contacts, public.do_not_call from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.contacts, public.do_not_call to service_role;
