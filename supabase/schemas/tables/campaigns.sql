create type public.campaign_mode as enum (
    'continuous',   -- a line that becomes free takes the next contact
    'batch'         -- the next batch begins when every call of the last is over
);

create type public.campaign_status as enum (
    'CREATED',      -- exists; -> QUEUED, CANCELED
    'QUEUED',       -- Start was pressed; -> DIALING, PAUSED, CANCELED, COMPLETED, FAILED
    'DIALING',      -- the first call is confirmed; -> RUNNING, PAUSED, CANCELED, COMPLETED, FAILED
    'RUNNING',      -- calls are being reported; -> PAUSED, CANCELED, COMPLETED, FAILED
    'PAUSED',       -- takes no new calls; -> QUEUED, RUNNING, CANCELED, COMPLETED, FAILED
    'COMPLETED',    -- every contact is settled and no call is active
    'CANCELED',     -- stopped by a user
    'FAILED'        -- cannot go on
);

create table public.campaigns (
    id              uuid primary key default gen_random_uuid(),
    name            text not null,
    mode            public.campaign_mode not null default 'continuous',
    cap             int not null default 8 check (cap between 1 and 50),
    assistant_id    uuid not null references public.assistants (id),
    phone_number_id text not null,
    created_at      timestamptz not null default now(),
    started_at      timestamptz,
    completed_at    timestamptz,
    total_contacts  int not null default 0,
    stats_json      jsonb not null default '{}'::jsonb,
    status          public.campaign_status not null default 'CREATED',
    status_reason   text,
    max_attempts    int not null default 1 check (max_attempts between 1 and 10),
    import_report   jsonb not null default '{}'::jsonb,
    created_by      text not null default 'unknown',
    turn            bigint not null default 0,
    resume_at       timestamptz,                           -- a pause that ends by itself
    quiet_line      boolean not null default false,        -- dial only while no other campaign uses the line
    calling_from    time,                                  -- calling hours in all time zones of the contact's number,
    calling_until   time,                                  -- or in the campaign's where nothing is known of it
    calling_days    int[],                                 -- 1 Monday to 7 Sunday
    time_zone       text not null default 'UTC',
    resumed_at      timestamptz,                           -- account trouble older than this is over
    refused_in_a_row int not null default 0,               -- contacts Vapi refused one after the other, alike
    constraint reasonable_cap check (cap between 1 and 50),
    constraint campaign_name_length check (char_length(name) between 1 and 120),
    constraint completed_iff_over check ((completed_at is not null) = (status in ('COMPLETED', 'CANCELED', 'FAILED'))),
    constraint only_a_pause_resumes check (resume_at is null or status = 'PAUSED'),
    constraint hours_are_whole check (num_nulls(calling_from, calling_until, calling_days) in (0, 3)
                                      and (calling_from is null or calling_from < calling_until)),
    constraint pause_has_reason check (status not in ('PAUSED', 'CANCELED', 'FAILED') or status_reason is not null)
);
create index idx_campaigns_status on public.campaigns (started_at, completed_at);
create index idx_campaigns_assistant on public.campaigns (assistant_id);
-- claim_calls walks the campaigns that dial.
create index idx_campaigns_live on public.campaigns (id) where status in ('QUEUED', 'DIALING', 'RUNNING');
create index idx_campaigns_resuming on public.campaigns (resume_at) where resume_at is not null;
create sequence public.campaign_turns;

alter table public.campaigns enable row level security;
revoke all on public.campaigns from public, anon, authenticated, service_role;
revoke all on sequence public.campaign_turns from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.campaigns to service_role;
grant usage on sequence public.campaign_turns to service_role;
