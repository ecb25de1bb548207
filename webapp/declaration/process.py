"""P1 declaration 申报推荐: everything that the diagram needs from this area, in one table."""

from webapp.declaration import beginning, places, services, steps
from webapp.instances.processes import ProcessRules

RULES = ProcessRules(
    process="declaration",
    begin=beginning.begin,
    may_start=beginning.may_start,
    start_choices={"open_batches": beginning.open_batches, "honours": beginning.offered_honours},
    steps={
        "attach_sealed_form": steps.submit_sealed_form,
        "assess_county": steps.assess,
        "assess_city": steps.assess,
        "assign_inspectors": steps.assign_inspectors,
        "decide_quota_full": steps.decide_quota_full,
        "publish_notice": steps.publish_notice,
        "settle_objection": steps.settle,
        "decide_award": steps.decide_award,
        "report_to_province": steps.report_to_province,
    },
    services={
        "take_place": places.take_place,
        "reserve_quota": places.reserve_quota,
        "release_quota": services.release_quota,
        "draw_spot_check": services.draw_spot_check,
        "grant_award": services.grant_award,
    },
    choices={"inspectors": steps.eligible_inspectors},
    repeats={"indicators": steps.indicators},
    prefill={"fill_declaration": beginning.unit_facts},
    internal=frozenset({"close_consultation", "assign_inspectors", "inspect_site", "settle_objection"}),
    undoable=frozenset({"attach_sealed_form", "assess_county", "assess_city", "assign_inspectors"}),
    undo={"take_place": places.give_back},
    cancelled=services.give_back,
    declared_in=("fill_declaration", "correct_declaration"),
    start_variables=beginning.START_VARIABLES,
    step_variables={
        "assess_county": ("score",),
        "assess_city": ("score",),
        "publish_notice": ("notice_until",),
        "settle_objection": ("objections_left",),
    },
)
