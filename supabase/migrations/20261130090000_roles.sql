-- The roles that PostgREST switches to exist on Supabase; elsewhere they are made, so that one set of grants
-- is right everywhere. gen_random_uuid() is core; pgcrypto is enabled only where it is available.
do $$
begin
    if exists (select from pg_catalog.pg_available_extensions where name = 'pgcrypto')
       and not exists (select from pg_catalog.pg_extension where extname = 'pgcrypto')
       and to_regnamespace('extensions') is not null then
        create extension pgcrypto with schema extensions;
    end if;
    if to_regrole('anon') is null then create role anon nologin; end if;
    if to_regrole('authenticated') is null then create role authenticated nologin; end if;
    if to_regrole('service_role') is null then
        begin
            create role service_role nologin bypassrls;
        exception when insufficient_privilege then
            create role service_role nologin;
        end;
    end if;
end
$$;

-- Steps that several public functions share. PostgREST exposes only `public`, so nobody calls these by name.
create schema internal;
revoke all on schema internal from public, anon, authenticated;
grant usage on schema internal to service_role;
grant usage on schema public to service_role;
