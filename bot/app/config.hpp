#pragma once

#include "adapters/net/proxy.hpp"
#include "bot/model/approval.hpp"
#include "bot/model/entitlement.hpp"
#include "bot/model/result.hpp"
#include "bot/model/secret.hpp"
#include "bot/model/time.hpp"
#include "bot/policy/load.hpp"
#include "bot/policy/policy.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// `jitbot.yaml` as loaded: checked, paths absolute, ${ENV} and file: values read. Made by load_config alone.
namespace jitbot {

// Whom the configuration names. `marks[i]` is where `members[i]` stands, for check_subjects.
struct NamedSubjects {
  std::vector<Subject> members;  // e-mails, groups of the policy, accounts
  std::vector<SourceMark> marks;
  std::string key;  // "admins.members"
};

// How calls and sockets go out to a chat.
struct OutboundSettings {
  std::string ca_file;   // absolute and readable: `ca_file`, else SSL_CERT_FILE; empty: the system's
  net::Proxies proxies;  // the environment's; one that applies to the chat's address is usable
};

struct SlackSettings {
  Secret app_token;
  Secret bot_token;
  std::string api_url;  // ends in '/'
  // A loopback api_url: ws:// and response URLs on any loopback port are accepted. Else only wss and https on
  // Slack's own hosts.
  bool loopback = false;
  int connections = 2;
  OutboundSettings out;  // for the Web API and the sockets alike
};

// Where we are reached: "127.0.0.1:8080", "[::1]:0", "localhost:8080".
struct ListenAddress {
  std::string host;
  unsigned short port = 0;  // 0: any free one
  bool loopback = false;
};

struct CallbackSettings {
  ListenAddress listen;
  std::string url;                // how the server reaches that, without the last '/'
  std::vector<std::string> from;  // addresses and networks that may call; empty: whoever reaches it
};

struct MattermostSettings {
  std::string url;                            // of the site, without the last '/'
  bool loopback = false;                      // plain http and ws are for this machine alone
  Secret token;                               // of the bot account
  std::string team;                           // its name in addresses
  std::optional<CallbackSettings> callbacks;  // none: no slash command and no buttons, and no inbound port
  Secret command_token;                       // with callbacks: what the server calls /jit with
  OutboundSettings out;
};

struct StoreSettings {
  std::filesystem::path sqlite;
};

struct AuditSettings {
  std::filesystem::path key;  // PKCS8 PEM; `key` + ".pub" lies beside it
  std::filesystem::path head;
};

// How a person's e-mail becomes the account name at the target.
struct AccountByEmail {
  std::vector<std::string> domains;  // lower case; empty: any
};
struct AccountByLocalPart {
  std::vector<std::string> domains;  // lower case, never empty
};
struct AccountByMap {
  std::map<std::string, std::string> accounts;  // lower-cased e-mail → account
};
using AccountMapping = std::variant<AccountByEmail, AccountByLocalPart, AccountByMap>;

// The account of a person at a target. `email` is his name in policies. refused: this mapping has no account
// for him, with a message that he may read.
Result<std::string> account_for(const AccountMapping& mapping, const std::string& email);

struct PostgresSettings {
  Secret url;            // postgresql://…, with its password
  bool enforce = false;  // remove members that nobody asked for
};

struct ExecSettings {
  std::vector<std::string> present;  // argv templates; [0] is a literal: an absolute path or a name on PATH
  std::vector<std::string> absent;
  std::vector<std::string> observe;
  std::map<std::string, Secret> env;  // the whole environment that the programs get besides PATH
  std::filesystem::path folder;       // working folder: the configuration file's
};

struct LookupSettings {};

struct ConnectorSettings {
  std::string name;
  std::variant<PostgresSettings, ExecSettings, LookupSettings> target;
  AccountMapping account;
  OnExisting on_existing = OnExisting::keep;
  Millis timeout{30s};
  int concurrency = 4;
  Millis drift{5min};
  SourceMark where;
};
std::string_view type_name(const ConnectorSettings& connector);  // "postgres", "exec", "lookup"

// A program that lists what exists now, see adapters/access/exec/catalog.hpp.
struct CatalogSettings {
  std::string name;
  std::vector<std::string> list;
  std::map<std::string, Secret> env;
  std::filesystem::path folder;
  Millis timeout{10s};
  Millis every{1min};  // how often it is looked whether resources with live grants still exist
  SourceMark where;
};

struct HttpSettings {
  std::string host;         // "127.0.0.1", "::1", "localhost", …
  unsigned short port = 0;  // 0: any free one, printed
  bool loopback = false;
  std::optional<Secret> lookup_token;  // none: no lookup
};

enum class LogLevel { trace, debug, info, warn, error };
enum class LogFormat { text, json };

struct LogSettings {
  LogLevel level = LogLevel::info;
  LogFormat format = LogFormat::text;
};

struct AdminSettings {
  std::string channel;  // "#name" or an id
  NamedSubjects who;
};

// What makes accounts of two chats one person.
enum class Identity {
  confirmed,  // a code, said in both
  trusted,    // the same e-mail
};

struct Config {
  std::filesystem::path file;
  std::optional<SlackSettings> slack;  // one chat at least
  std::optional<MattermostSettings> mattermost;
  StoreSettings store;
  std::filesystem::path policy_folder;
  AuditSettings audit;
  std::string timezone = "UTC";  // IANA name, known to this machine
  int pending_per_person = 5;
  NamedSubjects auditors;
  AdminSettings admins;
  Identity identity = Identity::confirmed;
  std::map<std::string, ConnectorSettings> connectors;
  std::map<std::string, CatalogSettings> catalogs;
  std::optional<HttpSettings> http;  // none: no port
  LogSettings log;
};

struct LoadedConfig {
  Config config;
  std::vector<PolicyProblem> warnings;  // literal secrets, a database without verified TLS, …
};

// Where ${NAME} comes from. Nothing: unset.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Environment process_environment();

// Reads the configuration, or says everything that is wrong with it. A message never holds a secret. The
// environment is asked for proxies and SSL_CERT_FILE here, once.
tl::expected<LoadedConfig, std::vector<PolicyProblem>> load_config(const std::filesystem::path& file,
                                                                   const Environment& environment);

// What the policy needs to know of the connectors: their names, and their configuration without secrets.
KnownConnectors known_connectors(const Config& config);

// Reads and loads `*.yaml` of the folder, not of its sub-folders; with warnings, or without.
tl::expected<LoadedPolicy, std::vector<PolicyProblem>> read_policy_folder(const std::filesystem::path& folder,
                                                                          const KnownConnectors& connectors);
tl::expected<Policy, std::vector<PolicyProblem>> load_policy_folder(const std::filesystem::path& folder,
                                                                    const KnownConnectors& connectors);

// Administrators and auditors against the policy: each group must exist there.
std::vector<PolicyProblem> check_subjects(const Config& config, const Policy& policy);

}  // namespace jitbot
