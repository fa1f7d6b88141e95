"""What stops the start, with every fault named (design/platform-facts.md §1, §3; stricter than Azure on purpose)."""

import azure.functions as func
import pytest

from dev.host.config import Refused
from dev.host.loading import import_app, read_functions

HEAD = "import azure.functions as func\napp = func.FunctionApp()\n"


def refusal(app, environ=None) -> str:
    with pytest.raises(Refused) as caught:
        read_functions(app, environ or {})
    return str(caught.value)


def an_app():
    return func.FunctionApp()


async def handler(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse("")


async def on_message(msg: func.QueueMessage) -> None: ...


async def on_time(timer: func.TimerRequest) -> None: ...


def test_functions_are_read_in_the_order_of_their_names(tmp_path):
    path = tmp_path / "function_app.py"
    path.write_text(
        HEAD + "@app.route('b', methods=['GET'])\ndef beta(req: func.HttpRequest) -> func.HttpResponse: ...\n"
        "@app.queue_trigger('msg', '%Q%', 'AzureWebJobsStorage')\ndef Alpha(msg: func.QueueMessage): ...\n"
    )
    alpha, beta = read_functions(import_app(path), {"Q": "work"})
    assert (alpha.name, alpha.kind, alpha.trigger["queueName"]) == ("Alpha", "queueTrigger", "work")
    assert (beta.name, beta.route) == ("beta", (["GET"], "b"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import azure.functions", "has 0"),
        (HEAD + "other = func.FunctionApp()", "has 2"),
        (HEAD + "also = app", "has 2"),
    ],
)
def test_there_must_be_exactly_one_app(tmp_path, text, said):
    path = tmp_path / "function_app.py"
    path.write_text(text)
    with pytest.raises(Refused, match=said):
        import_app(path)
    with pytest.raises(Refused, match="there is no"):
        import_app(tmp_path / "none.py")


@pytest.mark.parametrize(
    ("name", "said"),
    [("host", "name"), ("9lives", "name"), ("a" * 129, "name"), ("with space", "name")],
)
def test_names_follow_the_hosts_rule(name, said):
    app = an_app()
    app.function_name(name)(app.route("x")(handler))
    assert refusal(app) == f"{name}: the name is not valid"


def test_names_differ_by_more_than_case():
    app = an_app()
    app.function_name("same")(app.route("x")(handler))
    app.function_name("Same")(app.route("y")(handler))
    assert "same: another function has this name" in refusal(app).lower()
    app.function_name("same")(app.route("z")(handler))
    assert "same" in refusal(app)


@pytest.mark.parametrize(
    ("route", "said"),
    [
        ("{id:uuid}", "'uuid' is unknown"),
        ("administrators", "admin"),
        ("runtime/x", "runtime"),
        ("{a", "cannot be read"),
    ],
)
def test_routes_are_checked(route, said):
    app = an_app()
    app.route(route)(handler)
    assert refusal(app).startswith("handler: ")
    assert said in refusal_of(route)


def refusal_of(route):
    app = an_app()
    app.route(route)(handler)
    return refusal(app)


def test_two_functions_of_one_route_and_method_clash():
    app = an_app()
    app.function_name("a")(app.route("x", methods=["GET", "POST"])(handler))
    app.function_name("b")(app.route("X/", methods=["POST"])(handler))
    app.function_name("c")(app.route("x", methods=["PUT"])(handler))
    assert refusal(app) == "b: a has the same route and a method in common"


@pytest.mark.parametrize(
    ("decorate", "said"),
    [
        (lambda app: app.queue_trigger("msg", "Upper", "AzureWebJobsStorage")(on_message), "no queue name"),
        (lambda app: app.queue_trigger("msg", "work", "Other")(on_message), "one storage account"),
        (lambda app: app.queue_trigger("msg", "%NONE%", "AzureWebJobsStorage")(on_message), "there is no app setting %NONE%"),
        (lambda app: app.queue_trigger("my__msg", "work", "AzureWebJobsStorage")(on_message), "binding name"),
        (lambda app: app.queue_trigger("other", "work", "AzureWebJobsStorage")(on_message), "differ from its bindings"),
        (lambda app: app.timer_trigger("timer", "00:05:00")(on_time), "has not six fields"),
        (lambda app: app.timer_trigger("timer", "0 0 0 30 2 *")(on_time), "never comes"),
        (lambda app: app.timer_trigger("timer", "0 0 0 * * 7")(on_time), "not NCRONTAB"),
        (lambda app: app.blob_trigger("msg", "c/{n}", "AzureWebJobsStorage")(on_message), "serves no blobTrigger"),
        (lambda app: app.service_bus_queue_trigger("msg", "S", "q")(on_message), "serves no serviceBusTrigger"),
        (lambda app: app.generic_trigger("context", "entityTrigger")(flow), "serves no entityTrigger"),
    ],
)  # fmt: skip
def test_what_cannot_be_mirrored_is_refused_by_name(decorate, said):
    app = an_app()
    decorate(app)
    text = refusal(app)
    assert text.split(":")[0] in ("on_message", "on_time", "flow")
    assert said in text


def flow(context): ...


def test_unknown_bindings_and_retries_are_refused():
    app = an_app()

    @app.queue_trigger("msg", "work", "AzureWebJobsStorage")
    @app.queue_output("out", "next", "AzureWebJobsStorage")
    @app.retry("fixed_delay", "3", delay_interval="00:00:01")
    def work(msg: func.QueueMessage, out: func.Out[str]) -> None: ...

    assert refusal(app).splitlines() == [
        "work: retry policies are not served by the local host",
        "work: the binding queue 'out' is not served by the local host",
    ]


def test_annotations_must_fit_their_bindings():
    app = an_app()

    @app.queue_trigger("msg", "work", "AzureWebJobsStorage")
    def texts(msg: str) -> None: ...

    @app.route("a")
    def no_answer(req: func.HttpRequest) -> dict: ...

    @app.route("b")
    def unknown(req: "Nowhere") -> func.HttpResponse: ...  # noqa: F821

    text = refusal(app)
    assert "texts: the annotation of 'msg' does not fit queueTrigger" in text
    assert "no_answer: its return annotation" in text
    assert "unknown: an annotation names what is missing at run time: Nowhere" in text


def test_every_fault_is_named_at_once():
    app = an_app()
    app.timer_trigger("timer", "daily")(on_time)
    app.queue_trigger("msg", "Upper", "AzureWebJobsStorage")(on_message)
    assert [line.split(":")[0] for line in refusal(app).splitlines()] == ["on_message", "on_time"]


def test_the_product_itself_is_served(request, monkeypatch):
    """The real function_app.py has nothing that the local host refuses."""
    monkeypatch.setenv("CABECEO_ENV", "test")
    functions = read_functions(import_app(request.config.rootpath / "function_app.py"), {})
    assert "health" in {function.name for function in functions}
