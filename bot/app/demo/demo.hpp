#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

// The whole product on one machine, for a newcomer: a chat workspace, the bot, a database, a policy.
namespace jitbot::cli {

inline constexpr std::uint16_t k_demo_port = 8765;

enum class DemoPlay {
  by_hand,  // runs until it is interrupted
  story,    // plays the story without hands and ends
};

struct DemoOptions {
  // Of the page, on 127.0.0.1; 0: any free one. None: k_demo_port by hand, any free one for the story, which
  // nobody has to find.
  std::optional<std::uint16_t> port;
  // Where configuration, policy, store and log lie. None: a fresh temporary folder, removed at the end.
  std::optional<std::filesystem::path> data;
  DemoPlay play = DemoPlay::by_hand;
};

// Runs it and prints what is to be known. 0: ended as asked, and the story was seen whole; 1: something
// failed, or was not seen; 2: the port is taken or the folder is not ours to use. No child outlives it.
int demo(const DemoOptions& options);

}  // namespace jitbot::cli
