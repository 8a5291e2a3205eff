-- Roles, database and schemas of Learning Loop, for a PostgreSQL that is not the embedded one.
-- Made by `loop roles`; do not edit. Run as an administrator, with every password in the environment:
--   AUDIT_OWNER_PASSWORD=... AUDIT_APP_PASSWORD=... psql -v ON_ERROR_STOP=1 -f deploy/roles.sql
-- Running it again changes passwords only.
--
-- <service>_owner migrates, <service>_app serves HTTP, <service>_worker runs relay and consumers. None is superuser, none
-- passes row-level security, none sees another service's schema.
\set ON_ERROR_STOP on
\getenv audit_owner_password AUDIT_OWNER_PASSWORD
\getenv audit_app_password AUDIT_APP_PASSWORD
\getenv audit_worker_password AUDIT_WORKER_PASSWORD
\getenv feedback_owner_password FEEDBACK_OWNER_PASSWORD
\getenv feedback_app_password FEEDBACK_APP_PASSWORD
\getenv feedback_worker_password FEEDBACK_WORKER_PASSWORD
\getenv complaints_owner_password COMPLAINTS_OWNER_PASSWORD
\getenv complaints_app_password COMPLAINTS_APP_PASSWORD
\getenv complaints_worker_password COMPLAINTS_WORKER_PASSWORD
\getenv reporting_owner_password REPORTING_OWNER_PASSWORD
\getenv reporting_app_password REPORTING_APP_PASSWORD
\getenv reporting_worker_password REPORTING_WORKER_PASSWORD
\getenv gateway_owner_password GATEWAY_OWNER_PASSWORD
\getenv gateway_app_password GATEWAY_APP_PASSWORD
\getenv gateway_worker_password GATEWAY_WORKER_PASSWORD

do $$ begin if not exists (select from pg_roles where rolname = 'audit_owner') then create role audit_owner login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role audit_owner password :'audit_owner_password';
alter role audit_owner set search_path = audit;
do $$ begin if not exists (select from pg_roles where rolname = 'audit_app') then create role audit_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role audit_app password :'audit_app_password';
alter role audit_app set search_path = audit;
do $$ begin if not exists (select from pg_roles where rolname = 'audit_worker') then create role audit_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role audit_worker password :'audit_worker_password';
alter role audit_worker set search_path = audit;
do $$ begin if not exists (select from pg_roles where rolname = 'audit_retention') then create role audit_retention nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant audit_retention to audit_worker with inherit false, set true;
do $$ begin if not exists (select from pg_roles where rolname = 'feedback_owner') then create role feedback_owner login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role feedback_owner password :'feedback_owner_password';
alter role feedback_owner set search_path = feedback;
do $$ begin if not exists (select from pg_roles where rolname = 'feedback_app') then create role feedback_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role feedback_app password :'feedback_app_password';
alter role feedback_app set search_path = feedback;
do $$ begin if not exists (select from pg_roles where rolname = 'feedback_worker') then create role feedback_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role feedback_worker password :'feedback_worker_password';
alter role feedback_worker set search_path = feedback;
do $$ begin if not exists (select from pg_roles where rolname = 'feedback_retention') then create role feedback_retention nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant feedback_retention to feedback_worker with inherit false, set true;
do $$ begin if not exists (select from pg_roles where rolname = 'complaints_owner') then create role complaints_owner login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role complaints_owner password :'complaints_owner_password';
alter role complaints_owner set search_path = complaints;
do $$ begin if not exists (select from pg_roles where rolname = 'complaints_app') then create role complaints_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role complaints_app password :'complaints_app_password';
alter role complaints_app set search_path = complaints;
do $$ begin if not exists (select from pg_roles where rolname = 'complaints_worker') then create role complaints_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role complaints_worker password :'complaints_worker_password';
alter role complaints_worker set search_path = complaints;
do $$ begin if not exists (select from pg_roles where rolname = 'complaints_retention') then create role complaints_retention nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant complaints_retention to complaints_worker with inherit false, set true;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_owner') then create role reporting_owner login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role reporting_owner password :'reporting_owner_password';
alter role reporting_owner set search_path = reporting;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_app') then create role reporting_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role reporting_app password :'reporting_app_password';
alter role reporting_app set search_path = reporting;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_worker') then create role reporting_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role reporting_worker password :'reporting_worker_password';
alter role reporting_worker set search_path = reporting;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_retention') then create role reporting_retention nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant reporting_retention to reporting_worker with inherit false, set true;
do $$ begin if not exists (select from pg_roles where rolname = 'gateway_owner') then create role gateway_owner login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role gateway_owner password :'gateway_owner_password';
alter role gateway_owner set search_path = gateway;
do $$ begin if not exists (select from pg_roles where rolname = 'gateway_app') then create role gateway_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role gateway_app password :'gateway_app_password';
alter role gateway_app set search_path = gateway;
do $$ begin if not exists (select from pg_roles where rolname = 'gateway_worker') then create role gateway_worker login nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
alter role gateway_worker password :'gateway_worker_password';
alter role gateway_worker set search_path = gateway;
do $$ begin if not exists (select from pg_roles where rolname = 'gateway_retention') then create role gateway_retention nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant gateway_retention to gateway_worker with inherit false, set true;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_views') then create role reporting_views nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
do $$ begin if not exists (select from pg_roles where rolname = 'reporting_reader') then create role reporting_reader nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit; end if; end $$;
grant reporting_views to reporting_owner;

select 'create database loop' where not exists (select from pg_database where datname = 'loop') \gexec
\connect loop

revoke all on database loop from public;
grant connect on database loop to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker;
revoke all on schema public from public;
create schema if not exists audit authorization audit_owner;
revoke all on schema audit from public;
grant usage on schema audit to audit_app;
grant usage on schema audit to audit_worker;
grant usage on schema audit to audit_retention;
create schema if not exists feedback authorization feedback_owner;
revoke all on schema feedback from public;
grant usage on schema feedback to feedback_app;
grant usage on schema feedback to feedback_worker;
grant usage on schema feedback to feedback_retention;
create schema if not exists complaints authorization complaints_owner;
revoke all on schema complaints from public;
grant usage on schema complaints to complaints_app;
grant usage on schema complaints to complaints_worker;
grant usage on schema complaints to complaints_retention;
create schema if not exists reporting authorization reporting_owner;
revoke all on schema reporting from public;
grant usage on schema reporting to reporting_app;
grant usage on schema reporting to reporting_worker;
grant usage on schema reporting to reporting_retention;
create schema if not exists gateway authorization gateway_owner;
revoke all on schema gateway from public;
grant usage on schema gateway to gateway_app;
grant usage on schema gateway to gateway_worker;
grant usage on schema gateway to gateway_retention;
create schema if not exists reporting_bi authorization reporting_views;
revoke all on schema reporting_bi from public;
grant usage on schema reporting_bi to reporting_reader, reporting_owner;
grant usage on schema reporting to reporting_views;
do $$ begin if (select rolsuper from pg_roles where rolname = current_user) then revoke execute on function pg_catalog.lo_create(oid) from public; revoke execute on function pg_catalog.lo_creat(integer) from public; revoke execute on function pg_catalog.lo_from_bytea(oid, bytea) from public; revoke execute on function pg_catalog.pg_logical_emit_message(boolean, text, text, boolean) from public; revoke execute on function pg_catalog.pg_logical_emit_message(boolean, text, bytea, boolean) from public; revoke execute on function pg_catalog.pg_advisory_lock(bigint) from public; revoke execute on function pg_catalog.pg_advisory_lock(integer, integer) from public; revoke execute on function pg_catalog.pg_advisory_lock_shared(bigint) from public; revoke execute on function pg_catalog.pg_advisory_lock_shared(integer, integer) from public; revoke execute on function pg_catalog.pg_advisory_xact_lock(bigint) from public; revoke execute on function pg_catalog.pg_advisory_xact_lock(integer, integer) from public; revoke execute on function pg_catalog.pg_advisory_xact_lock_shared(bigint) from public; revoke execute on function pg_catalog.pg_advisory_xact_lock_shared(integer, integer) from public; revoke execute on function pg_catalog.pg_try_advisory_lock(bigint) from public; revoke execute on function pg_catalog.pg_try_advisory_lock(integer, integer) from public; revoke execute on function pg_catalog.pg_try_advisory_lock_shared(bigint) from public; revoke execute on function pg_catalog.pg_try_advisory_lock_shared(integer, integer) from public; revoke execute on function pg_catalog.pg_try_advisory_xact_lock(bigint) from public; revoke execute on function pg_catalog.pg_try_advisory_xact_lock(integer, integer) from public; revoke execute on function pg_catalog.pg_try_advisory_xact_lock_shared(bigint) from public; revoke execute on function pg_catalog.pg_try_advisory_xact_lock_shared(integer, integer) from public; grant execute on function pg_catalog.pg_advisory_lock(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_lock(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_lock_shared(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_lock_shared(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_xact_lock(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_xact_lock(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_xact_lock_shared(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_advisory_xact_lock_shared(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_lock(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_lock(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_lock_shared(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_lock_shared(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_xact_lock(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_xact_lock(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_xact_lock_shared(bigint) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; grant execute on function pg_catalog.pg_try_advisory_xact_lock_shared(integer, integer) to audit_owner, audit_app, audit_worker, feedback_owner, feedback_app, feedback_worker, complaints_owner, complaints_app, complaints_worker, reporting_owner, reporting_app, reporting_worker, gateway_owner, gateway_app, gateway_worker; end if; end $$;
grant connect on database loop to reporting_reader;
