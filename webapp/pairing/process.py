"""P8 pairing 结对帮创: everything that the diagram needs from this area, in one table."""

from webapp.instances.processes import ProcessRules
from webapp.pairing import confirming, declaring, services, steps

RULES = ProcessRules(
    process="pairing",
    begin=confirming.begin,
    may_start=confirming.may_start,
    started=confirming.started,
    cancelled=confirming.refuse_cancelling,
    number_prefix="JD",
    start_choices={"proposed_pairings": confirming.proposed_pairings},
    steps={
        "sign_agreement_helper": steps.sign,
        "sign_agreement_helped": steps.sign,
        "make_plan": steps.make_plan,
        "write_log": steps.write_log,
        "evaluate_midterm": steps.evaluate,
        "evaluate_year": steps.evaluate,
        "inspect_pairing": steps.inspect,
        "decide_outcome": steps.decide_outcome,
        "decide_recognition": steps.decide_recognition,
        "hold_interview": steps.hold_interview,
        "begin_declaration": declaring.begin_declaration,
    },
    services={
        "adopt_plan": services.adopt_plan,
        "open_month": services.open_month,
        "set_lapse": services.set_lapse,
        "mark_missing": services.mark_missing,
        "close_month": services.close_month,
        "close_pairing": services.close_pairing,
    },
    choices={
        "target_honours": steps.target_honours,
        "open_milestones": steps.open_milestones,
        "open_batches": declaring.open_batches,
        "honours": declaring.offered_honours,
    },
    repeats={
        "pairing_indicators": steps.indicators,
        "milestone_day": steps.example_milestone,
        "log_day": steps.example_log_day,
        "pairing_today": steps.today,
    },
    internal=frozenset({"inspect_pairing", "decide_outcome", "decide_recognition", "hold_interview"}),
    shared=frozenset({"make_plan", "write_log", "confirm_plan"}),
    declared_in=("make_plan",),
    start_variables=confirming.START_VARIABLES,
    messages={"supervision": ("visit_id", "visit_state"), "pairing_ending": ("pairing_outcome",)},
)
