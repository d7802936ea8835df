#pragma once

#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace jitbot {

// What configuration and policy say of the chat.
struct DemoChat {
  std::string item;                       // of `chat:`, in YAML
  std::map<std::string, Secret> secrets;  // by the name of their file in the folder "secrets"
  std::string domain = "example.com";     // of people's e-mails
  std::string channel_prefix = {};        // before the names of channels: "demo-"
  std::string approvers;                  // sources of groups: "slack:usergroup/S0APPROVE"
  std::string sre;
};

// What the files of one run name.
struct DemoPlaces {
  DemoChat chat;
  Secret database_url;  // postgresql://…, as the bot's role
  std::uint16_t database_port = 0;
};

// The demo's data folder: jitbot.yaml, policy, secrets, and what the bot keeps beside them. A temporary one
// is removed with this object.
class DemoFolder {
 public:
  // None: a fresh temporary folder. invalid: it cannot be made, holds files that no demo wrote, or another
  // demo is using it.
  static Result<DemoFolder> open(const std::optional<std::filesystem::path>& wanted);
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;
  DemoFolder(DemoFolder&& other) noexcept;
  DemoFolder& operator=(DemoFolder&&) = delete;
  ~DemoFolder();

  // From now on a later run knows the folder as that of a demo of this kind, even if this one gets no
  // further. invalid: it is that of another kind already.
  Result<void> claim(const std::string& kind) const;
  // Where the database of the run before this one listened; nothing: there was none.
  std::optional<std::uint16_t> last_database_port() const;
  // Configuration, secrets and the resources' login lines follow the run's addresses and are written anew;
  // people and rules are written once and then the reader's to change.
  Result<void> write(const DemoPlaces& places) const;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "jitbot.yaml"; }
  std::filesystem::path log() const { return path_ / "jitbot.log"; }
  bool is_temporary() const { return temporary_; }

 private:
  DemoFolder() = default;

  std::filesystem::path path_;
  bool temporary_ = false;
  int lock_ = -1;
};

}  // namespace jitbot
