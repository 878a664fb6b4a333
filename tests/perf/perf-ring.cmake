add_executable(perf-ring ring_bench.cpp)
target_link_libraries(perf-ring PRIVATE wanctl_shm benchmark::benchmark)
add_test(NAME perf-ring COMMAND perf-ring)
set_tests_properties(perf-ring PROPERTIES LABELS perf TIMEOUT 120 RUN_SERIAL ON)
