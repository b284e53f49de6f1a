create type public.assistant_source as enum ('local', 'imported', 'template');

-- The directory of voice assistants.
create table public.assistants (
    id                    uuid primary key default gen_random_uuid(),
    name                  text not null,
    source                public.assistant_source not null default 'local',
    provider              text not null default 'vapi',
    provider_assistant_id text unique not null,
    config_json           jsonb not null default '{}'::jsonb,
    active                boolean not null default true,
    ephemeral             boolean not null default false,
    created_at            timestamptz not null default now(),
    updated_at            timestamptz not null default now(),
    version               int not null default 1,
    deleted_at            timestamptz,
    constraint assistant_name_length check (char_length(name) between 1 and 40)
);
create index idx_assistants_active on public.assistants (active);
create index idx_assistants_source on public.assistants (source);
-- two installations that start at once seed the templates once
create unique index one_template_a_name on public.assistants (name) where source = 'template' and deleted_at is null;

-- Every configuration an assistant ever had; the newest equals assistants.config_json.
create table public.assistant_versions (
    assistant_id uuid not null references public.assistants (id) on delete cascade,
    version      int not null,
    name         text not null,
    config_json  jsonb not null,
    created_at   timestamptz not null default now(),
    created_by   text not null,
    primary key (assistant_id, version)
);

alter table public.assistants enable row level security;
alter table public.assistant_versions enable row level security;
revoke all on public.assistants, public.assistant_versions from public, anon, authenticated, service_role;
grant select, insert, update, delete on public.assistants, public.assistant_versions to service_role;
