#pragma once

#include "bot/app/config.hpp"
#include "bot/model/secret.hpp"
#include "bot/policy/yaml/decode.hpp"

#include <filesystem>
#include <optional>
#include <string>

// Values of the configuration that come from elsewhere: the environment, files, the configuration's folder.
namespace jitbot {

// Puts ${NAME} into every scalar outside the argument lists of connectors; "$${" stands for a literal "${".
// Unset, and either form of value inside an argument list, is a problem.
void substitute_environment(yaml::Node& root, const Environment& environment, yaml::Problems& problems);

// What reading one configuration needs to know.
struct ConfigReader {
  std::filesystem::path folder;  // absolute; relative paths start here
  yaml::Problems& problems;
  yaml::Problems& warnings;
  const Environment& environment;

  std::filesystem::path path(const std::string& text) const { return (folder / text).lexically_normal(); }
};

struct SecretText {
  Secret value;
  bool literal = false;  // it stands in the configuration itself
};
// A secret as itself, from ${NAME}, or as "file:PATH" from a file, without its last line end. Never empty.
std::optional<SecretText> read_secret(const ConfigReader& reader, const yaml::Value& value);
// The same for one that goes into a header: no spaces or control characters. A literal one is a warning.
std::optional<Secret> read_token(const ConfigReader& reader, const yaml::Value& value);

void warn(const ConfigReader& reader, const yaml::Value& value, std::string message);

// The whole of a regular file of at most `most` bytes; not_found, refused or invalid otherwise.
Result<std::string> read_whole_file(const std::filesystem::path& path, std::size_t most);

// "127.0.0.1:8080": an address and a port. Nothing: it is none; or reported.
std::optional<ListenAddress> parse_listen(const std::string& text);
std::optional<ListenAddress> read_listen(const yaml::Value& value);

// `chat`, into `config`.
void read_chat(const ConfigReader& reader, const yaml::Value& value, Config& config);

// `connectors`, into `config`.
void read_connectors(const ConfigReader& reader, const yaml::Value& value, Config& config);

// `catalogs`, into `config`; and what the policy needs to know of them.
void read_catalogs(const ConfigReader& reader, const yaml::Value& value, Config& config);
void add_catalogs(const Config& config, KnownConnectors& known);

}  // namespace jitbot
