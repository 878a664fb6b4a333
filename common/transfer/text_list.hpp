// A list of strings in the shape curl takes: header lines, or addresses of a name.
#pragma once

struct curl_slist;

namespace wanctl::transfer {

// curl reads it where it is: it outlives the handle it was set in, or is replaced there first.
class TextList {
  public:
    TextList() = default;
    ~TextList() { clear(); }
    TextList(const TextList&) = delete;
    TextList& operator=(const TextList&) = delete;

    // Copies the text.
    void add(const char* text);
    void clear();
    // nullptr while it is empty.
    [[nodiscard]] curl_slist* get() const { return list_; }

  private:
    curl_slist* list_ = nullptr;
};

}  // namespace wanctl::transfer
