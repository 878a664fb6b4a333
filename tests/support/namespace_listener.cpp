// Puts a Catch2 program into namespaces of its own before its first case, or ends it with the exit
// code that ctest takes for "skipped". Listing its cases needs no namespace.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using ListenerBase = Catch::EventListenerBase;
#else
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <catch2/catch.hpp>
using ListenerBase = Catch::TestEventListenerBase;
#endif

#include <cstdlib>
#include <iostream>

#include "tests/support/private_namespaces.hpp"

namespace {

constexpr int kSkipped = 77;

class NamespaceListener : public ListenerBase {
  public:
    using ListenerBase::ListenerBase;

    void testRunStarting(const Catch::TestRunInfo&) override {
        const auto missing = wanctl::test::enter_private_namespaces();
        if (missing.empty()) return;
        std::cout << "skipped: " << missing << std::endl;
        std::_Exit(kSkipped);
    }
};

CATCH_REGISTER_LISTENER(NamespaceListener)

}  // namespace
