#pragma once

#include "adapters/chat/mattermost/doctor.hpp"
#include "adapters/chat/slack/doctor.hpp"
#include "adapters/net/http_client.hpp"
#include "bot/app/connector_checks.hpp"
#include "bot/app/doctor.hpp"
#include "bot/app/doctor_errand.hpp"

#include <boost/asio/thread_pool.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace jitbot {

using Level = Finding::Level;

// What a Doctor is made of, in the order in which it is made; destroyed the other way round.
struct Doctor::Parts {
  Parts(AppPorts ports_in, DoctorOptions options_in)
      : ports(std::move(ports_in)), options(std::move(options_in)) {}

  AppPorts ports;
  DoctorOptions options;
  boost::asio::thread_pool disk{1};
  std::optional<Config> config;
  std::optional<Policy> policy;  // nothing: it cannot be loaded
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<slack::Examiner> examiner;
  std::unique_ptr<net::HttpClient> mattermost_http;
  std::unique_ptr<mattermost::Examiner> mattermost;
  NoStore no_store;
  std::map<std::string, std::shared_ptr<Connector>> connectors;
  Catalogs catalogs;
  Diagnosis diagnosis;

  DoctorErrand start(Task<Findings> task, Millis patience, Findings otherwise) const;
  DoctorErrand start(Task<Findings> task, std::string what) const;  // for one line, with the usual patience
  void tell(Finding finding);
};

// Tells what an errand found; whether the first finding is a fine one.
Task<bool> tell_of(Doctor::Parts& parts, DoctorErrand errand);

std::string counted(std::int64_t number, std::string_view one);  // "1 rule", "2 rules"

// What is said of something that did not come back.
Finding no_answer(std::string what, Millis patience);

// The store, the audit key and the signed head, from the disk alone. Blocks.
Findings look_at_store(const Config& config);

struct PlaceInUse {
  std::string channel;  // as it is configured
  std::string used_by;  // "administrators", "rule staging"
};
// What the set-up names of one chat; groups as name and source.
std::vector<PlaceInUse> channels_of(const Doctor::Parts& parts, std::string_view chat);
std::vector<std::pair<std::string, std::string>> groups_of(const Doctor::Parts& parts, std::string_view chat);
// Channels of no chat that is configured, and those that could be of any.
void tell_of_lost_places(Doctor::Parts& parts);

// Everything that is asked of a chat.
Task<void> examine_slack(Doctor::Parts& parts);
Task<void> examine_mattermost(Doctor::Parts& parts);
// Where its server calls us; of a configuration with callbacks.
Task<Findings> examine_callbacks(Doctor::Parts& parts);

}  // namespace jitbot
