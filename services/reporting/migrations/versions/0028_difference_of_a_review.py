"""Whether the actions of an audit made a difference, as its review says (`audit_reviewed`, since December 2026).

The judgement is of the actions of the audit together, so it stands beside each of them that is done.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SCHEMA = "reporting"

_FUNCTION = f"select pg_get_functiondef('{SCHEMA}.learning_on(date)'::regprocedure)"
# What of `learning_on` (migration 0026) changes, before and after: the rest of it stands there once.
_CHANGED = (
    (
        "cast(null as text) as difference, least(p.occurred_at",
        (
            "case when h.status = 'done' or (h.audit_id is null and p.done_on <= day) "
            "then case when r.reviewed_on >= coalesce(p.completed_on, b.changed_on) then r.difference end end as difference, "
            "least(p.occurred_at"
        ),
    ),
    ("v.reviewed_on, v.result\n", "v.reviewed_on, v.result, v.difference\n"),
)
_CHANGES = (
    "greatest(k.changed_at, w.changed_at, x.changed_at) as changed_at, "
    "greatest(k.changed_sequence, w.changed_sequence, x.changed_sequence) as changed_sequence"
)


def _reviews(of_held: str = "", of_due: str = "", told: str = "") -> str:
    """Reviews that were held, and the one that is still to be held (migration 0005)."""
    return f"""
        select k.org, k.audit_id, k.number, w.kind, w.tool, w.programme, w.service_area, w.team, k.due_on, k.reviewed_on,
               k.result, x.withdrawn_on, k.occurred_at, {_CHANGES}{told}
          from (select org, audit_id, number, due_on, reviewed_on, result, occurred_at, changed_at, changed_sequence{of_held}
                  from {SCHEMA}.fact_audit_review
                 union all
                select org, audit_id, 1, review_due_on, null, null, occurred_at, changed_at, changed_sequence{of_due}
                  from {SCHEMA}.fact_audit_moderation m
                 where review_due_on is not null and not exists (
                       select from {SCHEMA}.fact_audit_review h
                        where h.org = m.org and h.audit_id = m.audit_id and h.number = 1)
                 union all
                select org, audit_id, number + 1, next_due_on, null, null, occurred_at, changed_at, changed_sequence{of_due}
                  from {SCHEMA}.fact_audit_review m
                 where next_due_on is not null and not exists (
                       select from {SCHEMA}.fact_audit_review h
                        where h.org = m.org and h.audit_id = m.audit_id and h.number = m.number + 1)
               ) k
          join {SCHEMA}.fact_audit_work w on w.org = k.org and w.audit_id = k.audit_id
          left join {SCHEMA}.fact_audit_withdrawal x on x.org = k.org and x.audit_id = k.audit_id
    """


def upgrade() -> None:
    op.execute(f"alter table {SCHEMA}.fact_audit_review add column difference text")
    view = _reviews(", difference", ", null", ", k.difference")
    op.execute(f"create or replace view {SCHEMA}.feed_audit_review with (security_invoker = true) as {view}")
    _change(_CHANGED)


def downgrade() -> None:
    _change(tuple((after, before) for before, after in _CHANGED))
    op.execute(f"drop view {SCHEMA}.feed_audit_review")
    op.execute(f"create view {SCHEMA}.feed_audit_review with (security_invoker = true) as {_reviews()}")
    op.execute(f"grant select on {SCHEMA}.feed_audit_review to {SCHEMA}_app")
    op.execute(f"alter table {SCHEMA}.fact_audit_review drop column difference")


def _change(pairs: tuple[tuple[str, str], ...]) -> None:
    """The function with each text replaced, which must be there once: else the migrations before it are not those we know."""
    body: str = op.get_bind().exec_driver_sql(_FUNCTION).scalar_one()
    for before, after in pairs:
        if body.count(before) != 1:
            raise RuntimeError("learning_on is not as migration 0026 left it")
        body = body.replace(before, after)
    op.execute(body)
