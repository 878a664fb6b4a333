# Headers that almost every file includes are read once for all of them: a third of a clean build. Every file still
# includes what it uses; the fuzz preset builds without this and would not compile otherwise. Two sets, because a
# header precompiled with an optimizer does not fit a file without: the product's, and the plain tests' with Catch2.
option(WANCTL_PRECOMPILE "precompile the headers that almost every file includes" ON)

# Makes the targets of this directory and all below it use the set that fits them.
function(wanctl_precompile directory)
    get_property(targets DIRECTORY ${directory} PROPERTY BUILDSYSTEM_TARGETS)
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        get_target_property(options ${target} COMPILE_OPTIONS)
        if(NOT type MATCHES "EXECUTABLE|STATIC_LIBRARY|OBJECT_LIBRARY" OR target MATCHES "^wanctl_precompiled")
            continue()
        endif()
        if(NOT "${plain_code}" IN_LIST options)
            target_precompile_headers(${target} REUSE_FROM wanctl_precompiled)
        elseif(TARGET wanctl_precompiled_tests)
            target_precompile_headers(${target} REUSE_FROM wanctl_precompiled_tests)
        endif()
    endforeach()
    get_property(below DIRECTORY ${directory} PROPERTY SUBDIRECTORIES)
    foreach(each IN LISTS below)
        wanctl_precompile(${each})
    endforeach()
endfunction()

set(often
    <algorithm> <array> <chrono> <cstdint> <functional> <memory> <optional> <span> <string> <string_view> <utility>
    <vector> <fmt/format.h> <tl/expected.hpp>)
if(WANCTL_PRECOMPILE AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/nothing.cpp CONTENT "")
    add_library(wanctl_precompiled OBJECT ${CMAKE_BINARY_DIR}/generated/nothing.cpp)
    target_link_libraries(wanctl_precompiled PRIVATE wanctl_base)
    target_precompile_headers(wanctl_precompiled PRIVATE ${often})
    if(TARGET wanctl_catch)
        add_library(wanctl_precompiled_tests OBJECT ${CMAKE_BINARY_DIR}/generated/nothing.cpp)
        target_link_libraries(wanctl_precompiled_tests PRIVATE wanctl_base Catch2::Catch2)
        target_compile_options(wanctl_precompiled_tests PRIVATE ${plain_code})
        target_precompile_headers(wanctl_precompiled_tests PRIVATE
            ${often} <filesystem> <fstream> <tests/support/catch.hpp>)
    endif()
    wanctl_precompile(${PROJECT_SOURCE_DIR})
endif()
