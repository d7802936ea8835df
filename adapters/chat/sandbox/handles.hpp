#pragma once

#include "bot/model/time.hpp"
#include "bot/ports/clock.hpp"
#include "bot/ports/random.hpp"

#include <tl/expected.hpp>

#include <map>
#include <optional>
#include <string>

// The short-lived secrets Slack hands out: WebSocket tickets, trigger ids, response URLs.
namespace jitbot::sandbox {

struct Trigger {
  std::string user;
  std::string view;  // the modal it came from, if any
  Millis issued{0};
  bool used = false;
};

struct ResponseUrl {
  std::string path;  // "/commands/T…/…/…", below the server's address
  std::string user;
  std::string channel;
  std::string thread_ts;
  std::string message_ts;  // the message whose button was pressed; empty for commands
  int uses = 0;
  Millis issued{0};
};

class Handles {
 public:
  Handles(Clock& clock, Random& random) : clock_(clock), random_(random) {}

  std::string issue_ticket();
  bool redeem_ticket(const std::string& ticket);  // once, within 30 s

  std::string issue_trigger(std::string user, std::string view);
  // The Slack error otherwise: invalid_arguments (never issued), exchanged_trigger_id, expired_trigger_id.
  tl::expected<Trigger, std::string> redeem_trigger(const std::string& id);

  ResponseUrl& issue_response_url(std::string kind, const std::string& team, ResponseUrl details);
  // Counts a use. Errors: "not_found", "used_url", "expired_url".
  tl::expected<ResponseUrl, std::string> redeem_response_url(const std::string& path);

 private:
  Clock& clock_;
  Random& random_;
  std::map<std::string, Millis> tickets_;
  std::map<std::string, Trigger> triggers_;
  std::map<std::string, ResponseUrl> response_urls_;
};

inline constexpr Millis k_ticket_life = 30s;
inline constexpr Millis k_trigger_life = 3s;
inline constexpr Millis k_response_url_life = 30min;
inline constexpr int k_response_url_uses = 5;

}  // namespace jitbot::sandbox
