#include "common/loop/startup_pages.hpp"

#include <elf.h>
#include <link.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace wanctl {

namespace {

using Segments = std::span<const ElfW(Phdr)>;

// Code that was itself relocated differs from its file.
bool has_relocated_code(const dl_phdr_info& object, Segments segments) {
    for (const auto& segment : segments) {
        if (segment.p_type != PT_DYNAMIC) continue;
        // The loader tells addresses as numbers.
        // NOLINTNEXTLINE(performance-no-int-to-ptr)
        const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + segment.p_vaddr);
        for (; entry->d_tag != DT_NULL; ++entry) {
            if (entry->d_tag == DT_TEXTREL) return true;
            if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0) return true;
        }
    }
    return false;
}

// The kernel's own object (vDSO) has no file behind it; its headers are in its first page.
bool is_kernel_object(Segments segments, std::uintptr_t page) {
    const std::uintptr_t object = getauxval(AT_SYSINFO_EHDR);
    const auto headers = reinterpret_cast<std::uintptr_t>(segments.data());
    return headers >= object && headers < object + page;
}

int release(dl_phdr_info* object, std::size_t, void*) {
    const Segments segments(object->dlpi_phdr, object->dlpi_phnum);
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    if (is_kernel_object(segments, page) || has_relocated_code(*object, segments)) return 0;
    for (const auto& segment : segments) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
        const std::uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
        const std::uintptr_t first = begin / page * page;
        const std::size_t size = begin + segment.p_memsz - first;
        // A refusal (pages locked in memory) leaves things as they are.
        // NOLINTNEXTLINE(performance-no-int-to-ptr)
        static_cast<void>(::madvise(reinterpret_cast<void*>(first), size, MADV_DONTNEED));
    }
    return 0;
}

}  // namespace

void release_startup_pages() {
    dl_iterate_phdr(&release, nullptr);
}

}  // namespace wanctl
