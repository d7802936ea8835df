#pragma once

#include "adapters/chat/slack/parts.hpp"

// What people open and fill in, where no message is: forms and Home.
namespace jitbot::slack {

// Counts what is under way, so that stopping can wait for it.
class Busy {
 public:
  explicit Busy(std::shared_ptr<Slack::Parts> parts) : parts_(std::move(parts)) { ++parts_->handling; }
  ~Busy() {
    if (--parts_->handling == 0 && parts_->stopping) parts_->idle->set();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::shared_ptr<Slack::Parts> parts_;
};

// Opens the form, within the 3 s that the trigger lives; what to type is answered where it does not open.
Task<void> open_form(std::shared_ptr<Slack::Parts> parts, Heard heard, Form form);
// The options for a search, in the acknowledgement.
Task<void> suggest(std::shared_ptr<Slack::Parts> parts, Delivery delivery, WantsOptions wanted);
// The form's next shape. Where it does not come to be, the form stays as it is.
Task<void> reshape(std::shared_ptr<Slack::Parts> parts, FormChanged changed);

void home_opened(const std::shared_ptr<Slack::Parts>& parts, const PrincipalId& who);
// Something may have changed: of one person, or of anybody. Only Homes that were opened lately are looked at.
void refresh_home(const std::shared_ptr<Slack::Parts>& parts, const PrincipalId& who);
void refresh_homes(const std::shared_ptr<Slack::Parts>& parts);

}  // namespace jitbot::slack
