# jitbot_room(NAME SOURCES a.cpp … USES other_room … PRIVATE third::party …)
# One library target per room. USES are the arrows of the house; the linker keeps them.
function(jitbot_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  if(ROOM_SOURCES)
    add_library(${name} STATIC ${ROOM_SOURCES})
    target_link_libraries(${name} PUBLIC project_settings ${ROOM_USES} PRIVATE project_warnings ${ROOM_PRIVATE})
    # tests/fuzz names the rooms its harnesses drive: libFuzzer steers by their coverage.
    target_compile_options(${name} PRIVATE $<$<BOOL:$<TARGET_PROPERTY:${name},JITBOT_FUZZED>>:-fsanitize=fuzzer-no-link>)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE project_settings ${ROOM_USES})
  endif()
endfunction()
