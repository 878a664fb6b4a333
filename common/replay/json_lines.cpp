#include "common/replay/json_lines.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fmt/format.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "common/exit_code.hpp"

namespace wanctl::replay {

namespace {

constexpr std::size_t kFlushBytes = std::size_t{64} * 1024;

// A document whose numbers the standard library has read. The parser's own exact conversion reads
// beyond its table of powers for many digits below 1e-348.
class ExactNumbers : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ExactNumbers> {
  public:
    using Size = rapidjson::SizeType;

    explicit ExactNumbers(rapidjson::Document& to) : to_(to) {}

    bool RawNumber(const char* text, Size length, bool) {
        double value = 0;
        const auto read = std::from_chars(text, text + length, value);
        // Too small is zero and too big infinity, which who asks for the number refuses.
        if (read.ec == std::errc::result_out_of_range)
            value = std::strtod(std::string(text, length).c_str(), nullptr);
        return to_.Double(value);
    }
    bool Null() { return to_.Null(); }
    bool Bool(bool value) { return to_.Bool(value); }
    bool String(const char* text, Size length, bool copy) { return to_.String(text, length, copy); }
    bool Key(const char* text, Size length, bool copy) { return to_.Key(text, length, copy); }
    bool StartObject() { return to_.StartObject(); }
    bool EndObject(Size members) { return to_.EndObject(members); }
    bool StartArray() { return to_.StartArray(); }
    bool EndArray(Size elements) { return to_.EndArray(elements); }

  private:
    rapidjson::Document& to_;
};

// Small documents from a fixed pool: a million rows allocate nothing.
class RowParser {
  public:
    explicit RowParser(std::string_view shape) : shape_(shape) {}

    // Good until the next call.
    Result<const rapidjson::Value*> parse(std::string_view line) {
        // The document's own memory is the pool's: it goes first.
        row_.SetNull();
        allocator_.Clear();
        rapidjson::ParseResult read;
        const auto fill = [&](rapidjson::Document& row) {
            // Iterative: nesting costs memory, not stack.
            constexpr unsigned flags =
                rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
            rapidjson::MemoryStream bytes(line.data(), line.size());
            rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> text(bytes);
            ExactNumbers numbers(row);
            read = reader_.Parse<flags>(text, numbers);
            return !read.IsError();
        };
        row_.Populate(fill);
        if (read.IsError()) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("column {}: {}", read.Offset() + 1,
                                    rapidjson::GetParseError_En(read.Code())));
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
    rapidjson::Reader reader_;
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
