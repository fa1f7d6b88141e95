"""Every blueprint, in the order of the areas; function_app registers them."""

from blueprints.analytics import figures_http, funnels_http, segments_http, segments_timer, track_http
from blueprints.experience import (
    ack_http,
    activity_queue,
    activity_staging_timer,
    decide_http,
    decisions_http,
    less_http,
    simulate_http,
)
from blueprints.messaging import (
    broadcasts_durable,
    broadcasts_http,
    campaigns_http,
    inbox_http,
    inbox_withdrawals_timer,
    reports_http,
    thread_seat_http,
    threads_http,
)
from blueprints.ops import docs_http, health_http, jobs_http, jobs_timer, zz_fallback_http
from blueprints.people import (
    consents_http,
    devices_http,
    favorites_http,
    me_http,
    preferences_http,
    purge_timer,
    roles_http,
    signals_queue,
    unsubscribe_http,
)
from blueprints.premium import credit_proof_timer, credits_http

BLUEPRINTS = (
    health_http.bp,
    docs_http.bp,
    me_http.bp,
    preferences_http.bp,
    roles_http.bp,
    consents_http.bp,
    favorites_http.bp,
    devices_http.bp,
    unsubscribe_http.bp,
    signals_queue.bp,
    purge_timer.bp,
    credits_http.bp,
    credit_proof_timer.bp,
    segments_http.bp,
    funnels_http.bp,
    segments_timer.bp,
    campaigns_http.bp,
    inbox_http.bp,
    inbox_withdrawals_timer.bp,
    broadcasts_http.bp,
    broadcasts_durable.bp,
    threads_http.bp,
    thread_seat_http.bp,
    reports_http.bp,
    decide_http.bp,
    decisions_http.bp,
    ack_http.bp,
    less_http.bp,
    simulate_http.bp,
    track_http.bp,
    figures_http.bp,
    activity_queue.bp,
    activity_staging_timer.bp,
    jobs_http.bp,
    jobs_timer.bp,
    zz_fallback_http.bp,
)
