#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

// The whole product for a newcomer: a chat, the bot, a database, a policy. The chat is a sandbox on this
// machine, or a Mattermost server that is there already.
namespace jitbot::cli {

inline constexpr std::uint16_t k_demo_port = 8765;

enum class DemoPlay {
  by_hand,  // runs until it is interrupted
  story,    // plays the story without hands and ends
};

// How people decide on a Mattermost server.
enum class DemoManner {
  buttons,    // the slash command, buttons and dialogs: the server calls the bot
  reactions,  // messages to the bot, and reactions on its cards: nothing listens
  commands,   // messages to the bot alone
};

struct MattermostDemo {
  std::string url;                   // of the site
  std::filesystem::path token_file;  // a system administrator's access token, readable by its owner alone
  std::string team;                  // one that exists; empty: one of the demo's own
  std::string callbacks;      // "ADDRESS:PORT" to listen on; empty: loopback, where the server is there too
  std::string callbacks_url;  // how the server reaches that; empty: as it is
  std::optional<DemoManner> manner;  // none: buttons where the server reaches the bot, else reactions
  std::filesystem::path ca_file;     // PEM; empty: SSL_CERT_FILE, or the system's
};

struct DemoOptions {
  // Of the page, on 127.0.0.1; 0: any free one. None: k_demo_port by hand, any free one for the story, which
  // nobody has to find.
  std::optional<std::uint16_t> port;
  // Where configuration, policy, store and log lie. None: a fresh temporary folder, removed at the end.
  std::optional<std::filesystem::path> data;
  DemoPlay play = DemoPlay::by_hand;
  std::optional<MattermostDemo> mattermost;  // none: the sandbox
};

// Runs it and prints what is to be known. 0: ended as asked, and the story was seen whole; 1: something
// failed, or was not seen; 2: the port is taken, the folder is not ours to use, or it was asked for in a
// wrong way. No child outlives it; what it made on a Mattermost server is taken back as far as it can be.
int demo(const DemoOptions& options);

}  // namespace jitbot::cli
