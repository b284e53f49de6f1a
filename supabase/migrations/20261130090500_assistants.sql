-- Effect: none. "1 line" or "2 lines".
create function internal.counted(p_number bigint, p_singular text) returns text
language sql immutable security invoker set search_path = ''
as $$
    select p_number || ' ' || p_singular || case when p_number = 1 then '' else 's' end
$$;

-- Effect: none. One assistant as the services read it, with how many campaigns use it.
create function internal.assistant_json(p_assistant public.assistants) returns jsonb
language sql stable security invoker set search_path = ''
as $$
    select to_jsonb(p_assistant) - 'deleted_at' || jsonb_build_object(
        'campaigns_total', count(c.id),
        'campaigns_open', count(c.id) filter (where c.completed_at is null))
    from public.campaigns c where c.assistant_id = p_assistant.id
$$;

-- Effect: none. -> {"assistants": [...], "total": n}; templates last, then by name.
create function public.list_assistants(
    p_active_only boolean default false, p_page int default 1, p_limit int default 50
) returns jsonb
language sql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
    with found as (
        select a from public.assistants a
        where a.deleted_at is null and (a.active or not p_active_only)
    ), page as (
        select (f.a).* from found f
        order by ((f.a).source = 'template'), lower((f.a).name), (f.a).id
        limit greatest(p_limit, 0) offset greatest(p_page - 1, 0) * greatest(p_limit, 0)
    )
    select jsonb_build_object(
        'assistants', coalesce((
            select jsonb_agg(internal.assistant_json(p::public.assistants)
                             order by (p.source = 'template'), lower(p.name), p.id) from page p), '[]'::jsonb),
        'total', (select count(*) from found))
$$;

-- Effect: none. Codes: LX001 no such assistant.
create function public.get_assistant(p_id uuid) returns jsonb
language plpgsql stable security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_assistant public.assistants;
begin
    select * into v_assistant from public.assistants where id = p_id and deleted_at is null;
    if not found then
        raise exception 'There is no assistant with the id %.', p_id using errcode = 'LX001';
    end if;
    return internal.assistant_json(v_assistant);
end
$$;

-- Effect: adds an assistant that exists at the provider, or updates the one with the same provider id
-- (a deleted one comes back). Safe to repeat. Codes: LX201 the name is not 1 to 40 characters.
create function public.save_assistant(
    p_name text, p_source text, p_provider_assistant_id text, p_config jsonb, p_actor text,
    p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_old public.assistants;
    v_assistant public.assistants;
begin
    if char_length(btrim(p_name)) not between 1 and 40 then
        raise exception 'The name "%" has % characters; an assistant''s name has 1 to 40.',
            p_name, char_length(btrim(p_name)) using errcode = 'LX201';
    end if;
    select * into v_old from public.assistants
    where provider_assistant_id = p_provider_assistant_id for no key update;
    insert into public.assistants as a (name, source, provider_assistant_id, config_json, created_at, updated_at)
    values (btrim(p_name), p_source::public.assistant_source, p_provider_assistant_id, p_config, p_now, p_now)
    on conflict (provider_assistant_id) do update
        set name = excluded.name, config_json = excluded.config_json, active = true, deleted_at = null,
            updated_at = p_now,
            version = a.version + (a.config_json is distinct from excluded.config_json)::int
    returning * into v_assistant;
    insert into public.assistant_versions (assistant_id, version, name, config_json, created_at, created_by)
    values (v_assistant.id, v_assistant.version, v_assistant.name, v_assistant.config_json, p_now, p_actor)
    on conflict do nothing;
    perform internal.audit(p_actor, case when v_old.id is null then 'assistant.added' else 'assistant.imported' end,
                           'assistant', v_assistant.id::text, jsonb_build_object('source', p_source), p_now);
    return internal.assistant_json(v_assistant);
end
$$;

-- Effect: changes what is given, keeps what is null; a new configuration is a new version.
-- Codes: LX001 no such assistant; LX101 templates are only cloned; LX201 the name's length.
create function public.update_assistant(
    p_id uuid, p_name text, p_config jsonb, p_active boolean, p_actor text, p_now timestamptz default now()
) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_assistant public.assistants;
begin
    select * into v_assistant from public.assistants where id = p_id and deleted_at is null for no key update;
    if not found then
        raise exception 'There is no assistant with the id %.', p_id using errcode = 'LX001';
    end if;
    if v_assistant.source = 'template' then
        raise exception '"%" is a template: clone it, then change the copy.', v_assistant.name using errcode = 'LX101';
    end if;
    if p_name is not null and char_length(btrim(p_name)) not between 1 and 40 then
        raise exception 'The name "%" has % characters; an assistant''s name has 1 to 40.',
            p_name, char_length(btrim(p_name)) using errcode = 'LX201';
    end if;
    update public.assistants
    set name = coalesce(btrim(p_name), name), config_json = coalesce(p_config, config_json),
        active = coalesce(p_active, active), updated_at = p_now,
        version = version + (p_config is not null and p_config is distinct from config_json)::int
    where id = p_id returning * into v_assistant;
    insert into public.assistant_versions (assistant_id, version, name, config_json, created_at, created_by)
    values (v_assistant.id, v_assistant.version, v_assistant.name, v_assistant.config_json, p_now, p_actor)
    on conflict do nothing;
    perform internal.audit(p_actor, 'assistant.changed', 'assistant', p_id::text,
                           jsonb_build_object('version', v_assistant.version, 'active', v_assistant.active), p_now);
    return internal.assistant_json(v_assistant);
end
$$;

-- Effect: takes an assistant out of the directory; the provider's copy stays. One that finished campaigns
-- refer to is kept for their sake, hidden. Codes: LX001 none such; LX102 open campaigns use it (detail names them).
create function public.delete_assistant(p_id uuid, p_actor text, p_now timestamptz default now()) returns jsonb
language plpgsql volatile security invoker set search_path = ''
set lock_timeout = '2s'
as $$
declare
    v_assistant public.assistants;
    v_open jsonb;
begin
    select * into v_assistant from public.assistants where id = p_id and deleted_at is null for update;
    if not found then
        raise exception 'There is no assistant with the id %.', p_id using errcode = 'LX001';
    end if;
    if v_assistant.source = 'template' then
        raise exception '"%" is a template and stays in the directory.', v_assistant.name using errcode = 'LX101';
    end if;
    select jsonb_agg(jsonb_build_object('id', id, 'name', name, 'status', status) order by created_at, id) into v_open
    from public.campaigns where assistant_id = p_id and completed_at is null;
    if v_open is not null then
        raise exception 'The assistant "%" still has %: %. Finish or stop what is open first.',
            v_assistant.name, internal.counted(jsonb_array_length(v_open), 'open campaign'),
            (select string_agg(c ->> 'name', ', ') from jsonb_array_elements(v_open) c)
            using errcode = 'LX102', detail = v_open::text;
    end if;
    if exists (select from public.campaigns where assistant_id = p_id) then
        update public.assistants set deleted_at = p_now, active = false, updated_at = p_now where id = p_id;
    else
        delete from public.assistants where id = p_id;
    end if;
    perform internal.audit(p_actor, 'assistant.deleted', 'assistant', p_id::text,
                           jsonb_build_object('name', v_assistant.name), p_now);
    return jsonb_build_object('deleted', p_id);
end
$$;

revoke all on function internal.counted, internal.assistant_json, public.list_assistants, public.get_assistant,
    public.save_assistant, public.update_assistant, public.delete_assistant from public, anon, authenticated;
grant execute on function internal.counted, internal.assistant_json, public.list_assistants, public.get_assistant,
    public.save_assistant, public.update_assistant, public.delete_assistant to service_role;
