from werkzeug.wrappers import Response

from outreach.sandbox.webhooks import Answer, Failure, WebhookPoster
from tests.sandbox.factories import NOBODY, TOKEN, listening


def post(url: str) -> Answer:
    poster = WebhookPoster(TOKEN)
    try:
        return poster.post(url, {"Body": "¿sí? 😀", "Empty": ""})
    finally:
        poster.close()


def test_posts_are_signed_over_the_url_with_its_query_and_without_its_fragment() -> None:
    with listening() as app:
        post(f"{app.url}/message?id=7&x=%C3%A1#rc=3&rp=all")
    assert app.calls[0].valid
    assert app.calls[0].url.endswith("/message?id=7&x=%C3%A1")
    assert app.calls[0].params == {"Body": "¿sí? 😀", "Empty": ""}


def test_an_error_status_is_not_retried_by_default() -> None:
    with listening(Response(status=500)) as app:
        answer = post(f"{app.url}/message")
    assert (answer.status, answer.attempts, len(app.calls)) == (500, 1, 1)


def test_an_error_status_is_retried_when_the_fragment_says_so_with_one_token_for_all_attempts() -> None:
    with listening(Response(status=503), Response(status=500)) as app:
        poster = WebhookPoster(TOKEN)
        answer = poster.post(f"{app.url}/message#rc=3&rp=5xx", {})
        poster.post(f"{app.url}/message", {})
        poster.close()
    tokens = [call.headers["I-Twilio-Idempotency-Token"] for call in app.calls]
    assert (answer.status, answer.attempts) == (200, 3)
    assert tokens[0] == tokens[1] == tokens[2] != tokens[3]


def test_a_refused_connection_is_tried_twice() -> None:
    answer = post(NOBODY)
    assert (answer.status, answer.failure, answer.attempts) == (None, Failure.CONNECT, 2)


def test_a_refused_connection_is_not_tried_again_when_the_fragment_forbids_it() -> None:
    assert post(f"{NOBODY}#rc=0").attempts == 1


def test_a_slow_answer_is_given_up_and_retried_only_by_policy() -> None:
    with listening() as app:
        once = post(f"{app.url}/slow#rt=100")
        twice = post(f"{app.url}/slow#rt=100&rp=rt")
    assert (once.status, once.failure, once.attempts) == (None, Failure.READ, 1)
    assert twice.attempts == 2


def test_the_total_time_ends_the_retries() -> None:
    with listening() as app:
        answer = post(f"{app.url}/slow#rt=100&tt=150&rc=5&rp=rt")
    assert answer.attempts <= 2


def test_a_connection_that_the_application_closed_is_replaced() -> None:
    poster = WebhookPoster(TOKEN)
    with listening() as app:
        poster.post(f"{app.url}/message", {})
        idle = poster._pool._idle["http", app.url.removeprefix("http://")][0]
        idle.sock.shutdown(2)
        assert poster.post(f"{app.url}/message", {}).status == 200
        poster.close()
