# jitbot_embed(OUTPUT file.cpp HEADER "path/to/declares.hpp" NAMESPACE a::b FUNCTION name FILES …)
# Writes a source file that defines `const std::vector<Asset>& name()` in the namespace: each file's name and
# bytes, as the header declares Asset {name, body}. The file is made when building, by this script itself.
if(CMAKE_SCRIPT_MODE_FILE AND NOT COMMAND jitbot_embed)
  string(REPLACE "," ";" files "${FILES}")
  set(arrays "")
  set(entries "")
  set(index 0)
  foreach(path IN LISTS files)
    get_filename_component(name "${path}" NAME)
    file(READ "${path}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(APPEND arrays "constexpr char k_file_${index}[] = {${bytes}'\\0'};\n")
    string(APPEND entries "    {\"${name}\", std::string_view(k_file_${index}, sizeof k_file_${index} - 1)},\n")
    math(EXPR index "${index} + 1")
  endforeach()
  file(WRITE "${OUTPUT}"
    "#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\nnamespace {\n\n${arrays}\n}  // namespace\n\n"
    "const std::vector<Asset>& ${FUNCTION}() {\n  static const std::vector<Asset> assets = {\n${entries}  };\n"
    "  return assets;\n}\n\n}  // namespace ${NAMESPACE}\n")
  return()
endif()

set(JITBOT_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(jitbot_embed)
  cmake_parse_arguments(EMBED "" "OUTPUT;HEADER;NAMESPACE;FUNCTION" "FILES" ${ARGN})
  list(TRANSFORM EMBED_FILES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" OUTPUT_VARIABLE paths)
  list(JOIN paths "," joined)
  add_custom_command(
    OUTPUT "${EMBED_OUTPUT}"
    COMMAND ${CMAKE_COMMAND} -DOUTPUT=${EMBED_OUTPUT} -DHEADER=${EMBED_HEADER} -DNAMESPACE=${EMBED_NAMESPACE}
            -DFUNCTION=${EMBED_FUNCTION} "-DFILES=${joined}" -P "${JITBOT_EMBED_SCRIPT}"
    DEPENDS ${paths} "${JITBOT_EMBED_SCRIPT}"
    VERBATIM)
endfunction()
