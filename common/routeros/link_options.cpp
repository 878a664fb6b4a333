#include "common/routeros/link_options.hpp"

namespace wanctl::routeros {

RestOptions link_options(const RouterConfig& router) {
    RestOptions options;
    options.url = router.url;
    options.user = router.user;
    options.ca_file = router.ca_file;
    options.pinned_public_key = router.pinned_public_key;
    options.verify = router.verify;
    options.connect_timeout = router.connect_timeout;
    options.request_timeout = router.request_timeout;
    return options;
}

}  // namespace wanctl::routeros
