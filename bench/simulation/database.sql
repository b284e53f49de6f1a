-- What the simulation adds to its own database: ids that repeat from run to run, and notices of what it judges by.
create sequence if not exists public.simulation_ids;
grant usage on sequence public.simulation_ids to service_role;
do $$
declare
    v_column record;
begin
    for v_column in
        select table_name, column_name from information_schema.columns
        where table_schema = 'public' and column_default = 'gen_random_uuid()'
    loop
        execute format('alter table public.%I alter column %I set default md5(nextval(''public.simulation_ids'')::text)::uuid',
                       v_column.table_name, v_column.column_name);
    end loop;
end
$$;

create or replace function public.simulation_notice() returns trigger
language plpgsql as $$
declare
    v_rank_old int;
    v_rank_new int;
begin
    if tg_table_name = 'campaigns' then
        perform pg_notify('simulation', jsonb_build_object(
            'what', 'campaign', 'id', new.id, 'status', new.status,
            'by_people', coalesce(new.status_reason like 'Paused by %', false))::text);
    elsif tg_table_name = 'do_not_call' then
        perform pg_notify('simulation', jsonb_build_object('what', 'do_not_call', 'phone', new.phone)::text);
    elsif tg_table_name = 'alarms' then
        perform pg_notify('simulation', jsonb_build_object('what', 'alarm', 'code', new.code, 'subject', new.subject)::text);
    elsif tg_table_name = 'calls' then
        v_rank_old := internal.status_rank(old.status);
        v_rank_new := internal.status_rank(new.status);
        if new.turned_up_at is not distinct from old.turned_up_at and (v_rank_new < v_rank_old
              or (v_rank_old = 3 and new.status <> old.status and not old.status_is_guess)) then
            perform pg_notify('simulation', jsonb_build_object('what', 'backwards', 'id', new.id, 'from', old.status,
                                                               'to', new.status)::text);
        elsif v_rank_old < 3 and v_rank_new = 3 and new.dial_state in ('unknown', 'lost') then
            perform pg_notify('simulation', jsonb_build_object('what', 'given_back', 'id', new.id)::text);
        end if;
        if old.dial_state = 'confirmed' and new.dial_state <> 'confirmed' then
            perform pg_notify('simulation', jsonb_build_object('what', 'unconfirmed', 'id', new.id, 'to', new.dial_state)::text);
        end if;
        if new.hang_up_by is not null and new.dial_state = 'confirmed' and v_rank_new < 3
           and (old.hang_up_by is null or old.dial_state <> 'confirmed'
                or (old.control_url is null and new.control_url is not null)) then
            perform pg_notify('simulation', jsonb_build_object('what', 'hang_up', 'id', new.id,
                                                               'provider_call_id', new.provider_call_id)::text);
        end if;
    end if;
    return null;
end
$$;
grant execute on function public.simulation_notice() to service_role;
create or replace trigger simulation_campaigns after insert or update of status on public.campaigns
    for each row execute function public.simulation_notice();
create or replace trigger simulation_do_not_call after insert on public.do_not_call
    for each row execute function public.simulation_notice();
create or replace trigger simulation_alarms after insert on public.alarms
    for each row execute function public.simulation_notice();
create or replace trigger simulation_calls after update on public.calls
    for each row execute function public.simulation_notice();
