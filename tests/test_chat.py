"""The chat client: what is sent, what comes back, and one clear line for whatever goes wrong."""

import asyncio
import json
import socket

import pytest

from pipeline.chat.client import OpenAIChat
from pipeline.chat.loopback import HOST, Answer, Loopback, Response, failure
from pipeline.chat.profile import KEY_VARIABLE, Profile
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import InputError, ProviderError, RefusedRequestError
from schemas.reasons import NOT_SERVED
from schemas.record import JsonObject
from tests.dialogues import IMPATIENT, Scripted, over_http, tool_calls
from tests.endpoints import html, no_choices, refuse_key, server_error, truncated

KEY = "sk-secret-1234567890"
TOOL: JsonObject = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
REQUEST = ChatRequest(
    role="assistant",
    messages=({"role": "user", "content": "hi"},),
    tools=(TOOL,),
    seed=2**62 + 5,
    json_object=True,
)


def ask(answer: Answer) -> ChatReply:
    return over_http(answer, lambda model: model.complete(REQUEST))


async def send(url: str, profile: Profile = IMPATIENT) -> ChatReply:
    async with OpenAIChat("tiny", url, profile) as chat:
        return await chat.complete(REQUEST)


def trouble(answer: Answer) -> str:
    with pytest.raises(ProviderError) as caught:
        ask(answer)
    line = str(caught.value)
    assert "\n" not in line
    assert "http://127.0.0.1:" in line
    return line


def test_a_request_holds_what_the_interface_wants() -> None:
    brain = Scripted("hello")
    ask(brain)
    (sent,) = brain.asked
    assert sent == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [TOOL],
        "seed": 5,
        "temperature": 0.7,
        "max_tokens": 2000,
        "response_format": {"type": "json_object"},
    }


def test_calls_words_thoughts_and_counts_come_back_as_they_were_sent() -> None:
    message = tool_calls(("f", '{"a": 1'), ("g", ""), text="Both.") | {"reasoning_content": "hm"}
    usage = {"prompt_tokens": 7, "completion_tokens": 3}
    reply = ask(lambda _: {"choices": [{"message": message}], "usage": usage})
    assert reply.text == "Both."
    assert reply.reasoning == "hm"
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [
        ("m0", "f", '{"a": 1'),
        ("m1", "g", ""),
    ]
    assert (reply.input_tokens, reply.output_tokens) == (7, 3)


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"prompt_tokens": 7, "completion_tokens": None}, (7, 0, 0)),
        ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}}, (7, 3, 0)),
        ({"prompt_tokens": 7, "prompt_tokens_details": {"cached_tokens": 90}}, (7, 7, 0)),
    ],
)
def test_counts_that_a_server_leaves_out_or_counts_otherwise_cost_no_reply(
    usage: JsonObject, counts: tuple[int, int, int]
) -> None:
    """More cached than read would be paid for asking, and no budget would ever be spent."""
    reply = ask(lambda _: {"choices": [{"message": {"content": "yes"}}], "usage": usage})
    assert (reply.input_tokens, reply.cached_tokens, reply.output_tokens) == counts


def test_thoughts_that_a_server_leaves_in_the_words_are_parted_from_them() -> None:
    reply = ask(Scripted("<think>\nhm\n</think>\n\nHello."))
    assert (reply.reasoning, reply.text) == ("hm", "Hello.")


def test_what_was_cut_off_is_marked_and_keeps_its_words() -> None:
    choice = {"message": {"content": "I have boo"}, "finish_reason": "length"}
    reply = ask(lambda _: {"choices": [choice]})
    assert (reply.text, reply.is_cut_off) == ("I have boo", True)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": [{"text": "In "}, {"text": "parts."}]}, "In parts."),
        ({"content": None, "refusal": "I will not."}, "I will not."),
    ],
)
def test_words_are_read_in_each_shape_in_which_servers_send_them(
    message: JsonObject, text: str
) -> None:
    assert ask(lambda _: {"choices": [{"message": message}]}).text == text


def test_arguments_that_a_server_sends_as_an_object_are_read() -> None:
    message = {"tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}
    (call,) = ask(lambda _: {"choices": [{"message": message}]}).calls
    assert call.arguments == '{"a": 1}'


def test_a_refused_key_is_named_by_its_variable_and_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    assert trouble(refuse_key).endswith(f"refuses the key in {KEY_VARIABLE} (HTTP 401)")
    said = trouble(lambda _: failure(402, f"your key {KEY} is odd"))
    assert KEY not in said
    assert "***" in said


def test_the_key_of_the_environment_opens_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    with Loopback(Scripted("hello"), key=KEY) as endpoint:
        monkeypatch.setenv(KEY_VARIABLE, "sk-wrong")
        with pytest.raises(ProviderError, match="refuses the key"):
            asyncio.run(send(endpoint.base_url))
        monkeypatch.setenv(KEY_VARIABLE, KEY)
        assert asyncio.run(send(endpoint.base_url)).text == "hello"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (server_error, "answered HTTP 503: overloaded"),
        (html, "no chat completion: '<html>"),
        (no_choices, "no chat completion: '{"),
        (truncated, "cannot be reached: "),
        (lambda _: Response(body=b'{"choices": [{"mess'), "no chat completion"),
        (lambda _: Response(body=b""), "no chat completion: ''"),
        (lambda _: {"choices": [{"message": {"content": 5}}]}, "no chat completion"),
        (lambda _: failure(404, "no model tiny"), "does not know the model 'tiny'"),
        (lambda _: failure(403, "not yours"), "refuses the key in OPENAI_API_KEY (HTTP 403)"),
        (lambda _: failure(402, "pay first"), "answered HTTP 402: pay first"),
        (lambda _: failure(429, "pay", code="insufficient_quota"), "answered HTTP 429: pay"),
        (lambda _: Response(502, b"<h1>Bad Gateway</h1>", "text/html"), "502: <h1>Bad Gateway"),
    ],
)
def test_what_no_request_comes_past_ends_the_run_in_one_line(answer: Answer, said: str) -> None:
    line = trouble(answer)
    assert said in line


@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (lambda _: failure(400, "x" * 999), "provider_refused", f"HTTP 400: {'x' * 200}…"),
        (lambda _: failure(422, "no such role"), "provider_refused", "HTTP 422"),
        (lambda _: failure(413, "too large"), "context_exceeded", "HTTP 413"),
        (lambda _: failure(400, "no", code="context_length_exceeded"), "context_exceeded", "400"),
        (
            lambda _: failure(400, "request (9031 tokens) exceeds the available context size"),
            "context_exceeded",
            "9031 tokens",
        ),
        (lambda _: failure(403, "flagged by moderation"), "provider_refused", "HTTP 403"),
        (lambda _: {"error": {"message": "no such tool"}}, "provider_refused", "no such tool"),
        (
            lambda _: {"choices": [{"message": {}, "finish_reason": "content_filter"}]},
            "provider_refused",
            "content filter",
        ),
        (lambda _: failure(500, "never", retry=False), "provider_refused", "HTTP 500: never"),
    ],
)
def test_a_request_that_cannot_be_served_is_refused_alone(
    answer: Answer, code: str, said: str
) -> None:
    with pytest.raises(RefusedRequestError) as caught:
        ask(answer)
    assert caught.value.code == code in NOT_SERVED
    assert said in str(caught.value)


def test_so_many_refusals_in_a_row_end_the_run() -> None:
    async def run(url: str) -> list[type[BaseException]]:
        raised: list[type[BaseException]] = []
        async with OpenAIChat("tiny", url, Profile(most_refused=3)) as chat:
            for _ in range(3):
                try:
                    await chat.complete(REQUEST)
                except ProviderError as error:
                    raised.append(type(error))
        return raised

    with Loopback(lambda _: failure(400, "no")) as endpoint:
        raised = asyncio.run(run(endpoint.base_url))
    assert raised == [RefusedRequestError, RefusedRequestError, ProviderError]


def test_an_error_that_stays_for_one_request_is_that_requests() -> None:
    hello = Scripted(*["hello"] * 9)

    def poisoned(request: JsonObject) -> JsonObject | Response:
        said = request["messages"][0]["content"]
        return failure(500, "broken") if said == "hi" else hello(request)

    with pytest.raises(RefusedRequestError, match="HTTP 500: broken"):
        ask(poisoned)
    assert len(hello.asked) == 1, "the endpoint was asked whether it is there at all"


def test_an_endpoint_that_is_not_there_is_named() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ProviderError, match=rf"^http://127\.0\.0\.1:{port}/v1 cannot be reached"):
        asyncio.run(send(f"http://{HOST}:{port}/v1", Profile()))


def test_a_silent_endpoint_is_given_up_in_time() -> None:
    silent = IMPATIENT.model_copy(update={"timeout": 0.2})
    with (
        Loopback(lambda _: Response(body=b"{}", delay=30)) as endpoint,
        pytest.raises(ProviderError, match="did not answer in time"),
    ):
        asyncio.run(send(endpoint.base_url, silent))


def test_a_passing_failure_is_tried_again() -> None:
    answers = [failure(503, "overloaded", after=0), failure(429, "slow down", after=0), html({})]
    hello = Scripted("hello")
    with Loopback(lambda asked: answers.pop() if answers else hello(asked)) as endpoint:
        assert asyncio.run(send(endpoint.base_url, Profile())).text == "hello"
    assert endpoint.requests == 4


def test_a_rate_that_is_limited_for_long_ends_nothing() -> None:
    answers = [failure(429, "slow down", after=0)] * 12
    hello = Scripted("hello")
    with Loopback(lambda asked: answers.pop() if answers else hello(asked)) as endpoint:
        assert asyncio.run(send(endpoint.base_url, IMPATIENT)).text == "hello"
    assert endpoint.requests == 13


def test_options_that_a_model_does_not_take_are_left_out_from_then_on() -> None:
    seen: list[set[str]] = []
    limits: list[str] = []

    def picky(request: JsonObject) -> JsonObject | Response:
        seen.append({"temperature", "seed"} & set(request))
        limits.extend(one for one in request if one.startswith("max_"))
        if "temperature" in request:
            return failure(400, "Unsupported value", param="temperature")
        if "seed" in request:
            return failure(400, "seed: Extra inputs are not permitted")
        if "max_tokens" in request:
            return failure(400, "Unsupported parameter: use another", param="max_tokens")
        return {"choices": [{"message": {"content": "hello"}}]}

    async def twice(url: str) -> None:
        async with OpenAIChat("tiny", url) as chat:
            await chat.complete(REQUEST)
            await chat.complete(REQUEST)

    with Loopback(picky) as endpoint:
        asyncio.run(twice(endpoint.base_url))
    assert seen == [{"temperature", "seed"}, {"seed"}, set(), set(), set()]
    assert limits == ["max_tokens"] * 3 + ["max_completion_tokens"] * 2


SHAPED = REQUEST.model_copy(update={"shape": {"type": "object"}})


@pytest.mark.parametrize(
    ("takes", "refusal", "seen", "left_out"),
    [
        (3, {}, ["json_schema"] * 2, set()),
        (2, {"param": "response_format"}, ["json_schema", *["json_object"] * 2], {"json_schema"}),
        (2, {}, ["json_schema", *["json_object"] * 2], {"json_schema"}),
        (
            1,
            {"param": "response_format.type"},
            ["json_schema", "json_object", "text", "text"],
            {"json_schema", "response_format"},
        ),
    ],
)
def test_a_reply_is_constrained_as_far_as_the_endpoint_can(
    takes: int, refusal: JsonObject, seen: list[str], left_out: set[str]
) -> None:
    sent: list[str] = []

    def picky(request: JsonObject) -> JsonObject | Response:
        sent.append(request.get("response_format", {"type": "text"})["type"])
        if sent[-1] not in ["text", "json_object", "json_schema"][:takes]:
            return failure(400, "cannot be done", **refusal)
        return {"choices": [{"message": {"content": "{}"}}]}

    async def twice(url: str) -> None:
        async with OpenAIChat("tiny", url) as chat:
            assert (await chat.complete(SHAPED)).text == "{}"
            assert (await chat.complete(SHAPED)).text == "{}"
            assert chat.left_out == left_out

    with Loopback(picky) as endpoint:
        asyncio.run(twice(endpoint.base_url))
    assert sent == seen


def test_an_endpoint_that_has_constrained_replies_goes_on_doing_so_when_it_refuses_one() -> None:
    sent: list[str] = []

    def answer(request: JsonObject) -> JsonObject | Response:
        sent.append(request["response_format"]["type"])
        if len(sent) == 2:
            return failure(400, "not this one")
        return {"choices": [{"message": {"content": "{}"}}]}

    async def thrice(url: str) -> None:
        async with OpenAIChat("tiny", url) as chat:
            await chat.complete(SHAPED)
            with pytest.raises(RefusedRequestError):
                await chat.complete(SHAPED)
            await chat.complete(SHAPED)

    with Loopback(answer) as endpoint:
        asyncio.run(thrice(endpoint.base_url))
    assert sent == ["json_schema"] * 3


def test_no_more_requests_are_open_than_allowed() -> None:
    async def run() -> int:
        slow = Response(body=json.dumps({"choices": [{"message": {}}]}).encode(), delay=0.1)
        async with (
            Loopback(lambda _: slow) as endpoint,
            OpenAIChat("tiny", endpoint.base_url, concurrency=2) as chat,
        ):
            await asyncio.gather(*(chat.complete(REQUEST) for _ in range(6)))
            return endpoint.most_open

    assert asyncio.run(run()) == 2


def test_a_missing_key_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(InputError, match=KEY_VARIABLE):
        OpenAIChat("tiny", "https://models.example/v1")


@pytest.mark.parametrize("address", ["localhost:80/v1", "ftp://x/v1", "http://", "http://[::1/v1"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(InputError, match="base URL"):
        OpenAIChat("tiny", address)


def test_a_key_that_cannot_be_sent_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "schlüssel")
    with pytest.raises(InputError, match=KEY_VARIABLE) as caught:
        OpenAIChat("tiny", "https://models.example/v1")
    assert "schl" not in str(caught.value)


def test_names_and_passwords_in_the_address_are_not_shown() -> None:
    with Loopback(server_error) as endpoint:
        url = endpoint.base_url.replace("http://", "http://ida:secret@")
        with pytest.raises(ProviderError) as caught:
            asyncio.run(send(url))
    assert "secret" not in str(caught.value)


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert ask(Scripted("hello")).text == "hello"


def test_headers_are_taken_from_the_environment_and_never_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MY_HEADER", "s3cret")
    profile = Profile(headers={"x-mine": "MY_HEADER"}, extra_body={"top_k": 5}, top_p=0.5)
    brain = Scripted("hello")
    with Loopback(brain) as endpoint:
        asyncio.run(send(endpoint.base_url, profile))
    assert (brain.asked[0]["top_k"], brain.asked[0]["top_p"]) == (5, 0.5)
    with (
        Loopback(lambda _: failure(402, "not with s3cret")) as endpoint,
        pytest.raises(ProviderError) as caught,
    ):
        asyncio.run(send(endpoint.base_url, profile))
    assert str(caught.value).endswith("not with ***")
