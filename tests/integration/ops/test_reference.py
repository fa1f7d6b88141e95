"""The contract and its page: complete, valid, and served from this origin alone."""

import ast
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from shared.http.codes import CODES
from shared.http.endpoint import ROUTES
from shared.http.openapi import openapi_document
from shared.kernel.errors import AppError

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def document():
    import function_app  # noqa: F401 - declares every route

    return openapi_document()


def operations(document):
    return [
        (method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def resolve(document, schema):
    return {"$ref": schema["$ref"], "components": document["components"]} if "$ref" in schema else schema


class TestContract:
    async def test_it_is_served_with_a_version(self, client):
        first = await client.get("/api/openapi.json")
        second = await client.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

        assert (first.status, first.json["openapi"], second.status) == (200, "3.1.0", 304)

    def test_it_is_valid(self, document):
        validate(document)

    def test_every_operation_has_its_own_name_and_a_tag(self, document):
        names = [operation["operationId"] for _, _, operation in operations(document)]

        assert sorted(names) == sorted({route.name for route in ROUTES})
        assert all(operation["tags"] and operation["summary"] for _, _, operation in operations(document))

    def test_path_parameters_are_those_of_the_path(self, document):
        for _, path, operation in operations(document):
            named = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))

    def test_every_parameter_says_what_it_means(self, document):
        silent = [
            (method, path, parameter["name"])
            for method, path, operation in operations(document)
            for parameter in operation["parameters"]
            if not parameter["description"]
        ]

        assert silent == []

    def test_roles_decide_what_sign_in_is_needed(self, document):
        for _, _, operation in operations(document):
            assert ({} in operation["security"]) == (operation["x-role"] == "anonymous")

    def test_every_refusal_is_a_problem_with_known_codes_and_an_example(self, document):
        for _, _, operation in operations(document):
            refusals = {status for status in operation["responses"] if int(status) >= 400}
            assert {"401", "429", "500", "503"} <= refusals
        for answer in document["components"]["responses"].values():
            content = answer["content"]["application/problem+json"]
            codes = content["schema"]["allOf"][1]["properties"]["code"]["enum"]
            assert content["example"]["code"] in codes
            assert set(codes) <= set(CODES)
            Draft202012Validator({**content["schema"], "components": document["components"]}).validate(
                content["example"]
            )

    def test_every_body_and_answer_has_an_example_that_fits(self, document):
        lacking = []
        for method, path, operation in operations(document):
            first = next(iter(operation["responses"].values()))
            contents = [operation.get("requestBody", {}), first]
            for content in (one for holder in contents for one in holder.get("content", {}).values()):
                if "schema" not in content:
                    continue
                if "example" not in content:
                    lacking.append((method, path))
                    continue
                schema = {**content["schema"], "components": document["components"]}
                Draft202012Validator(schema).validate(content["example"])
        assert lacking == []

    def test_every_code_in_the_source_stands_in_the_catalogue_and_no_other(self):
        used = {
            keyword.value.value
            for path in [*ROOT.glob("shared/**/*.py"), *ROOT.glob("blueprints/**/*.py")]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
        }
        of_classes = {error.default_code for error in (AppError, *AppError.__subclasses__())}

        assert used | of_classes == set(CODES)


class TestPage:
    async def test_everything_comes_from_this_origin(self, client):
        page = await client.get("/api/docs")
        addresses = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())

        assert (page.status, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
        assert len(addresses) == 4
        for address in addresses:
            assert address.startswith("/api/docs/")
            assert (await client.get(address)).status == 200

    async def test_its_policy_lets_no_foreign_or_inline_script_run(self, client):
        page = await client.get("/api/docs")
        policy = page.headers["Content-Security-Policy"]

        assert "script-src 'self';" in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"<script>|<script(?![^>]*src)|\son\w+=", page.body.decode())

    async def test_its_scripts_have_a_script_type(self, client):
        """With nosniff a browser runs nothing else."""
        assert (await client.get("/api/docs/start.js")).headers["Content-Type"].startswith("text/javascript")
        assert (await client.get("/api/docs/swagger-ui.css")).headers["Content-Type"].startswith("text/css")

    @pytest.mark.parametrize(
        "name", ["..", "%2e%2e", "index.html", "__init__.py", "..%2f..%2fcore.py", "LICENSE"]
    )
    async def test_nothing_else_of_the_package_is_served(self, client, name):
        assert (await client.get(f"/api/docs/{name}")).status == 404

    async def test_every_code_is_explained_where_problems_point_to(self, client):
        page = (await client.get("/api/docs/errors")).body.decode()

        assert all(f'id="{code}"' in page for code in CODES)
