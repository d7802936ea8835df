#pragma once

#include "bot/desk/facts.hpp"
#include "bot/policy/policy.hpp"
#include "bot/ports/catalog.hpp"
#include "bot/ports/chat.hpp"
#include "bot/ports/effective_clock.hpp"
#include "bot/ports/inbox.hpp"
#include "bot/ports/random.hpp"
#include "bot/ports/store.hpp"
#include "bot/record/record.hpp"
#include "bot/workflow/ask.hpp"
#include "commands/answers.hpp"
#include "commands/intent.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace jitbot {

struct DeskSettings {
  std::string version;
  int pending_per_person = 5;
  std::string timezone = "UTC";  // IANA name, for whoever's own is not known
  std::vector<Subject> admins;
  std::vector<Subject> auditors;
  RecordSettings record;
  TermsOf terms_of;
  Time started;
};

// Where what people said becomes what is: one coroutine per Inbound fetches the facts, applies command and
// workflow in one transaction and answers. Belongs to the event loop; outlives what it spawned (see drain).
class Desk : public Inbox {
 public:
  struct Ports {
    Executor executor;
    Store& store;
    EffectiveClock& clock;
    Random& random;
    Chat& chat;
    Directory& directory;
    const Catalogs& catalogs;
  };

  Desk(Ports ports, DeskSettings settings, std::shared_ptr<const Policy> policy);
  ~Desk() override;

  Task<Result<void>> accept(Inbound inbound) override;
  std::optional<Form> form_for(const Inbound& inbound) const override;
  Task<std::vector<FieldProblem>> check(Inbound inbound) override;
  Task<std::vector<Choice>> suggest(PrincipalId who, std::string field, std::string typed) override;
  Task<std::optional<Form>> reshape(PrincipalId who, Submitted so_far) override;
  Task<Result<Home>> home(PrincipalId who) override;

  // What was taken but not finished before a restart: looked up before anything new is taken, so nothing is
  // worked on twice, and gone on with once the directory can be asked.
  Task<Result<void>> find_unfinished();
  Task<void> go_on();
  // Called before a change of a channel is worked on, with its id: what is remembered of it is old.
  void on_channel_changed(std::function<void(const std::string&)> forget);
  // While set, nothing new is granted; the text says why. Ends and decisions that end things always count.
  void hold_grants(std::string why);

  // Resolves when no Inbound is being worked on.
  Task<void> drain();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace jitbot
