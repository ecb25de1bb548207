"""One pair from the matching through a year of logs to a declaration: by the API and the business clock alone."""

from collections.abc import Callable

from tests.factories.api_client import Office
from tests.factories.pairing_client import PRIVATE, Pair, Programme, open_batch


def test_a_year_of_help_leads_to_a_declaration_that_knows_what_was_done(
    office: Office, programme: Programme, confirmed: Callable[[], Pair]
) -> None:
    pair = confirmed()
    assert pair.read()["status"] == "confirmed"
    pair.working()
    begun = pair.read()
    assert (begun["status"], begun["active_since"], begun["target_on"]) == ("active", "2021-04-12", "2022-04-12")

    pair.year()
    pair.do("decide_outcome", outcome="target_reached", recognition="commend", recognition_reason="全年走访十五次。")
    pair.do("decide_recognition", outcome="approve")
    assert "begin_declaration" in pair.open_steps()
    open_batch(office)
    clerk, task = pair.who("begin_declaration")
    clerk.complete(task)

    done = pair.read()
    assert (done["status"], done["outcome"]) == ("ended", "target_reached")
    assert len(done["logs"]) == 12
    assert [e["kind"] for e in done["evaluations"]] == ["midterm", "year"]
    assert done["missing_months"] == []
    assert done["recognitions"] == [{"kind": "commend", "status": "approved", "document_number": "豫文明办〔2021〕5号"}]
    declared = clerk.get("/instances?process=declaration")["items"][0]
    filling = clerk.find_task(declared["id"], "fill_declaration")
    assert filling is not None
    assert filling["data"]["unit_name"] == PRIVATE
    assert filling["data"]["leader"] == "王建国"
    assert f"与{done['helper']['name']}结对，共开展帮创 12 次" in filling["data"]["responsibility"]
    assert office.person("city.reviewer1").get(f"/instances/{pair.instance}")["outcome"] == "target_reached"
