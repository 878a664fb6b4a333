// Several parts of a process that speak to systemd with one voice.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/loop/notifier.hpp"

namespace wanctl {

// READY once all are ready, the watchdog fed once all have been alive since it was fed last (one
// that hangs is not covered up by the others), the status of each after its name.
class SharedNotifier {
  public:
    SharedNotifier(Notices& whole, const std::vector<std::string>& names);

    // Good as long as this object.
    [[nodiscard]] Notices& seat(std::size_t index) { return *seats_[index]; }

  private:
    struct Seat final : Notices {
        void ready(const std::string& text) override;
        void status(const std::string& text) override;
        void stopping() override;
        void alive(SteadyTime now) override;

        SharedNotifier* all = nullptr;
        std::string name;
        std::string last_status;
        bool is_ready = false;
        bool is_alive = false;
    };

    [[nodiscard]] std::string joined() const;

    Notices& whole_;
    std::vector<std::unique_ptr<Seat>> seats_;
    bool stopping_ = false;
};

}  // namespace wanctl
