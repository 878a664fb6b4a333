// libcurl as a whole, for as long as somebody uses it.
#pragma once

namespace wanctl::transfer {

// The first member of whoever holds something of curl's: set up with the first of these, given back
// with the last, as curl counts them itself.
class CurlLibrary {
  public:
    // Throws std::runtime_error when curl cannot be set up.
    CurlLibrary();
    ~CurlLibrary();
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;
};

}  // namespace wanctl::transfer
