// What standard output bears: colour, width, letters.
#pragma once

namespace wanctl::inspect {

// Unless NO_COLOR (https://no-color.org: any value but an empty one) or the option says no.
[[nodiscard]] bool colour_wanted(bool refused);
// Whether the user's locale is UTF-8; sets LC_CTYPE by the environment.
[[nodiscard]] bool speaks_utf8();
// Of the terminal on standard output; 80 when there is none.
[[nodiscard]] int terminal_columns();
[[nodiscard]] bool on_terminal();

}  // namespace wanctl::inspect
