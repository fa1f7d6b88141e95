"""Every blueprint, in the order of the areas; function_app registers them."""

from blueprints.messaging import campaigns_http
from blueprints.ops import docs_http, health_http, zz_fallback_http

BLUEPRINTS = (
    health_http.bp,
    docs_http.bp,
    campaigns_http.bp,
    zz_fallback_http.bp,
)
