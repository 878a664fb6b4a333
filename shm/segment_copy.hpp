// A segment that was copied into a file: the post-mortem of a daemon, also of another boot or
// machine. Read whole into memory, so nobody can cut it short while it is looked at.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "shm/attach.hpp"
#include "shm/layout.hpp"

namespace wanctl::shm {

struct SegmentCopy {
    std::unique_ptr<SegmentLayout<RawRecord>> bytes;
    SegmentFacts facts;

    // `abi` as for attach(); owner, mode and writer do not matter here.
    [[nodiscard]] static tl::expected<SegmentCopy, AttachFailure> load(const std::string& path,
                                                                       const RecordAbi& abi);
};

}  // namespace wanctl::shm
