add_executable(closed-loop closed_loop_table.cpp
    ${PROJECT_SOURCE_DIR}/tests/unit/control/control_fixture.cpp
    ${PROJECT_SOURCE_DIR}/tests/unit/control/law_loop.cpp
    ${PROJECT_SOURCE_DIR}/tests/unit/control/scenarios.cpp)
target_link_libraries(closed-loop PRIVATE wanctl_control wanctl_actuate wanctl_sim_line fmt::fmt)
add_test(NAME closed-loop COMMAND closed-loop)
set_tests_properties(closed-loop PROPERTIES LABELS perf TIMEOUT 300)
add_dependencies(tests-perf closed-loop)
