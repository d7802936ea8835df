#pragma once

#include "bot/app/config.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

// A folder of its own for one test, with a configuration in it.
namespace jitbot::config_sample {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "jitbot-config-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    return file;
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Environment environment(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    if (found == values.end()) return std::nullopt;
    return found->second;
  };
}

inline const std::map<std::string, std::string>& usual() {
  static const std::map<std::string, std::string> values = {
      {"APP", "xapp-1-A"},
      {"BOT", "xoxb-1-B"},
      {"LOOKUP", "look"},
      {"DB", "postgresql://jit:hunter2@127.0.0.1:5432/app"}};
  return values;
}

// What every configuration needs; each line can be replaced by its beginning.
inline std::string minimal() {
  return "chat: [{slack: {app_token: \"${APP}\", bot_token: \"${BOT}\"}}]\n"
         "policy: {path: policy}\n"
         "admins: {channel: \"#admins\", members: [root@example.com]}\n"
         "connectors: {web: {type: exec, present: [p], absent: [a], observe: [o]}}\n";
}

// `minimal` with the line that begins with `key` replaced, or `line` added.
inline std::string with(const std::string& line) {
  std::string text = minimal();
  const std::string key = line.substr(0, line.find(':') + 1);
  const auto begin =
      text.rfind("\n" + key) == std::string::npos ? text.find(key) : text.rfind("\n" + key) + 1;
  const bool first = begin == 0 || (begin != std::string::npos && text[begin - 1] == '\n');
  if (!first) return text + line + "\n";
  return text.substr(0, begin) + line + text.substr(text.find('\n', begin));
}

inline std::string lines(const std::vector<PolicyProblem>& problems, const std::filesystem::path& file) {
  std::string all;
  for (const PolicyProblem& problem : problems) {
    std::string line = to_string(problem);
    if (line.starts_with(file.string())) line = "j.yaml" + line.substr(file.string().size());
    all += line + "\n";
  }
  return all;
}

// The problems of a configuration, or its warnings where it has none, one line each.
inline std::string said_of(const std::string& text) {
  const Folder folder;
  const auto file = folder.write("j.yaml", text);
  const auto loaded = load_config(file, environment(usual()));
  return loaded ? lines(loaded->warnings, file) : lines(loaded.error(), file);
}

inline Config load(const Folder& folder, const std::string& text) {
  const auto file = folder.write("j.yaml", text);
  auto loaded = load_config(file, environment(usual()));
  if (!loaded) throw std::runtime_error(to_string(loaded.error().front()));
  return std::move(loaded->config);
}

}  // namespace jitbot::config_sample
