#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jitbot::net {

struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;

// The first header of that name, case-blind.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

// `application/x-www-form-urlencoded`, both ways.
struct FormField {
  std::string name;
  std::string value;
};
std::string encode_form(const std::vector<FormField>& fields);
std::vector<FormField> decode_form(std::string_view body);

}  // namespace jitbot::net
