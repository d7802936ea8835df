# With it a JSON error names the path it is about, and every value keeps a pointer to its parent: dear where
# requests and audit events are read and written by the thousand.
option(JITBOT_JSON_DIAGNOSTICS "Let JSON errors name the path" ON)

# Language, warnings and sanitizers, as INTERFACE targets: third-party code never sees our warnings.
add_library(project_settings INTERFACE)
target_compile_features(project_settings INTERFACE cxx_std_20)
target_include_directories(project_settings INTERFACE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
target_compile_definitions(project_settings INTERFACE
  JSON_USE_IMPLICIT_CONVERSIONS=0
  JSON_DIAGNOSTICS=$<BOOL:${JITBOT_JSON_DIAGNOSTICS}>
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION)
target_link_options(project_settings INTERFACE -fuse-ld=mold)

add_library(project_warnings INTERFACE)
target_compile_options(project_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  -Wnull-dereference -Wswitch-enum)

set(JITBOT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (address,undefined or thread)")
if(JITBOT_SANITIZE)
  target_compile_options(project_settings INTERFACE -fsanitize=${JITBOT_SANITIZE} -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(project_settings INTERFACE -fsanitize=${JITBOT_SANITIZE})
endif()

# Crash points (abort before the k-th commit, around connector calls) exist in test builds only.
option(JITBOT_CRASH_POINTS "Compile the crash points in" OFF)
if(JITBOT_CRASH_POINTS)
  target_compile_definitions(project_settings INTERFACE JITBOT_CRASH_POINTS)
endif()
