# wanctl-autorate end to end: the real programs, a simulated router and line, real packets. Each
# case runs in namespaces of its own and is skipped, with one line, where the system refuses those.
set(WANCTL_AUTORATE_TESTS
    autorate_alert_test.cpp
    autorate_capacity_test.cpp
    autorate_clock_test.cpp
    autorate_fallback_test.cpp
    autorate_http_test.cpp
    autorate_history_test.cpp
    autorate_kill_test.cpp
    autorate_line_test.cpp
    autorate_mends_test.cpp
    autorate_names_test.cpp
    autorate_notify_test.cpp
    autorate_pace_test.cpp
    autorate_reflectors_test.cpp
    autorate_reload_test.cpp
    autorate_replay_test.cpp
    autorate_router_errors_test.cpp
    autorate_router_faults_test.cpp
    autorate_router_return_test.cpp
    autorate_router_test.cpp
    autorate_several_test.cpp
    autorate_sockets_test.cpp
    autorate_start_test.cpp
    autorate_state_test.cpp
    autorate_stop_test.cpp)
list(TRANSFORM WANCTL_AUTORATE_TESTS PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_executable(integration-autorate ${WANCTL_AUTORATE_TESTS}
    ${PROJECT_SOURCE_DIR}/tests/support/namespace_listener.cpp)
target_link_libraries(integration-autorate PRIVATE wanctl_catch wanctl_autorate_support wanctl_golden wanctl_state
    PkgConfig::SQLITE)
find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
target_compile_definitions(integration-autorate PRIVATE WANCTL_PYTHON3="${PYTHON3}"
    WANCTL_WEBHOOK_RECEIVER="${PROJECT_SOURCE_DIR}/tests/support/webhook_receiver.py"
    WANCTL_READ_RING="${PROJECT_SOURCE_DIR}/deploy/docs/read_ring.py"
    WANCTL_WATCH_RESTART="${CMAKE_CURRENT_LIST_DIR}/watch_restart.py"
    WANCTL_WALL_CLOCK_SHIM="$<TARGET_FILE:wall-clock-shim>")
add_dependencies(integration-autorate wall-clock-shim)
add_dependencies(tests-integration integration-autorate)
catch_discover_tests(integration-autorate TEST_PREFIX "integration-autorate: "
    DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS integration TIMEOUT 180 SKIP_RETURN_CODE 77)
