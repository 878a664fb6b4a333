# The live view on a pseudo-terminal, with a shared memory of its own.
find_program(PYTHON3 NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)

foreach(part Pictures Writers Keys Endings Surroundings)
    add_test(NAME "integration: watch_terminal ${part}"
        COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/watch_terminal.py $<TARGET_FILE:wanctl>
            $<TARGET_FILE:segment-feeder> ${part})
    set_tests_properties("integration: watch_terminal ${part}"
        PROPERTIES LABELS integration TIMEOUT 120 SKIP_RETURN_CODE 77
        ENVIRONMENT PYTHONDONTWRITEBYTECODE=1)
endforeach()

add_dependencies(tests-integration wanctl segment-feeder)
