# The RouterOS client and the actuator against the simulated router, over HTTPS.
wanctl_tests(integration-router LABEL integration
    SOURCES router_bench.cpp router_client_test.cpp router_actuator_test.cpp
    LIBRARIES wanctl_actuate wanctl_test_support)
