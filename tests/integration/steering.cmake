# wanctl-steering end to end. Its rings' names are those of the machine's, so each case runs in
# namespaces of its own and is skipped, with one line, where the system refuses those.
set(WANCTL_STEERING_TESTS steering_daemon_test.cpp steering_history_test.cpp steering_http_test.cpp
    steering_life_test.cpp steering_line_faults_test.cpp
    steering_replay_test.cpp steering_ring_test.cpp steering_router_faults_test.cpp steering_whole_test.cpp)
list(TRANSFORM WANCTL_STEERING_TESTS PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
add_executable(integration-steering ${WANCTL_STEERING_TESTS}
    ${PROJECT_SOURCE_DIR}/tests/support/namespace_listener.cpp)
target_compile_definitions(integration-steering PRIVATE
    WANCTL_STEERING="$<TARGET_FILE:wanctl-steering>"
    WANCTL_WEBHOOK_RECEIVER="${PROJECT_SOURCE_DIR}/tests/support/webhook_receiver.py")
target_link_libraries(integration-steering PRIVATE wanctl_catch wanctl_steering_support
    wanctl_autorate_support wanctl_golden wanctl_state PkgConfig::SQLITE)
add_dependencies(tests-integration integration-steering)
catch_discover_tests(integration-steering TEST_PREFIX "integration-steering: "
    DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS integration TIMEOUT 900 SKIP_RETURN_CODE 77)

# What it says of a router's set-up.
find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
add_test(NAME "integration: steering_setup"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/steering_setup.py $<TARGET_FILE:routeros-sim>
        $<TARGET_FILE:wanctl-steering>)
set_tests_properties("integration: steering_setup" PROPERTIES LABELS integration TIMEOUT 120
    SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)

# Two minutes that hardly work: for `tests/run --full`.
add_test(NAME "soak: the demo of steering ends with the right verdict"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/steering_demo.py
        $<TARGET_FILE_DIR:wanctl-steering> ${PROJECT_SOURCE_DIR}/tests/sim/steering_demo.py)
set_tests_properties("soak: the demo of steering ends with the right verdict" PROPERTIES
    LABELS soak TIMEOUT 400 SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
add_dependencies(tests-soak wanctl-autorate wanctl-steering wanctl routeros-sim)
