"""What a database is made of, read from its catalogue, so that two can be compared.

Of `public` and `internal`, what a migration can change: not rows, not owners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from autolynx.database.connecting import open_connection

_SCHEMAS = "('public', 'internal')"
_PRIVILEGES = """
    (select string_agg(
         coalesce(g.rolname, 'public') || ' ' || lower(a.privilege_type)
         || case when a.is_grantable then ' further' else '' end, ', ' order by g.rolname, a.privilege_type)
     from aclexplode(coalesce({acl}, acldefault({kind}, {owner}))) a left join pg_roles g on g.oid = a.grantee
     where a.grantee <> {owner})
"""
_RELATION = _PRIVILEGES.format(
    acl="c.relacl", kind="case c.relkind when 'S' then 's' else 'r' end::\"char\"", owner="c.relowner"
)
#: kind -> the query of its names, and of everything that is said of each
_QUERIES = {
    "schema": f"""
        select n.nspname, jsonb_build_array({_PRIVILEGES.format(acl="n.nspacl", kind="'n'", owner="n.nspowner")},
                                            obj_description(n.oid))
        from pg_namespace n where n.nspname = 'internal'
    """,
    "type": f"""
        select format_type(t.oid, null), jsonb_build_array(
            t.typtype,
            (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
            {_PRIVILEGES.format(acl="t.typacl", kind="'T'", owner="t.typowner")}, obj_description(t.oid))
        from pg_type t where t.typnamespace::regnamespace::text in {_SCHEMAS} and t.typtype in ('e', 'd', 'r')
    """,
    "table": f"""
        select c.oid::regclass::text, jsonb_build_array(
            c.relkind, c.relpersistence, c.reloptions, c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
            {_RELATION}, obj_description(c.oid))
        from pg_class c where c.relnamespace::regnamespace::text in {_SCHEMAS} and c.relkind in ('r', 'p', 'f')
    """,
    "sequence": f"""
        select c.oid::regclass::text, jsonb_build_array(
            format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
            (select d.refobjid::regclass || '.' || d.refobjsubid from pg_depend d
             where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')),
            {_RELATION}, obj_description(c.oid))
        from pg_class c join pg_sequence s on s.seqrelid = c.oid where c.relnamespace::regnamespace::text in {_SCHEMAS}
    """,
    "column": f"""
        select c.oid::regclass || '.' || a.attname, jsonb_build_array(
            row_number() over (partition by c.oid order by a.attnum), format_type(a.atttypid, a.atttypmod),
            pg_get_expr(d.adbin, d.adrelid), a.attnotnull, a.attidentity, a.attgenerated, a.attcollation::regcollation,
            a.attstorage, a.attacl::text, col_description(c.oid, a.attnum))
        from pg_class c join pg_attribute a on a.attrelid = c.oid
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace::regnamespace::text in {_SCHEMAS} and c.relkind in ('r', 'p', 'f')
          and a.attnum > 0 and not a.attisdropped
    """,
    "constraint": f"""
        select k.conrelid::regclass || '.' || k.conname, jsonb_build_array(
            pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid))
        from pg_constraint k
        where k.connamespace::regnamespace::text in {_SCHEMAS} and k.conrelid <> 0 and k.contype <> 'n'
    """,
    "index": f"""
        select i.indexrelid::regclass::text, jsonb_build_array(
            i.indrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisreplident, i.indisclustered)
        from pg_index i join pg_class c on c.oid = i.indexrelid where c.relnamespace::regnamespace::text in {_SCHEMAS}
    """,
    "view": f"""
        select c.oid::regclass::text, jsonb_build_array(
            c.relkind, c.reloptions, pg_get_viewdef(c.oid), {_RELATION}, obj_description(c.oid))
        from pg_class c where c.relnamespace::regnamespace::text in {_SCHEMAS} and c.relkind in ('v', 'm')
    """,
    "trigger": f"""
        select t.tgrelid::regclass || '.' || t.tgname, jsonb_build_array(
            pg_get_triggerdef(t.oid), t.tgenabled, obj_description(t.oid))
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace::regnamespace::text in {_SCHEMAS} and not t.tgisinternal
    """,
    "policy": f"""
        select format('%I.%I.%I', schemaname, tablename, policyname), to_jsonb(p) from pg_policies p
        where schemaname in {_SCHEMAS}
    """,
    "function": f"""
        select p.oid::regprocedure::text, jsonb_build_array(
            pg_get_functiondef(p.oid), {_PRIVILEGES.format(acl="p.proacl", kind="'f'", owner="p.proowner")},
            obj_description(p.oid))
        from pg_proc p where p.pronamespace::regnamespace::text in {_SCHEMAS} and p.prokind in ('f', 'p')
    """,
}
_FUNCTIONS = f"""
    select p.pronamespace::regnamespace || '.' || p.proname, p.pronamespace::regnamespace || '.' || p.proname,
           pg_get_function_arguments(p.oid) || ' -> ' || pg_get_function_result(p.oid), pg_get_functiondef(p.oid),
           {_PRIVILEGES.format(acl="p.proacl", kind="'f'", owner="p.proowner")}
    from pg_proc p where p.pronamespace::regnamespace::text in {_SCHEMAS} and p.prokind in ('f', 'p') order by p.oid
"""

Catalogue = dict[tuple[str, str], Any]


@dataclass(frozen=True)
class Function:
    """One function as the database has it; names are no overloads, so they suffice."""

    name: str
    signature: str
    definition: str
    privileges: str | None


def read(dsn: str) -> Catalogue:
    """Everything that a migration can change: (kind, name) -> what it is."""
    with open_connection(dsn) as connection:
        connection.execute("set search_path = ''")  # so that every name is written in full
        return {
            (kind, name): definition
            for kind, query in _QUERIES.items()
            for name, definition in connection.execute(query.encode())
        }


def read_functions(dsn: str) -> dict[str, Function]:
    """The functions by name, in the order in which they were made."""
    with open_connection(dsn) as connection:
        connection.execute("set search_path = ''")
        return {key: Function(*values) for key, *values in connection.execute(_FUNCTIONS.encode())}
