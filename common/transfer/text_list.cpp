#include "common/transfer/text_list.hpp"

#include <new>
#include <utility>

#include <curl/curl.h>

namespace wanctl::transfer {

void TextList::add(const char* text) {
    curl_slist* longer = curl_slist_append(list_, text);
    if (longer == nullptr) throw std::bad_alloc();
    list_ = longer;
}

void TextList::clear() {
    curl_slist_free_all(std::exchange(list_, nullptr));
}

}  // namespace wanctl::transfer
