# The simulated router seen by independent clients, and against the published schema.
find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)

add_test(NAME "integration: sim_clients"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/sim_clients.py $<TARGET_FILE:routeros-sim>)
add_test(NAME "integration: sim_firewall"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/sim_firewall.py $<TARGET_FILE:routeros-sim>)
add_test(NAME "integration: sim_connections"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/sim_connections.py $<TARGET_FILE:routeros-sim>)
add_test(NAME "integration: sim_curl"
    COMMAND ${CMAKE_CURRENT_LIST_DIR}/sim_curl.sh $<TARGET_FILE:routeros-sim>)
# The schema lies beside the project, where it is present at all.
add_test(NAME "integration: sim_schema"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/sim_schema.py $<TARGET_FILE:routeros-sim>
        ${PROJECT_SOURCE_DIR}/../shared/routeros/schema.json)
set_tests_properties("integration: sim_clients" "integration: sim_firewall" "integration: sim_curl"
    "integration: sim_connections" "integration: sim_schema"
    PROPERTIES LABELS integration TIMEOUT 120 SKIP_RETURN_CODE 77
    ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)

add_dependencies(tests-integration routeros-sim)

wanctl_tests(integration-sim LABEL integration
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/sim_process_test.cpp
    LIBRARIES wanctl_test_support)
