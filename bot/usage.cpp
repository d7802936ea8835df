#include "bot/usage.hpp"

#include "bot/model/nearest.hpp"

#include <filesystem>
#include <vector>

namespace jitbot {

namespace {

// "check, test or show"
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return text;
}

// Of a command that has commands of its own, and got none of them.
std::string no_command(const CLI::App& command, const std::string& path) {
  std::vector<std::string> names;
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(one->get_name());
  const auto rest = command.remaining(true);
  const std::string whole = path.empty() ? "jitbot" : path;
  if (rest.empty()) return whole + " needs a command: " + listed(names);
  const std::string near = nearest(rest.front(), names);
  const std::string meant = near.empty() ? whole + " takes " + listed(names) : "did you mean " + near + "?";
  return "there is no command " + (path.empty() ? "" : path + " ") + rest.front() + "; " + meant;
}

}  // namespace

CLI::Validator policy_folder() {
  return {[](const std::string& text) -> std::string {
            std::error_code error;
            const std::filesystem::path path(text);
            if (std::filesystem::is_directory(path, error)) return "";
            if (!std::filesystem::exists(path, error))
              return "there is no folder " + text + "; name the one that holds the policy's *.yaml files";
            const auto parent = path.parent_path();
            return text + " is a file; name its folder, " + (parent.empty() ? "." : parent.string());
          },
          ""};
}

std::string failure_in_words(const CLI::App* program, const CLI::Error& error) {
  const CLI::App* command = program;
  std::string path;
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += (path.empty() ? "" : " ") + command->get_name();
  }
  const bool none = error.get_name() == "RequiredError" && command->get_require_subcommand_min() > 0;
  return (none ? no_command(*command, path) : error.what()) +
         std::string("\nRun with --help for more information.\n");
}

}  // namespace jitbot
