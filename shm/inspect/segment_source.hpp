// What a command looks at: a segment in shared memory, or a copy of one in a file, together with
// the decoder of its records. Any owner's is looked at: the tool is for finding out.
#pragma once

#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "shm/inspect/decoder.hpp"
#include "shm/segment_copy.hpp"
#include "shm/segment_reader.hpp"

namespace CLI {
class App;
}

namespace wanctl::inspect {

using RawReader = shm::SegmentReader<shm::RawRecord>;
using RawRing = RawReader::ring;

class SegmentSource {
  public:
    [[nodiscard]] static tl::expected<SegmentSource, shm::AttachFailure> attach(
        const std::string& name);
    [[nodiscard]] static tl::expected<SegmentSource, shm::AttachFailure> load(
        const std::string& path);

    // The segment's name, or the file's.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const Decoder& decoder() const { return decoder_; }
    [[nodiscard]] const shm::SegmentFacts& facts() const;
    [[nodiscard]] const shm::SegmentFrame& frame() const;
    [[nodiscard]] shm::RingReader<RawRing> records() const;
    // nullptr for a copy.
    [[nodiscard]] const RawReader* attached() const { return reader_ ? &*reader_ : nullptr; }
    // Gives the reader away, to be followed.
    [[nodiscard]] RawReader take_reader() { return std::move(*reader_); }

    // True when its monotonic times are comparable with this machine's now.
    [[nodiscard]] bool this_boot() const { return this_boot_; }
    [[nodiscard]] shm::SegmentState state() const;
    [[nodiscard]] Nanos heartbeat() const;
    // 0 beyond the counters in use.
    [[nodiscard]] std::uint64_t counter(std::size_t index) const;

  private:
    SegmentSource(std::string name, Decoder decoder)
        : name_(std::move(name)), decoder_(std::move(decoder)) {}

    std::string name_;
    Decoder decoder_;
    std::optional<RawReader> reader_;
    std::optional<shm::SegmentCopy> copy_;
    bool this_boot_ = false;
};

// The options that name a source: NAME or --file F.
struct SourceOptions {
    std::string name;
    std::string file;
};
void add_source_options(CLI::App& app, SourceOptions& options);

// Opens it, or says on stderr why not; the error is the exit code that says the same. A note on how
// its records are read goes to stderr too.
[[nodiscard]] tl::expected<SegmentSource, int> open_source(const SourceOptions& options);

// Reports on stderr why a segment cannot be read; the exit code that says the same.
int report(const shm::AttachFailure& failure);

}  // namespace wanctl::inspect
