# wanctl-steering end to end.
add_executable(integration-steering ${CMAKE_CURRENT_LIST_DIR}/steering_replay_test.cpp)
target_compile_definitions(integration-steering PRIVATE
    WANCTL_STEERING="$<TARGET_FILE:wanctl-steering>")
target_link_libraries(integration-steering PRIVATE wanctl_catch wanctl_autorate_support wanctl_golden)
add_dependencies(integration-steering wanctl-steering)
add_dependencies(tests-integration integration-steering)
catch_discover_tests(integration-steering TEST_PREFIX "integration-steering: "
    DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS integration TIMEOUT 180 SKIP_RETURN_CODE 77)
