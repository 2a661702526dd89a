"""Every end-to-end scenario, listed once for both shells."""

from __future__ import annotations

from . import (
    captured,
    concurrency,
    engine,
    engine_dock,
    engine_doctor,
    engine_feel,
    engine_help,
    engine_install,
    engine_peer,
    engine_prediction,
    engine_quickstart,
    engine_room,
    engine_survival,
    engine_ui,
    floods,
    lobby_service,
    netsim,
    restarts,
    scenarios,
    streams,
)

ALL_SCENARIOS = (
    *scenarios.SCENARIOS,
    *lobby_service.SCENARIOS,
    *streams.SCENARIOS,
    *floods.SCENARIOS,
    *concurrency.SCENARIOS,
    *netsim.SCENARIOS,
    *restarts.SCENARIOS,
    *captured.SCENARIOS,
    *engine.SCENARIOS,
    *engine_dock.SCENARIOS,
    *engine_doctor.SCENARIOS,
    *engine_feel.SCENARIOS,
    *engine_help.SCENARIOS,
    *engine_install.SCENARIOS,
    *engine_peer.SCENARIOS,
    *engine_prediction.SCENARIOS,
    *engine_room.SCENARIOS,
    *engine_survival.SCENARIOS,
    *engine_ui.SCENARIOS,
    *engine_quickstart.SCENARIOS,
)
