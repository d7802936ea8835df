# GCC 12 destroys an aggregate temporary inside a co_await expression twice, so jitbot is built with clang 19.
if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang" OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 16)
  message(FATAL_ERROR
    "jitbot needs clang 19 (found ${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}). "
    "GCC 12 miscompiles coroutines: aggregate temporaries in a co_await expression are freed twice. "
    "Run deploy/install-deps, then configure with a preset: cmake --preset dev")
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

# The Beast translation units take the most memory; building them one at a time keeps two cores usable.
set_property(GLOBAL PROPERTY JOB_POOLS heavy=1)
