#include "shm/inspect/terminal_output.hpp"

#include <langinfo.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <clocale>
#include <cstdlib>
#include <string_view>

namespace wanctl::inspect {

bool colour_wanted(bool refused) {
    const char* no_color = std::getenv("NO_COLOR");
    return !refused && (no_color == nullptr || *no_color == '\0');
}

bool speaks_utf8() {
    std::setlocale(LC_CTYPE, "");
    return std::string_view(::nl_langinfo(CODESET)) == "UTF-8";
}

int terminal_columns() {
    winsize size{};
    const bool known = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

bool on_terminal() {
    return ::isatty(STDOUT_FILENO) == 1;
}

}  // namespace wanctl::inspect
