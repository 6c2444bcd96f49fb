# Flags every target gets, and the two functions that declare a folder.
add_library(hfm_flags INTERFACE)
target_include_directories(hfm_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_definitions(hfm_flags INTERFACE HFM_VERSION="${PROJECT_VERSION}"
    _FILE_OFFSET_BITS=64)
target_compile_options(hfm_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Wconversion -Wsign-conversion -Wold-style-cast -fno-omit-frame-pointer)
if(HFM_WERROR)
    target_compile_options(hfm_flags INTERFACE -Werror)
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A coroutine's frame with a lambda of its own is taken for a header's, being included.
    target_compile_options(hfm_flags INTERFACE -Wno-subobject-linkage)
endif()
if(HFM_SANITIZE)
    target_compile_options(hfm_flags INTERFACE -fsanitize=${HFM_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(hfm_flags INTERFACE -fsanitize=${HFM_SANITIZE})
endif()
if(HFM_FUZZ)  # every library is instrumented, or the engine runs blind
    target_compile_options(hfm_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
target_link_libraries(hfm_flags INTERFACE Threads::Threads)

# hfm_library(NAME [LINKS...]): every .cpp of this folder, main.cpp and *_main.cpp left out.
function(hfm_library name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    list(FILTER sources EXCLUDE REGEX "(^|/|_)main\\.cpp$")
    if(sources)
        add_library(${name} STATIC ${sources})
        target_link_libraries(${name} PUBLIC hfm_flags ${ARGN})
    else()
        add_library(${name} INTERFACE)
        target_link_libraries(${name} INTERFACE hfm_flags ${ARGN})
    endif()
endfunction()

# hfm_program(NAME MAIN.cpp [LINKS...])
function(hfm_program name main)
    add_executable(${name} ${main})
    target_link_libraries(${name} PRIVATE hfm_flags ${ARGN})
endfunction()
