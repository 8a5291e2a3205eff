-- Years of audits of one organisation; see many_audits.py, which fills the temporary tables `given` (org, number, today, grades,
-- rules), `section` (tool, entry, place) and `sealed` (kind, place, value) before.

-- `age` is 0 for the newest; the days follow from it. Teams go round; the last team's audits are all withdrawn.
create temporary table made as
select n, age, id, team, tool, area, state, allocated_on, allocated_on + 28 as submit_by, allocated_on + 35 as moderate_by,
       format('SC-%s-%s', to_char(allocated_on, 'YYYY-MM'), lpad(n::text, 5, '0')) as reference,
       case when state in ('submitted', 'moderated', 'closed') then allocated_on + 27 end as submitted_on,
       case when state in ('moderated', 'closed') then allocated_on + 34 end as moderated_on,
       pg_temp.person(1 + n % 39) as lead, pg_temp.person(1 + (n + 7 + n / 39 % 20) % 39) as peer,
       pg_temp.person(1 + (n + 30 + n / 39 % 8) % 39) as moderator, pg_temp.person(1 + (n + 15) % 39) as worker, pg_temp.person(1 + n * 11 % 39) as reviewer
  from (select n, number - n as age, uuidv7((n - number) * interval '4 hours') as id, 'team-' || lpad((1 + n % 60)::text, 2, '0') as team,
               case when n % 10 = 0 then 'fostering' else 'social-care-case-file' end as tool,
               case when n % 400 = 1 then 'send'
                    else (array['safeguarding', 'through-care', 'children-with-disabilities', 'family-front-door'])[1 + n % 60 % 4]
               end as area,
               case when n % 60 = 59 or n % 25 = 0 then 'withdrawn'
                    when n > 0.99 * number then 'planned'
                    when n > 0.94 * number then 'auditing'
                    when n > 0.90 * number then 'submitted'
                    when n > 0.80 * number then 'moderated'
                    else 'closed' end as state,
               today - (1825.0 * (number - n) / number)::integer as allocated_on
          from given cross join generate_series(1, number) n) a;
analyze made;

-- A round a month; its list had twice as many cases as were picked.
insert into round (org, id, programme, code, title, kind, tool, tool_version, rules, period_from, period_to, size, circulate_on,
                   submit_by, moderate_by, calendar, state, drawn_at, circulated_at, created_by)
select org, uuidv7(month - now()), 'social-care', to_char(month, 'YYYY-MM'), 'Social care ' || to_char(month, 'YYYY-MM'), 'looped',
       'social-care-case-file', 1, rules, month, month + interval '1 month - 1 day', cases, month, month + 28, month + 35, 'test',
       'circulated', month - 5, month, 'demo-officer'
  from given
 cross join (select date_trunc('month', allocated_on)::date as month, count(*) as cases
               from made where tool = 'social-care-case-file' group by 1) months;

insert into round_case (org, round_id, case_key, case_sealed, service_area, team, worker, standing, reason, place)
select given.org, r.id, md5((n * sign)::text), value, area, team, worker, case when sign > 0 then 'picked' else 'listed' end, '',
       case when sign > 0 then n end
  from given cross join made cross join (values (1), (-1)) s (sign)
  join round r on r.org = given.org and r.code = to_char(allocated_on, 'YYYY-MM')
  join sealed on sealed.kind = 'case' and sealed.place = n % 64
 where made.tool = 'social-care-case-file';

insert into audit (org, id, reference, kind, tool, tool_version, scale, round_id, programme, case_key, case_sealed, service_area,
                   team, worker, reviewer, state, rules, allocated_on, submit_by, moderate_by, submitted_at, shown_from, moderated_at, moderated_on,
                   overall, suggested, themes, discuss_by, discussed_on, discussed_by, outcome_version, withdrawn_on, withdrawal_reason, calendar)
select given.org, made.id, reference, 'looped', made.tool, 1, 'ofsted', r.id, coalesce(r.programme, made.tool), md5(n::text), value,
       area, team, worker, reviewer, made.state, '{"grace_hours": 24, "review_after_weeks": 8}', allocated_on, made.submit_by, made.moderate_by, submitted_on,
       submitted_on + 1, moderated_on, moderated_on,
       case when moderated_on is not null then grades[1 + n % 4] end, case when moderated_on is not null then grades[1 + n % 4] end,
       case when moderated_on is not null then array['plans-and-outcomes'] else '{}' end,
       moderated_on + 28, case when made.state = 'closed' then moderated_on + 20 end, case when made.state = 'closed' then 'person-01' end,
       (moderated_on is not null)::integer, case when made.state = 'withdrawn' then allocated_on + 10 end,
       case when made.state = 'withdrawn' then 'closed-case' end, 'test'
  from given cross join made
  join sealed on sealed.kind = 'case' and sealed.place = n % 64
  left join round r on r.org = given.org and r.tool = made.tool and r.code = to_char(allocated_on, 'YYYY-MM')
 order by n;

-- Of the audits at work some parts are handed in, and some came back. What was withdrawn was left as it stood.
insert into part (org, audit_id, part, person, state, due_on, submitted_at, submissions)
select org, id, part, person, state, due_on, case when state <> 'open' then due_on - 1 end, (state <> 'open')::integer
  from (select org, id, part, case part when 'moderation' then moderate_by else submit_by end as due_on,
               case when n in (5, 17, 29) and part = 'lead' then 'person-40' else p.person end as person,
               case when moderated_on is not null then 'submitted'
                    when part = 'moderation' or state = 'planned' then 'open'
                    when state = 'submitted' then 'submitted'
                    when n % 17 = 0 then 'returned'
                    when n % 3 = (part = 'peer')::integer then 'submitted'
                    else 'open' end as state
          from given cross join made
         cross join lateral (values ('lead', lead), ('peer', peer), ('moderation', moderator)) p (part, person)) parts;
analyze part;

insert into entry (org, audit_id, part, entry, grade, first_grade, words_sealed, saved_by)
select org, audit_id, part, entry, grade, case when part <> 'moderation' then grade end, value, 'demo-' || person
  from (select given.org, p.audit_id, p.part, s.entry, p.person, (m.n + s.place) % 64 as text,
               grades[1 + (m.n * 7 + s.place * 3 + length(p.part) * (m.n % 5 % 2)) % 4] as grade
          from given cross join made m
          join part p on p.org = given.org and p.audit_id = m.id and p.state <> 'open'
          join section s on s.tool = m.tool) entries
  join sealed on kind = 'entry' and place = text;

insert into action (org, id, audit_id, code, what_sealed, owner, team, due_on, status, done_on, evidence_sealed, set_by)
select org, gen_random_uuid(), id, 'a' || number, value, pg_temp.person(1 + (n + number * 5) % 39), team, due_on, status,
       case when status = 'done' then due_on - 3 end, case when status = 'done' then value end, 'demo-officer'
  from (select given.org, id, n, a.number, team, moderated_on + 42 as due_on,
               case when state = 'moderated' and a.number < 3 then 'open' when n % 12 = 0 then 'dropped' else 'done' end as status
          from given cross join made cross join generate_series(1, 3) a (number)
         where moderated_on is not null and a.number <= 1 + n % 3) actions
  join sealed on kind = 'action' and place = n % 64;

insert into review (org, audit_id, number, reviewer, due_on, held_on, result, words_sealed)
select org, id, 1, reviewer, moderated_on + 56, case when state = 'closed' then moderated_on + 57 end,
       case when state = 'closed' then 'closed' end, case when state = 'closed' then value end
  from given cross join made join sealed on kind = 'entry' and place = n % 64
 where moderated_on is not null;

insert into recipient (org, audit_id, person, capacity, circulated_at, due_on, acknowledged_at)
select org, id, person, capacity, moderated_on, moderated_on + 7,
       case when state = 'closed' and n % 40 > 0 or n % 2 = 0 then moderated_on + 2 end
  from given cross join made
 cross join lateral (values (worker, 'worker'), (lead, 'lead'), (peer, 'peer'), (moderator, 'moderation')) r (person, capacity)
 where moderated_on is not null
    on conflict do nothing;

insert into question (org, id, audit_id, part, asked_by, asked_at, asked_sealed)
select org, gen_random_uuid(), id, 'lead', moderator, submit_by, value
  from given cross join made join sealed on kind = 'words' and place = n % 64
 where n % 17 = 0 and state in ('auditing', 'moderated', 'closed');

insert into escalation (org, id, audit_id, raised_by, raised_at, words_sealed, manager, acknowledged_at, acknowledged_by)
select org, gen_random_uuid(), id, lead, submit_by, value, 'person-01',
       case when age > 500 then submit_by + 1 end, case when age > 500 then 'person-01' end
  from given cross join made join sealed on kind = 'words' and place = n % 64
 where n % 10 = 7 and state in ('auditing', 'moderated', 'closed');

insert into step (org, id, audit_id, at, by, step, part)
select org, gen_random_uuid(), id, allocated_on + days, 'demo-officer', step, part
  from given cross join made
  join (values (1, 0, 'allocated', null), (2, 1, 'circulated', null), (3, 20, 'submitted', 'lead'), (3, 25, 'submitted', 'peer'),
               (4, 34, 'moderated', 'moderation'), (5, 90, 'review-closed', null)) s (stage, days, step, part)
    on stage <= array_position(array['planned', 'auditing', 'submitted', 'moderated', 'closed'], state);

-- What is finished is an outcome; a fifth as many were posted by another system.
with written as (
    insert into outcome (org, id, source, reference, version, digest, kind, tool, service_area, team, completed_on, overall)
    select org, case source when 'audit' then id else uuidv7() end, source, reference, 1, sha256(reference::bytea), 'looped', tool, area,
           team, moderated_on, grades[1 + n % 4]
      from given cross join made cross join (values ('audit'), ('client:case-system')) s (source)
     where moderated_on is not null and (source = 'audit' or n % 5 = 0)
     order by n
    returning *
)
insert into outcome_version (org, outcome_id, version, digest, service_area, tool_version, scale, content, posted_by)
select org, id, 1, digest, service_area, 1, 'ofsted',
       jsonb_build_object('kind', kind, 'tool', tool, 'service_area', service_area, 'team', team, 'completed_on', completed_on,
                          'allocated_on', completed_on - 34, 'submitted_on', completed_on - 7, 'moderated_on', completed_on,
                          'overall', overall, 'rag', null, 'cases', 1, 'case_key', null, 'themes', array['plans-and-outcomes'],
                          'findings', array[]::text[], 'actions', array[]::text[],
                          'activity', jsonb_build_object('lead', 1, 'peer', 1, 'moderation', 1, 'single', 0),
                          'sections', sections),
       'demo-officer'
  from written
 cross join lateral (
       select jsonb_agg(jsonb_build_object('section', entry, 'grade', overall, 'lead', overall, 'peer', 'good', 'not_applicable', false))
              as sections
         from section s where s.tool = written.tool and entry <> 'overall') s;

drop table given, section, sealed, made;
