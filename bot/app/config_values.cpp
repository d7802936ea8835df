#include "bot/app/config_values.hpp"

#include "adapters/net/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sys/stat.h>

namespace jitbot {

namespace {

constexpr std::size_t k_largest_secret = std::size_t{64} * 1024;

bool is_variable_name(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

// One pass: what is put in is not looked at again.
struct Substituted {
  std::string text;
  bool used = false;  // a variable, not only $${
  std::string problem;
};
Substituted substituted(const std::string& text, const Environment& environment) {
  Substituted result;
  std::string& out = result.text;
  for (std::size_t at = 0; at < text.size();) {
    if (text.compare(at, 3, "$${") == 0) {
      out += "${";
      at += 3;
      continue;
    }
    if (text.compare(at, 2, "${") != 0) {
      out += text[at++];
      continue;
    }
    const auto end = text.find('}', at);
    const std::string name = end == std::string::npos ? "" : text.substr(at + 2, end - at - 2);
    if (!is_variable_name(name)) {
      result.problem = "${NAME} needs the name of an environment variable; write $${ for a literal ${";
      return result;
    }
    const auto value = environment(name);
    if (!value) {
      result.problem = fmt::format("the environment variable {} is not set", name);
      return result;
    }
    out += *value;
    result.used = true;
    at = end + 1;
  }
  return result;
}

bool is_argument_list(const std::vector<std::string_view>& keys) {
  constexpr std::array<std::string_view, 3> k_lists = {"present", "absent", "observe"};
  if (keys.size() != 3) return false;
  if (keys[0] == "catalogs") return keys[2] == "list";
  return keys[0] == "connectors" && std::ranges::find(k_lists, keys[2]) != k_lists.end();
}

class Substitution {
 public:
  Substitution(const Environment& environment, yaml::Problems& problems)
      : environment_(environment), problems_(problems) {}

  void walk(yaml::Node& node, const std::string& path, std::vector<std::string_view>& keys, bool arguments) {
    switch (node.kind) {
      case yaml::Node::Kind::null:
      case yaml::Node::Kind::refused:
        return;
      case yaml::Node::Kind::scalar:
        return arguments ? check_argument(node, path) : put_in(node, path);
      case yaml::Node::Kind::list:
        for (std::size_t i = 0; i < node.items.size(); ++i) {
          walk(node.items[i], yaml::path_of(path, i), keys, arguments);
        }
        return;
      case yaml::Node::Kind::map:
        for (yaml::Entry& entry : node.entries) {
          keys.push_back(entry.key);
          walk(entry.value, yaml::path_of(path, entry.key), keys, arguments || is_argument_list(keys));
          keys.pop_back();
        }
        return;
    }
  }

 private:
  void put_in(yaml::Node& node, const std::string& path) {
    if (node.text.find("${") == std::string::npos) return;
    Substituted result = substituted(node.text, environment_);
    if (!result.problem.empty()) {
      problems_.add(node.where, path, std::move(result.problem));
      node.kind = yaml::Node::Kind::refused;
      return;
    }
    node.substituted = result.used;
    node.text = std::move(result.text);
  }

  // Arguments of a program are seen by everybody on the machine.
  void check_argument(yaml::Node& node, const std::string& path) {
    if (node.text.find("${") == std::string::npos && !node.text.starts_with("file:")) return;
    problems_.add(node.where, path,
                  "${NAME} and file: are not allowed in arguments; pass the value in `env`");
    node.kind = yaml::Node::Kind::refused;
  }

  const Environment& environment_;
  yaml::Problems& problems_;
};

bool readable_by_others(const std::filesystem::path& path) {
  struct stat about{};
  return stat(path.c_str(), &about) == 0 && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
}

void substitute_environment(yaml::Node& root, const Environment& environment, yaml::Problems& problems) {
  std::vector<std::string_view> keys;
  Substitution(environment, problems).walk(root, "", keys, false);
}

Result<std::string> read_whole_file(const std::filesystem::path& path, std::size_t most) {
  struct stat about{};
  if (stat(path.c_str(), &about) != 0) {
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::refused, std::strerror(errno));
  }
  if (!S_ISREG(about.st_mode)) return fail(ErrorKind::invalid, "it is not a regular file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::refused, std::strerror(errno));
  std::string text(most + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return fail(ErrorKind::unavailable, "it cannot be read");
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > most)
    return fail(ErrorKind::invalid, fmt::format("it is larger than {} KiB", most / 1024));
  return text;
}

void warn(const ConfigReader& reader, const yaml::Value& value, std::string message) {
  reader.warnings.add(value.node().where, value.path(), std::move(message));
}

std::optional<SecretText> read_secret(const ConfigReader& reader, const yaml::Value& value) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  if (!text->starts_with("file:")) return SecretText{Secret(*text), !value.node().substituted};
  const auto path = reader.path(text->substr(5));
  auto content = read_whole_file(path, k_largest_secret);
  if (!content) {
    value.fail(fmt::format("{}: {}", path.string(), content.error().message));
    return std::nullopt;
  }
  while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
  if (content->empty()) {
    value.fail(fmt::format("{} is empty", path.string()));
    return std::nullopt;
  }
  if (readable_by_others(path))
    warn(reader, value, path.string() + " holds a secret and others may read it; chmod 600");
  return SecretText{Secret(std::move(*content)), false};
}

std::optional<Secret> read_token(const ConfigReader& reader, const yaml::Value& value) {
  auto secret = read_secret(reader, value);
  if (!secret) return std::nullopt;
  const bool plain = std::ranges::all_of(secret->value.reveal(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20U && byte < 0x7FU;
  });
  if (!plain) {
    value.fail("a token has no spaces and only plain ASCII characters");
    return std::nullopt;
  }
  if (secret->literal) warn(reader, value, "the secret itself stands here; use ${NAME} or file:PATH instead");
  return std::move(secret->value);
}

std::optional<ListenAddress> parse_listen(const std::string& text) {
  ListenAddress listen;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return std::nullopt;
  std::string host = text.substr(0, colon);
  const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!brackets && host.find(':') != std::string::npos) return std::nullopt;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data() + colon + 1, end, listen.port);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  const net::Url address{"http", host, listen.port, "/"};
  // An address, not a name: what a name means may change under a running bot.
  const bool numeric =
      host.find_first_not_of(brackets ? "0123456789abcdefABCDEF:." : "0123456789.") == std::string::npos;
  if (!numeric && host != "localhost") return std::nullopt;
  listen.host = host;
  listen.loopback = address.loopback();
  return listen;
}

std::optional<ListenAddress> read_listen(const yaml::Value& value) {
  const auto text = value.text();
  if (!text) return std::nullopt;
  auto listen = parse_listen(*text);
  if (!listen) {
    value.fail(fmt::format("{} is not an address; it must be ADDRESS:PORT such as 127.0.0.1:8080 or [::1]:0",
                           value.shown()));
  }
  return listen;
}

}  // namespace jitbot
