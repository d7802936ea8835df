#pragma once

#include "bot/app/app.hpp"

#include <filesystem>
#include <optional>
#include <string>

// The commands of the program. Each prints what it has to say and returns the exit code:
// 0 fine, 1 failed while running, 2 bad configuration or usage.
namespace jitbot::cli {

inline constexpr int k_fine = 0;
inline constexpr int k_failed = 1;
inline constexpr int k_usage = 2;

struct Loaded {
  Config config;
  std::shared_ptr<const Policy> policy;
};
// Configuration and policy, or nothing after printing every problem on standard error.
std::optional<Loaded> load(const std::filesystem::path& file,
                           const Environment& environment = process_environment());

int run(const std::filesystem::path& config, Restored restored);
int check(const std::filesystem::path& config);
int doctor(const std::filesystem::path& config);

struct AuditFiles {
  std::filesystem::path config;
  std::optional<std::filesystem::path> head;
  std::optional<std::filesystem::path> public_key;
};
int audit_verify(const AuditFiles& files);

struct ReplayOptions {
  std::filesystem::path policy;                      // the draft's folder
  std::string store;                                 // "sqlite:FILE"
  std::optional<std::filesystem::path> config = {};  // for the names of connectors
  std::string since = "30d";                         // ago, or a day or instant in UTC
  std::string until = {};                            // empty: now
  std::vector<std::string> groups = {};              // NAME=e-mail,e-mail: who was in live groups
  bool show_all = false;                             // those that do not change, too
};
// 0: nothing changes; 1: some outcomes do.
int policy_replay(const ReplayOptions& options);

struct ExplainOptions {
  std::filesystem::path policy;
  std::optional<std::filesystem::path> config = {};
  std::string requester;  // e-mail, or an account ("slack:U0001")
  std::string asked_by;   // whoever asks for him; empty: he himself
  std::string resource;   // "prod-db" or "prod-db:viewer"
  std::string role;
  std::string duration = "1h";
  std::string reason;
  std::string ticket;
  std::string now;    // empty: now
  std::string start;  // empty: as soon as it is approved
  std::string channel;
  std::string timezone;
  std::vector<std::string> groups;    // NAME=e-mail,e-mail: who is in live groups
  std::vector<std::string> catalogs;  // NAME=resource,resource: what catalogs list
  int active_grants = 0;
  int denied_24h = 0;
  bool guest = false;  // of the requester, as the next two
  bool bot = false;
  bool external = false;
  bool extension = false;
  bool channel_private = false;
  bool channel_external = false;
};
// 0: decided, whatever it is; 1: it cannot be, something is not known.
int policy_explain(const ExplainOptions& options);

// Everything that is wrong with a policy, or looks wrong. 1: something is wrong. Without a configuration the
// names of connectors and catalogs are taken as they come.
int policy_check(const std::filesystem::path& folder, const std::optional<std::filesystem::path>& config);
// The JSON Schema of policy files.
int policy_schema();

struct PolicyTestOptions {
  std::filesystem::path policy;
  std::optional<std::filesystem::path> config = {};  // for the names of connectors
  std::optional<std::filesystem::path> junit = {};   // where the results are written, too
};
// Runs the tests that a policy carries. 1: one fails, or the policy does not load.
int policy_test(const PolicyTestOptions& options);

// Answers each line of standard input with one on standard output; a bad line gets an error as its answer.
int policy_eval();

enum class ShowAs { yaml, json };
struct PolicyShown {
  std::optional<std::filesystem::path> folder;
  std::string store;   // "sqlite:FILE"; empty: the folder
  std::string digest;  // its first digits; empty: the newest that the store has
  std::optional<std::filesystem::path> config;
  ShowAs as = ShowAs::yaml;
};
// The rules of a folder, or those that were in force: read beside a running bot, and proven by their digest.
int policy_show(const PolicyShown& what);

struct PolicyCompared {
  std::filesystem::path old;
  std::filesystem::path fresh;
  std::optional<std::filesystem::path> config;
  enum class Say { changes, nothing } say = Say::changes;
};
// 0: the same, 1: they differ, 2: one cannot be loaded.
int policy_diff(const PolicyCompared& what);

struct MattermostSetup {
  std::string url;
  std::filesystem::path admin_token_file;
  std::string team;
  std::string username = "jitbot";
  std::vector<std::string> channels;
  std::string callbacks_url;  // empty: no slash command and no buttons
  std::string listen = "127.0.0.1:8066";
  std::filesystem::path token_file = "mattermost.token";  // written, 0600
  std::filesystem::path command_token_file = "mattermost.command-token";
  std::filesystem::path ca_file;
};
// Makes a Mattermost server ready for the bot, and prints its configuration; run twice it changes nothing.
// 1: the server refuses something, 2: asked for in a wrong way.
int mattermost_setup(MattermostSetup setup);

}  // namespace jitbot::cli
