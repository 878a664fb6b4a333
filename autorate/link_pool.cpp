#include "autorate/link_pool.hpp"

#include <algorithm>

#include "autorate/actuate/actuator_options.hpp"
#include "common/config/secret.hpp"

namespace wanctl::autorate {

Result<Passwords> read_passwords(const RouterConfig& router) {
    Passwords passwords;
    auto write = resolve_secret(router.password);
    if (!write) return tl::unexpected(write.error());
    passwords.write = std::move(*write);
    if (router.stats_user.empty()) return passwords;
    auto stats = resolve_secret(router.stats_password);
    if (!stats) return tl::unexpected(stats.error());
    passwords.stats = std::move(*stats);
    return passwords;
}

RouterLinks LinkPool::links(const RouterConfig& router, const Passwords& passwords) {
    RouterLinks links;
    links.write = link(actuate::write_link_options(router), passwords.write);
    links.stats = router.stats_user.empty()
                      ? links.write
                      : link(actuate::stats_link_options(router), passwords.stats);
    return links;
}

std::shared_ptr<routeros::RouterLink> LinkPool::link(const routeros::RestOptions& options,
                                                     const std::string& password) {
    known_.erase(std::remove_if(known_.begin(), known_.end(),
                                [](const Known& each) { return each.link.expired(); }),
                 known_.end());
    const auto same = std::find_if(known_.begin(), known_.end(),
                                   [&](const Known& each) { return each.options == options; });
    auto link = same != known_.end()
                    ? same->link.lock()
                    : std::make_shared<routeros::RouterLink>(loop_, clock_, options);
    if (same == known_.end()) known_.push_back({options, link});
    link->set_password(password);
    return link;
}

}  // namespace wanctl::autorate
