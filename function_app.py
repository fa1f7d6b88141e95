"""The Functions app: every blueprint, registered. Settings that do not fit together stop it here."""

import azure.functions as func

from blueprints import BLUEPRINTS
from shared import wiring

wiring.start()

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in BLUEPRINTS:
    app.register_functions(blueprint)
