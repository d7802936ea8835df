#include "adapters/chat/mattermost/setup_settings.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

// What a server's settings make impossible or unsafe.
using namespace jitbot::mattermost;
using Json = nlohmann::json;

namespace {

const std::string k_callbacks = "http://10.1.2.3:8066";

Json sound() {
  return {{"ServiceSettings",
           {{"EnableBotAccountCreation", true},
            {"EnableCommands", true},
            {"AllowedUntrustedInternalConnections", "10.0.0.0/8"}}},
          {"EmailSettings", {{"RequireEmailVerification", true}}},
          {"PrivacySettings", {{"ShowEmailAddress", true}}},
          {"TeamSettings", {{"EnableOpenServer", false}, {"EnableUserCreation", true}}}};
}

bool names(const std::vector<Lack>& lacking, const std::string& setting, Lack::Kind kind) {
  return std::ranges::any_of(lacking, [&](const Lack& lack) {
    return lack.kind == kind && lack.words.find(setting) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("a server whose settings are sound lacks nothing", "[mattermost][settings]") {
  CHECK(lacking_settings(sound(), k_callbacks).empty());
}

TEST_CASE("each setting that is in the way is named, and nothing else", "[mattermost][settings]") {
  using Kind = Lack::Kind;
  struct Case {
    std::string section;
    std::string name;
    Json value;
    Kind kind;
  };
  const auto one = GENERATE(values<Case>({
      {"ServiceSettings", "EnableBotAccountCreation", false, Kind::setting_up},
      {"ServiceSettings", "EnableCommands", false, Kind::working},
      {"ServiceSettings", "AllowedUntrustedInternalConnections", "192.168.0.0/16", Kind::working},
      {"PrivacySettings", "ShowEmailAddress", false, Kind::working},
      {"EmailSettings", "RequireEmailVerification", false, Kind::safety},
      {"TeamSettings", "EnableOpenServer", true, Kind::safety},
  }));
  INFO(one.name);
  Json config = sound();
  config[one.section][one.name] = one.value;
  const auto lacking = lacking_settings(config, k_callbacks);
  CHECK(lacking.size() == 1);
  CHECK(names(lacking, one.name, one.kind));
}

TEST_CASE("a server that lets nobody sign up may be open", "[mattermost][settings]") {
  Json config = sound();
  config["TeamSettings"] = {{"EnableOpenServer", true}, {"EnableUserCreation", false}};
  CHECK(lacking_settings(config, k_callbacks).empty());
}

TEST_CASE("what the bot is shown says the same, and what it is not shown says nothing",
          "[mattermost][settings]") {
  const Json shown = {{"Version", "5.37.0"},
                      {"EnableCommands", "true"},
                      {"EnableBotAccountCreation", "true"},
                      {"RequireEmailVerification", "false"},
                      {"ShowEmailAddress", "false"},
                      {"EnableOpenServer", "true"},
                      {"EnableUserCreation", "true"}};
  const auto lacking = lacking_settings(settings_in(shown, k_callbacks), k_callbacks);
  CHECK(lacking.size() == 3);
  CHECK(names(lacking, "RequireEmailVerification", Lack::Kind::safety));
  CHECK(names(lacking, "ShowEmailAddress", Lack::Kind::working));
  CHECK(names(lacking, "EnableOpenServer", Lack::Kind::safety));
  CHECK(lacking_settings(settings_in({{"Version", "5.37.0"}}, k_callbacks), k_callbacks).empty());
}
