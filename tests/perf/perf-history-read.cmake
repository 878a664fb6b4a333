find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
add_test(NAME perf-history-read
    COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/history_read_perf.py --bin ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
set_tests_properties(perf-history-read PROPERTIES LABELS perf TIMEOUT 180 RUN_SERIAL ON
    ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
add_dependencies(tests-perf make-history wanctl)
