"""P7 nomination 培育对象上报: everything that the diagram needs from this area, in one table."""

from webapp.instances.processes import ProcessRules
from webapp.nominations import beginning, offers, services, steps

RULES = ProcessRules(
    process="nomination",
    number_prefix="PY",
    begin=beginning.begin,
    may_start=beginning.may_start,
    cancelled=services.call_off,
    start_choices={
        "counties": beginning.county_choices,
        "target_honours": beginning.target_honours,
        "plans": beginning.plans,
    },
    steps={
        "submit_nominations": steps.submit,
        "correct_nominations": steps.submit,
        "review_nominations": steps.review,
        "chase_counties": steps.chase,
        "rank_nominees": steps.rank,
        "approve_list": steps.approve,
        "report_nominees": steps.report,
        "receive_list": steps.receive,
    },
    services={
        "open_call": services.open_call,
        "close_collection": services.close_collection,
        "approve_nominees": services.approve_nominees,
        "release_nominees": services.release_nominees,
    },
    choices={"call_honours": offers.call_honours},
    repeats={
        "county_nominees": offers.county_nominees,
        "call_nominees": offers.call_nominees,
        "ranked_nominees": offers.ranked_nominees,
    },
    prefill={"correct_nominations": offers.last_list},
    start_variables=beginning.START_VARIABLES,
    step_variables={"chase_counties": ("wait_until",)},
)
