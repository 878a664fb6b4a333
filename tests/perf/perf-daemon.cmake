# The daemon's figures are taken from outside, so it is a script.
find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
foreach(run replay 20hz 200hz writes 10wans history)
    add_test(NAME perf-daemon-${run}
        COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/daemon_perf.py
            --bin ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${run})
    set_tests_properties(perf-daemon-${run} PROPERTIES LABELS perf TIMEOUT 180 RUN_SERIAL ON
        SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endforeach()
add_executable(slot-floor ${CMAKE_CURRENT_LIST_DIR}/slot_floor.cpp)
target_link_libraries(slot-floor PRIVATE wanctl_base)
add_dependencies(tests-perf slot-floor wanctl wanctl-autorate routeros-sim)

# What a slot asks of the kernel does not depend on the machine, so it is tested with the rest.
add_test(NAME "integration: syscalls of a slot"
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/daemon_perf.py
        --bin ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} syscalls)
set_tests_properties("integration: syscalls of a slot" PROPERTIES LABELS integration TIMEOUT 120 RUN_SERIAL ON
    SKIP_RETURN_CODE 77 ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
add_dependencies(tests-integration wanctl wanctl-autorate routeros-sim)
