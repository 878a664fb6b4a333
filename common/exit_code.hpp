// What the programs exit with: sysexits for the daemons, a small scale for the operator's tool.
#pragma once

namespace wanctl {

namespace exit_code {
inline constexpr int kOk = 0;
inline constexpr int kUsage = 64;
inline constexpr int kBadInput = 65;
inline constexpr int kCannotMeasure = 69;
inline constexpr int kInternal = 70;
inline constexpr int kBusy = 75;
inline constexpr int kConfiguration = 78;
}  // namespace exit_code

namespace tool_exit {
inline constexpr int kYes = 0;
inline constexpr int kNo = 1;
inline constexpr int kCannot = 2;
inline constexpr int kInvalid = 3;
inline constexpr int kUsage = 64;
}  // namespace tool_exit

}  // namespace wanctl
