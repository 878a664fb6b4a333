#include "shm/shared_object.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <boost/interprocess/mapped_region.hpp>
#include <boost/interprocess/shared_memory_object.hpp>

#include "shm/directory.hpp"

namespace wanctl::shm {

namespace bip = boost::interprocess;

struct SharedObject::Impl {
    bip::shared_memory_object object;
    bip::mapped_region region;
    bip::mode_t mode = bip::read_only;
};

namespace {

ErrorKind kind_of(int code) {
    switch (code) {
        case ENOENT:
            return ErrorKind::not_found;
        case EACCES:
        case EPERM:
            return ErrorKind::permission;
        case ELOOP:
        case EISDIR:
        case EINVAL:
            return ErrorKind::invalid_input;
        default:
            return ErrorKind::system;
    }
}

tl::unexpected<Error> failed(std::string_view what, const std::string& object_name, int code) {
    return fail(
        kind_of(code),
        fmt::format("cannot {} {}/{}: {}", what, kDirectory, object_name, std::strerror(code)),
        code);
}

std::string_view kind_of_file(mode_t mode) {
    if (S_ISDIR(mode)) return "a directory";
    if (S_ISLNK(mode)) return "a symbolic link";
    if (S_ISFIFO(mode)) return "a FIFO";
    return "a device or socket";
}

}  // namespace

SharedObject::SharedObject(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SharedObject::SharedObject(SharedObject&&) noexcept = default;
SharedObject& SharedObject::operator=(SharedObject&&) noexcept = default;
SharedObject::~SharedObject() = default;

Result<SharedObject> SharedObject::create(const std::string& object_name) {
    try {
        auto impl = std::make_unique<Impl>();
        impl->mode = bip::read_write;
        // The default permissions would let the world read; Boost sets these whatever the umask
        // says.
        impl->object = bip::shared_memory_object(bip::create_only, object_name.c_str(),
                                                 bip::read_write, bip::permissions(0640));
        return SharedObject(std::move(impl));
    } catch (const bip::interprocess_exception& error) {
        return failed("create", object_name, error.get_native_error());
    }
}

Result<SharedObject> SharedObject::open(const std::string& object_name, Access access) {
    // Looked at first because opening a FIFO that somebody put there would wait for its other end.
    struct stat status {};
    const std::string path = fmt::format("{}/{}", kDirectory, object_name);
    if (::lstat(path.c_str(), &status) != 0) return failed("open", object_name, errno);
    if (!S_ISREG(status.st_mode)) {
        return fail(
            ErrorKind::invalid_input,
            fmt::format("{} is {}, not a shared-memory object", path, kind_of_file(status.st_mode)),
            EINVAL);
    }
    try {
        auto impl = std::make_unique<Impl>();
        impl->mode = access == Access::read_only ? bip::read_only : bip::read_write;
        impl->object = bip::shared_memory_object(bip::open_only, object_name.c_str(), impl->mode);
        return SharedObject(std::move(impl));
    } catch (const bip::interprocess_exception& error) {
        return failed("open", object_name, error.get_native_error());
    }
}

void SharedObject::unlink(const std::string& object_name) {
    bip::shared_memory_object::remove(object_name.c_str());
}

Result<std::byte*> SharedObject::map(std::size_t bytes) {
    try {
        impl_->region = bip::mapped_region(impl_->object, impl_->mode, 0, bytes);
        return data();
    } catch (const bip::interprocess_exception& error) {
        return failed("map", impl_->object.get_name(), error.get_native_error());
    }
}

int SharedObject::fd() const {
    return impl_->object.get_mapping_handle().handle;
}

std::byte* SharedObject::data() const {
    return static_cast<std::byte*>(impl_->region.get_address());
}

}  // namespace wanctl::shm
