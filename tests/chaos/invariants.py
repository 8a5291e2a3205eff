"""What must hold in the database of an installation at rest, as queries whose rows are what is wrong.

Three views put every kind of record side by side: `stored` (a row in the table of its service), `told` (an event in that
service's log) and `reported` (a fact). `sent` is the journal of the load.
"""

VIEWS = """
create temp view stored as
    select 'outcome' as kind, o.org, o.reference, o.id, jsonb_array_length(v.content->'sections') as parts
      from audit.outcome o join audit.outcome_version v on v.org = o.org and v.outcome_id = o.id and v.version = 1
    union all
    select 'correction', o.org, o.reference, o.id, null
      from audit.outcome o join audit.outcome_version v on v.org = o.org and v.outcome_id = o.id and v.version = 2
    union all
    select 'complaint', c.org, c.reference, c.id,
           (select count(*) from complaints.complaint_point p where p.org = c.org and p.complaint_id = c.id)
      from complaints.complaint c
    union all
    select 'step', c.org, c.reference || '/stages/' || h.stage || '/' ||
           case h.step when 'acknowledge' then 'acknowledgement' when 'extend' then 'extension' else 'response' end, c.id, null
      from complaints.complaint_change h join complaints.complaint c on c.org = h.org and c.id = h.complaint_id
     where h.step in ('acknowledge', 'extend', 'respond')
    union all
    select 'compliment', org, reference, id, null from complaints.compliment
    union all
    select 'response', org, reference, id, null from feedback.response where reference is not null
    union all
    select 'invitation', org, reference, id, null from feedback.invitation
    union all
    select 'survey', r.org, i.reference, i.id, null
      from feedback.response r join feedback.invitation i on i.org = r.org and i.id = r.invitation_id
    union all
    select 'kpi', org, concat_ws('/', kpi, to_char(month, 'YYYY-MM'), service_area, coalesce(team, '')), observation_id, null
      from reporting.kpi_observation where version = 1;

create temp view told as
    select case when (data->>'version')::int = 1 then 'outcome' else 'correction' end as kind, org,
           (data->>'outcome_id')::uuid as id, id as event from audit.outbox where subject = 'loop.audit.v1.outcome_recorded'
    union all
    select 'complaint', org, (data->>'complaint_id')::uuid, id
      from complaints.outbox where subject = 'loop.complaints.v1.complaint_received'
    union all
    select 'compliment', org, (data->>'compliment_id')::uuid, id
      from complaints.outbox where subject = 'loop.complaints.v1.compliment_received'
    union all
    select 'answer', org, (data->>'response_id')::uuid, id
      from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'
    union all
    select 'invitation', org, (data->>'invitation_id')::uuid, id
      from feedback.outbox where subject = 'loop.feedback.v1.invitation_issued';

create temp view kept as
    select kind, org, id, parts from stored where kind in ('outcome', 'correction', 'complaint', 'compliment', 'invitation')
    union all
    select 'answer', org, id, (select count(*) from jsonb_object_keys(answers)) from feedback.response;

create temp view reported as
    select 'outcome' as kind, org, outcome_id as id, version, occurred_at,
           (select count(*) from reporting.fact_audit_section s where s.org = f.org and s.outcome_id = f.outcome_id) as parts
      from reporting.fact_audit f
    union all
    select 'complaint', org, complaint_id, null, occurred_at,
           (select count(*) from reporting.fact_point p where p.org = f.org and p.complaint_id = f.complaint_id)
      from reporting.fact_complaint f
    union all
    select 'compliment', org, compliment_id, null, occurred_at, null from reporting.fact_compliment
    union all
    select 'answer', org, response_id, null, occurred_at,
           (select count(*) from reporting.fact_answer a where a.org = f.org and a.response_id = f.response_id)
      from reporting.fact_response f
    union all
    select 'invitation', org, invitation_id, null, occurred_at, null from reporting.fact_invitation;

create temp view log as
    select 'audit' as source, id, org, sequence, position, published_at from audit.outbox
    union all select 'complaints', id, org, sequence, position, published_at from complaints.outbox
    union all select 'feedback', id, org, sequence, position, published_at from feedback.outbox;

create temp view written as
    select 'audit' as service, org, id, number, events from audit.trail
    union all select 'complaints', org, id, number, events from complaints.trail
    union all select 'feedback', org, id, number, events from feedback.trail
    union all select 'reporting', org, id, number, events from reporting.trail;

create temp view answered as
    select org, key, status from audit.idempotency
    union all select org, key, status from complaints.idempotency
    union all select org, key, status from feedback.idempotency
    union all select org, key, status from reporting.idempotency;
"""

INVARIANTS = {
    "What was answered 2xx is stored exactly once, under the id that was answered": """
        select s.kind, s.org, s.reference, s.id, count(t.id) as stored, array_agg(t.id) as ids
          from sent s left join stored t on t.kind = s.kind and t.org = s.org and t.reference = s.reference
         where s.answer = 'done'
         group by s.kind, s.org, s.reference, s.id
        having count(distinct t.id) <> 1 or bool_or(t.id is distinct from s.id)
            or (count(t.id) <> count(distinct s.key) and s.kind <> 'kpi')
    """,
    "What was refused left nothing behind": """
        select s.kind, s.org, s.reference, t.id from sent s
          join stored t on t.kind = s.kind and t.reference = s.reference where s.answer = 'refused'
    """,
    "What was never answered is stored once or not at all": """
        select s.kind, s.org, s.reference, count(*) as stored from sent s
          join stored t on t.kind = s.kind and t.org = s.org and t.reference = s.reference
         where s.answer = 'unknown' group by s.kind, s.org, s.reference having count(*) > 1 and s.kind <> 'kpi'
    """,
    "What is stored is whole": """
        select distinct s.kind, s.org, s.reference, s.parts as sent, t.parts as stored from sent s
          join stored t on t.kind = s.kind and t.org = s.org and t.reference = s.reference
         where s.parts is not null and t.parts <> s.parts
        union all
        select 'complaint', c.org, c.reference, 1, 0 from complaints.complaint c
         where not exists (select from complaints.stage s where s.org = c.org and s.complaint_id = c.id)
        union all
        select 'survey', i.org, i.reference, 1, 0 from feedback.invitation i
         where i.used_on is not null
           and not exists (select from feedback.response r where r.org = i.org and r.invitation_id = i.id)
    """,
    "Work and its answer under a key are one: both there, or neither": """
        select s.kind, s.org, s.reference, s.answer, s.key, a.status, count(t.id) as stored
          from sent s
          left join stored t on t.kind = s.kind and t.org = s.org and t.reference = s.reference
          left join answered a on a.org = s.org and a.key = s.key
         where s.key <> '' and s.kind <> 'kpi' and s.answer <> 'refused'
         group by s.kind, s.org, s.reference, s.answer, s.key, a.status
        having (a.status is not null) <> (count(t.id) > 0)
            or (s.answer = 'done' and coalesce(a.status, 0) not between 200 and 299)
    """,
    "Every record was told of by exactly one event, and every event has its record": """
        select coalesce(k.kind, t.kind) as kind, coalesce(k.org, t.org) as org, coalesce(k.id, t.id) as id,
               count(t.event) as events, count(k.id) as stored
          from kept k full join told t on t.kind = k.kind and t.org = k.org and t.id = k.id
         group by 1, 2, 3 having count(t.event) <> 1 or count(k.id) <> 1
    """,
    "Every record is in reporting exactly once, with all of its parts": """
        select coalesce(k.kind, f.kind) as kind, coalesce(k.org, f.org) as org, coalesce(k.id, f.id) as id,
               k.parts as stored, f.parts as reported, count(f.id) as facts
          from (select * from kept where kind <> 'correction') k
          full join reported f on f.kind = k.kind and f.org = k.org and f.id = k.id
         group by k.kind, f.kind, k.org, f.org, k.id, f.id, k.parts, f.parts
        having count(f.id) <> 1 or count(k.id) <> 1 or (k.kind <> 'answer' and k.parts <> f.parts)
            or (k.parts > 0 and f.parts = 0)
        union all
        select 'correction', o.org, o.id, o.version, f.version, 1 from audit.outcome o
          join reporting.fact_audit f on f.org = o.org and f.outcome_id = o.id where f.version <> o.version
    """,
    "The numbers of each log run from 1 without a gap, and all were published": """
        select source, count(*) as events, count(sequence) as numbered, count(distinct sequence) as numbers,
               min(sequence) as first, max(sequence) as last, count(published_at) as published
          from log group by source
        having count(*) <> count(distinct sequence) or min(sequence) <> 1 or max(sequence) <> count(*)
            or count(published_at) <> count(*)
    """,
    "The inbox holds what was published: each event once, under its number": """
        select coalesce(l.source, i.source) as source, coalesce(l.id, i.event_id) as event, l.sequence as published,
               i.sequence as taken, l.org, i.org as taken_for
          from log l full join (select * from reporting.inbox where consumer = 'reporting') i
            on i.event_id = l.id and i.source = l.source
         where i.event_id is null or l.id is null or i.sequence <> l.sequence or i.org <> l.org
    """,
    "The reader stands at the end of each log": """
        select l.source, max(l.sequence) as head, max(p.sequence) as position from log l
          left join reporting.consumer_position p on p.source = l.source and p.consumer = 'reporting'
         group by l.source having max(l.sequence) is distinct from max(p.sequence)
    """,
    "Nothing was put aside": """
        select consumer, source, sequence, left(reason, 200) as reason from reporting.dead_letter where redriven_at is null
    """,
    "A link is used at most once": """
        select i.org, i.id, count(r.id) as responses, i.used_on, i.withdrawn_on from feedback.invitation i
          left join feedback.response r on r.org = i.org and r.invitation_id = i.id
         where not i.reusable group by i.org, i.id, i.used_on, i.withdrawn_on
        having count(r.id) > 1 or (count(r.id) = 1) <> (i.used_on is not null)
    """,
    "Nothing that one organisation sent is with another": """
        select s.kind, s.org, s.reference, t.org as found_with from sent s
          join stored t on t.kind = s.kind and t.reference = s.reference and t.org <> s.org where s.kind <> 'kpi'
        union all
        select s.kind, s.org, s.reference, f.org from sent s join reported f on f.id = s.id and f.org <> s.org
    """,
    "Stages have in reporting the clocks that they have in their service": """
        select s.org, s.complaint_id, s.number, s.due_on, f.due_on as reported, s.responded_on, f.responded_on as answered
          from complaints.stage s
          left join reporting.stage_now f on f.org = s.org and f.complaint_id = s.complaint_id and f.stage = s.number
         where (s.due_on, s.responded_on, s.extended_on, s.acknowledged_on)
               is distinct from (f.due_on, f.responded_on, f.extended_on, f.acknowledged_on)
    """,
    "The trail is joined without a gap": """
        select service, org, count(*) as entries, count(number) as joined, max(number) as last from written
         group by service, org having count(number) <> count(*) or max(number) <> count(distinct number)
    """,
    "Every event that a machine's request wrote stands in the trail once, and nothing that was not written does": """
        with named as (select service, unnest(events) as event from written)
        select coalesce(n.service, l.source) as service, coalesce(n.event, l.id) as event, count(n.event) as entries
          from named n
          full join (select source, id from log) l on l.id = n.event and l.source = n.service
          left join told t on t.event = l.id
          left join feedback.response r on r.id = t.id and t.kind = 'answer'
         group by n.service, l.source, n.event, l.id, t.kind, r.invitation_id
        having (l.id is null and n.service <> 'reporting') or count(n.event) > 1
            or (n.event is null and t.kind is not null and r.invitation_id is null)
    """,
}
"""Each invariant in words, with the query that gives what breaks it."""
