add_executable(perf-steering ${CMAKE_CURRENT_LIST_DIR}/steering_bench.cpp)
target_link_libraries(perf-steering PRIVATE wanctl_steering benchmark::benchmark)
add_test(NAME perf-steering COMMAND perf-steering)
set_tests_properties(perf-steering PROPERTIES LABELS perf TIMEOUT 120 RUN_SERIAL ON)
add_dependencies(tests-perf perf-steering)

# When a request's first byte leaves, seen from outside of curl.
add_library(send-stamps MODULE ${CMAKE_CURRENT_LIST_DIR}/send_stamps.cpp)
target_link_libraries(send-stamps PRIVATE wanctl_base ${CMAKE_DL_LIBS})
set_target_properties(send-stamps PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY
    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
add_dependencies(tests-perf send-stamps)
