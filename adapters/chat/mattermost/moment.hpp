#pragma once

#include "bot/cards/text.hpp"

#include <string>

namespace jitbot::mattermost {

// "15:04 UTC", with the date where it is not `now`'s: "2026-11-22 15:04 UTC". With the reader's zone (an IANA
// name; empty or unknown: UTC alone): "16:04 (15:04 UTC)". The platform itself shows no times per reader.
std::string moment_text(const Moment& moment, Time now, const std::string& zone);

}  // namespace jitbot::mattermost
