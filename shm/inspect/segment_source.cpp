#include "shm/inspect/segment_source.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::inspect {

tl::expected<SegmentSource, shm::AttachFailure> SegmentSource::attach(const std::string& name) {
    auto reader = RawReader::attach(name, any_abi(), {});
    if (!reader) return tl::unexpected<shm::AttachFailure>(reader.error());
    auto decoder = Decoder::of(reader->facts());
    if (!decoder) return tl::unexpected<shm::AttachFailure>(decoder.error());
    SegmentSource source(name, std::move(*decoder));
    source.this_boot_ = reader->this_boot();
    source.reader_ = std::move(*reader);
    return source;
}

tl::expected<SegmentSource, shm::AttachFailure> SegmentSource::load(const std::string& path) {
    auto copy = shm::SegmentCopy::load(path, any_abi());
    if (!copy) return tl::unexpected<shm::AttachFailure>(copy.error());
    auto decoder = Decoder::of(copy->facts);
    if (!decoder) return tl::unexpected<shm::AttachFailure>(decoder.error());
    SegmentSource source(path, std::move(*decoder));
    source.this_boot_ = copy->facts.boot_id == shm::boot_id();
    source.copy_ = std::move(*copy);
    return source;
}

const shm::SegmentFacts& SegmentSource::facts() const {
    return reader_ ? reader_->facts() : copy_->facts;
}

const shm::SegmentFrame& SegmentSource::frame() const {
    return reader_ ? reader_->frame() : copy_->bytes->frame;
}

shm::RingReader<RawRing> SegmentSource::records() const {
    if (reader_) return reader_->records();
    const auto& layout = *copy_->bytes;
    return shm::RingReader<RawRing>(
        {&layout.frame.header.head, &layout.frame.header.doorbell, layout.slots});
}

shm::SegmentState SegmentSource::state() const {
    return static_cast<shm::SegmentState>(shm::MappedAtomics::load_acquire(frame().header.state));
}

Nanos SegmentSource::heartbeat() const {
    return Nanos(shm::MappedAtomics::load_acquire(frame().header.heartbeat_ns));
}

std::uint64_t SegmentSource::counter(std::size_t index) const {
    return index < facts().counter_count
               ? shm::MappedAtomics::load_relaxed(frame().header.counters[index])
               : 0;
}

void add_source_options(CLI::App& app, SourceOptions& options) {
    auto* name = app.add_option("name", options.name,
                                "the segment: a WAN's name or \"steering\" (or give --file)");
    app.add_option("--file", options.file,
                   "a copy of a segment instead, of any boot or machine: post-mortem")
        ->excludes(name);
}

tl::expected<SegmentSource, int> open_source(const SourceOptions& options) {
    if (options.name.empty() && options.file.empty()) {
        fmt::print(stderr, "wanctl: name a segment, or a copy with --file\n");
        return tl::unexpected<int>(tool_exit::kUsage);
    }
    auto source = options.file.empty() ? SegmentSource::attach(options.name)
                                       : SegmentSource::load(options.file);
    if (!source) return tl::unexpected<int>(report(source.error()));
    if (source->decoder().by_description()) {
        fmt::print(stderr, "wanctl: {}: {}\n", source->name(), source->decoder().note());
    }
    return std::move(*source);
}

int report(const shm::AttachFailure& failure) {
    const bool forbidden = failure.status == shm::AttachStatus::no_permission;
    fmt::print(stderr, "wanctl: {}{}\n", failure.text,
               forbidden ? "; only its owner, its group ([shm] group) and root may read it" : "");
    switch (failure.status) {
        case shm::AttachStatus::bad_name:
            return tool_exit::kUsage;
        case shm::AttachStatus::wrong_size:
        case shm::AttachStatus::foreign_magic:
        case shm::AttachStatus::other_endian:
        case shm::AttachStatus::hash_mismatch:
        case shm::AttachStatus::wrong_geometry:
            return tool_exit::kInvalid;
        default:
            return tool_exit::kCannot;
    }
}

}  // namespace wanctl::inspect
