#pragma once

#include "bot/model/result.hpp"

#include <string>

namespace jitbot::net {

// Whether a file can be trusted from: PEM, with at least one certificate. Blocks on the disk. invalid: it
// cannot, and why.
Result<void> check_ca_file(const std::string& path);

}  // namespace jitbot::net
