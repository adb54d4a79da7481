import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.campaigns.dashboard import PAGE, PEOPLE_A_PAGE
from outreach.campaigns.models import CampaignState, Recipient, RecipientState
from outreach.texting.gates import closed_gate
from outreach.texting.models import Text
from outreach.texting.reacting import Trouble, react
from tests.accounts.factories import send
from tests.campaigns.desk import add_asked, make_campaign, signed_in_client
from tests.people.factories import make_number, make_person


def figure(page: str, words: str) -> int:
    found = re.search(rf"<dt>{words}</dt><dd>([\d,]+)</dd>", page)
    assert found is not None, words
    return int(found[1].replace(",", ""))


def test_a_campaign_s_page_says_how_it_goes_and_why(session: Session) -> None:
    campaign = make_campaign(session, people=5, opted_out=1, failed=2)
    add_asked(session, campaign, "Yes Sayer", answer="yes")
    number = make_number(session)
    late = make_person(session, "Late Comer", numbers=[number])
    session.add(
        Recipient(
            campaign_id=campaign.id, person_id=late.id, number_id=number.id, state=RecipientState.SKIPPED,
            skipped_because="asked_recently",
        )
    )  # fmt: skip
    session.commit()
    page = signed_in_client(session).get(f"/campaigns/{campaign.id}").text
    assert (figure(page, "Delivered"), figure(page, "Failed"), figure(page, "Left out")) == (4, 2, 1)
    assert (figure(page, "Yes"), figure(page, "Opted out")) == (1, 1)
    assert "unknown or inactive number" in page
    assert "code 30005" in page
    assert "were asked something lately" in page


def test_a_campaign_that_an_error_code_paused_says_on_its_page_which_and_what_it_means(session: Session) -> None:
    campaign = make_campaign(session, people=2)
    text = session.scalars(select(Text).where(Text.campaign_id == campaign.id).limit(1)).one()
    react(session, Trouble(text.id, text.number_id, "+12135550100", campaign.gate, 30034), text.created_at)
    session.commit()
    page = signed_in_client(session).get(f"/campaigns/{campaign.id}").text
    assert "Twilio error 30034: number not registered to a 10DLC campaign" in page


def test_the_script_gets_the_figures_anew(session: Session) -> None:
    campaign = make_campaign(session, people=2)
    answer = signed_in_client(session).get(f"/campaigns/{campaign.id}/figures")
    assert answer.json is not None
    assert answer.json["state"] == "running"
    assert figure(answer.json["figures"], "Delivered") == 2


def test_people_stand_under_their_outcome_by_first_name_and_initial(session: Session) -> None:
    campaign = make_campaign(session)
    add_asked(session, campaign, "Eve Stone", answer="yes")
    add_asked(session, campaign, "Bob Wood", answer="no")
    session.commit()
    client = signed_in_client(session)
    yes = client.get(f"/campaigns/{campaign.id}?outcome=yes").text
    assert "<li>Eve S." in yes
    assert "Stone" not in yes
    assert "Bob" not in yes
    assert "<li>Bob W." in client.get(f"/campaigns/{campaign.id}?outcome=no").text
    assert "<li>Eve S." in client.get(f"/campaigns/{campaign.id}?outcome=what").text


def test_many_people_come_page_by_page(session: Session) -> None:
    campaign = make_campaign(session)
    for _ in range(PEOPLE_A_PAGE + 1):
        add_asked(session, campaign, "Eve Stone")
    session.commit()
    client = signed_in_client(session)
    address = f"/campaigns/{campaign.id}?outcome=no_answer"
    first = client.get(address).text
    assert first.count("<li>Eve S.") == PEOPLE_A_PAGE
    more = re.search(r'href="([^"]+)#people">More people', first)
    assert more is not None
    second = client.get(more[1].replace("&amp;", "&")).text
    assert second.count("<li>Eve S.") == 1
    assert "Back to the first" in second


def test_a_viewer_sees_figures_and_no_people_and_changes_nothing(session: Session) -> None:
    campaign = make_campaign(session)
    add_asked(session, campaign, "Eve Stone", answer="yes")
    session.commit()
    client = signed_in_client(session, Role.VIEWER)
    page = client.get(f"/campaigns/{campaign.id}").text
    assert figure(page, "Yes") == 1
    assert "Eve S." not in page
    assert "Pause" not in page
    assert send(client, "/campaigns", f"/campaigns/{campaign.id}/cancel").status_code == 403


def test_pausing_takes_a_reason_that_the_page_shows_and_resuming_lets_it_go_on(session: Session) -> None:
    campaign = make_campaign(session, people=1)
    client = signed_in_client(session, email="luz@example.org")
    page = f"/campaigns/{campaign.id}"
    refused = send(client, page, f"{page}/pause", because="  ")
    assert 'id="because-error"' in refused.text
    assert closed_gate(session, campaign.gate) is None
    send(client, page, f"{page}/pause", because="The room flooded")
    shown = client.get(page).text
    assert "Paused by luz@example.org: The room flooded" in shown
    send(client, page, f"{page}/resume")
    assert "Paused by" not in client.get(page).text
    acts = session.scalars(select(AuditEvent.act).where(AuditEvent.who == "luz@example.org").order_by(AuditEvent.id))
    assert list(acts) == ["signed in", "campaign paused", "campaign resumed"]


def test_cancelling_is_asked_about_once_more(session: Session) -> None:
    campaign = make_campaign(session, people=1)
    client = signed_in_client(session)
    page = f"/campaigns/{campaign.id}"
    assert "This cannot be undone" in client.get(f"{page}/cancel").text
    send(client, f"{page}/cancel", f"{page}/cancel")
    session.refresh(campaign)
    assert campaign.state == CampaignState.CANCELLED
    assert "Cancel this campaign" not in client.get(page).text
    again = send(client, "/campaigns/new", f"{page}/resume")
    assert "is cancelled" in client.get(again.location).text


def test_the_list_shows_the_newest_first_and_older_ones_on_another_page(session: Session) -> None:
    names = [make_campaign(session).name for _ in range(PAGE + 1)]
    client = signed_in_client(session)
    first = client.get("/campaigns").text
    assert re.findall(r">(Campaign \d+)</a>", first) == names[:0:-1]
    older = re.search(r'href="([^"]+)">Older campaigns', first)
    assert older is not None
    assert re.findall(r">(Campaign \d+)</a>", client.get(older[1]).text) == names[:1]


def test_a_campaign_that_is_not_there_is_not_found(session: Session) -> None:
    client = signed_in_client(session)
    assert client.get("/campaigns/999999").status_code == 404
    assert client.get("/campaigns/999999/figures").status_code == 404
