"""What a route answers is what the contract says it answers."""

from jsonschema import Draft202012Validator

from shared.http.openapi import openapi_document


async def test_an_answer_fits_its_schema(client, world, operation):
    reply = await world.send(client)
    declared = openapi_document()
    answer = declared["paths"][operation.path][operation.method.lower()]["responses"][str(reply.status)]
    contents = answer.get("content", {})

    assert bool({reply.headers["Content-Type"], "*/*"} & contents.keys()) == bool(reply.body)
    assert ("Location" in reply.headers) <= ("Location" in answer["headers"])
    if "application/json" in contents:
        schema = contents["application/json"].get("schema", {})
        Draft202012Validator(schema | {"components": declared["components"]}).validate(reply.json)


def test_what_is_left_out_when_it_is_null_is_not_required():
    schemas = openapi_document()["components"]["schemas"]
    answers = {name: schema for name, schema in schemas.items() if not name.endswith("-Input")}

    assert not [
        (name, field)
        for name, schema in answers.items()
        for field in schema.get("required", ())
        if {"type": "null"} in schema["properties"][field].get("anyOf", ())
    ]
