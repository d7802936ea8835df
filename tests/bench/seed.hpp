#pragma once

#include "bot/model/time.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace jitbot::bench {

// Fills the store of a set-up with active grants at the lookup connector, with their requests, cards that are
// shown, and due times, as if each had been asked for, approved and confirmed; 25 000 people have them.
// Returns their ids without prefix. They end in a day, until move_ends() says otherwise.
std::vector<std::string> seed_grants(const std::filesystem::path& folder, int grants);

// Ends the grants, in the order of `ids`, evenly between `first` and `first + spread`. While no bot runs.
void move_ends(const std::filesystem::path& folder, const std::vector<std::string>& ids, Time first,
               Millis spread);

}  // namespace jitbot::bench
