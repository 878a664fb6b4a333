#include "common/replay/json_lines.hpp"

#include <cmath>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <rapidjson/error/en.h>

#include "common/exit_code.hpp"

namespace wanctl::replay {

namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

// Small documents from a fixed pool: a million rows allocate nothing.
class RowParser {
  public:
    explicit RowParser(std::string_view shape) : shape_(shape) {}

    // Good until the next call.
    Result<const rapidjson::Value*> parse(std::string_view line) {
        // The document's own memory is the pool's: it goes first.
        row_.SetNull();
        allocator_.Clear();
        // Iterative: nesting costs memory, not stack.
        row_.Parse<rapidjson::kParseFullPrecisionFlag | rapidjson::kParseIterativeFlag>(
            line.data(), line.size());
        if (row_.HasParseError()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("column {}: {}", row_.GetErrorOffset() + 1,
                                    rapidjson::GetParseError_En(row_.GetParseError())));
        }
        if (!row_.IsObject()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("not an object; a row is {}", shape_));
        }
        return &row_;
    }

  private:
    std::string_view shape_;
    std::array<char, 4096> pool_{};
    rapidjson::MemoryPoolAllocator<> allocator_{pool_.data(), pool_.size()};
    rapidjson::Document row_{&allocator_};
};

class RowSink {
  public:
    explicit RowSink(std::ostream& output) : output_(output) {}

    [[nodiscard]] rapidjson::StringBuffer& buffer() { return buffer_; }

    void row_done() {
        buffer_.Put('\n');
        if (buffer_.GetSize() >= kFlushBytes) {
            flush();
        }
    }

    void flush() {
        output_.write(buffer_.GetString(), static_cast<std::streamsize>(buffer_.GetSize()));
        output_.flush();
        buffer_.Clear();
    }

  private:
    std::ostream& output_;
    rapidjson::StringBuffer buffer_;
};

tl::unexpected<Error> bad_line(std::int64_t number, const std::string& what) {
    return fail(ErrorKind::invalid_input, fmt::format("line {}: {}", number, what));
}

}  // namespace

void write_key(Writer& writer, std::string_view key) {
    writer.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}

void write_text(Writer& writer, std::string_view text) {
    writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

Result<double> number(const rapidjson::Value& row, const char* key) {
    const auto member = row.FindMember(key);
    if (member == row.MemberEnd()) {
        return fail(ErrorKind::invalid_input, fmt::format("\"{}\" is missing", key));
    }
    if (!member->value.IsNumber()) {
        return fail(ErrorKind::invalid_input, fmt::format("\"{}\" is not a number", key));
    }
    const double value = member->value.GetDouble();
    // The parser takes 2e308 for infinity, which no JSON can say again.
    if (!std::isfinite(value)) {
        return fail(ErrorKind::invalid_input, fmt::format("\"{}\" is too big", key));
    }
    return value;
}

Result<void> replay_lines(std::istream& input, std::ostream& output, std::string_view shape,
                          const EachRow& each) {
    RowParser parser(shape);
    RowSink sink(output);
    std::string line;
    std::int64_t i = 0;
    std::int64_t line_number = 1;
    for (; std::getline(input, line); ++line_number) {
        if (line.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        const auto row = parser.parse(line);
        if (!row) {
            sink.flush();
            return bad_line(line_number, row.error().message);
        }
        Writer writer(sink.buffer());
        if (const auto done = each(i, **row, writer); !done) {
            sink.flush();
            return bad_line(line_number, done.error().message);
        }
        sink.row_done();
        ++i;
        if (input.rdbuf()->in_avail() <= 0) {
            sink.flush();
        }
        if (!output) {
            return fail(ErrorKind::system, "cannot write the output");
        }
    }
    sink.flush();
    if (input.bad()) {
        return bad_line(line_number, "cannot be read");
    }
    return {};
}

int replay_file(const std::string& path, std::string_view shape, const EachRow& each) {
    std::ifstream file;
    if (path != "-") {
        file.open(path);
        if (!file) {
            std::cerr << path << ": cannot be read\n";
            return exit_code::kBadInput;
        }
    }
    const auto done = replay_lines(path == "-" ? std::cin : file, std::cout, shape, each);
    if (!done) {
        std::cerr << done.error().message << '\n';
        return exit_code::kBadInput;
    }
    return exit_code::kOk;
}

}  // namespace wanctl::replay
