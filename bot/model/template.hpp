#pragma once

#include "bot/model/result.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// `{{name}}` in connector templates: plain replacement in one pass. What is put in is never looked at again,
// so a value that holds "{{" stays what it is. Nothing else is special: one brace or a lone "}}" is text.
namespace jitbot {

using TemplateValues = std::map<std::string, std::string, std::less<>>;

// The names a template uses, in order, each once. invalid: "{{" without "}}", or a name that is none
// (letters, digits, '_', '-', '.').
Result<std::vector<std::string>> template_names(std::string_view text);

// That a template uses only `allowed` names; "params.*" there allows every "params.x". The error names what
// is wrong and what is allowed.
Result<void> check_template(std::string_view text, const std::vector<std::string_view>& allowed);

// A value that may be put into a template: no NUL or other control character, no leading '-', valid UTF-8 or
// not. `name` is for the message.
Result<void> check_template_value(std::string_view name, std::string_view value);

// Every value used is checked; a name without a value is an error.
Result<std::string> expand_template(std::string_view text, const TemplateValues& values);

}  // namespace jitbot
