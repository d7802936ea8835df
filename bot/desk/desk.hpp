#pragma once

#include "bot/desk/facts.hpp"
#include "bot/model/aliases.hpp"
#include "bot/policy/load.hpp"
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

// What came of looking at the policy's folder, or of putting it in force.
struct PolicyLooked {
  // Everything that is wrong with it; where there is something, the policy in force stays.
  std::vector<PolicyProblem> problems = {};
  std::shared_ptr<const Policy> fresh = {};   // what the folder holds; null: it does not load
  std::shared_ptr<const Policy> before = {};  // in force when it was looked at
};

// The policy's life, as administrators ask for it; the composition root knows where policies come from. Both
// are called on the loop.
struct PolicyKeeping {
  std::function<Task<PolicyLooked>()> look;                          // changes nothing
  std::function<Task<Result<PolicyLooked>>(PrincipalId by)> reload;  // an error: nobody knows, try again
};

struct DeskSettings {
  std::string version;
  int pending_per_person = 5;
  std::string timezone = "UTC";  // IANA name, for whoever's own is not known
  std::vector<Subject> admins;
  std::vector<Subject> auditors;
  RecordSettings record;
  TermsOf terms_of;
  PolicyKeeping policies;
  Time started;
  std::vector<std::string> platforms;  // of the chats: "slack", "mattermost"
  // What makes accounts of two platforms one person: a code, said in both chats, or the same e-mail.
  enum class Identity { confirmed, trusted } identity = Identity::confirmed;
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
    Aliases& aliases;
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
  // worked on twice, and gone on with once the directory can be asked: of one chat ("slack"), what was said
  // in it. What was said in one that is not configured any more goes on with the first.
  Task<Result<void>> find_unfinished();
  Task<void> go_on(std::string chat);
  // Called before a change of a channel is worked on, with its id: what is remembered of it is old.
  void on_channel_changed(std::function<void(const std::string&)> forget);
  // From now on everything that begins is decided by this policy. It is in force in the store already; what
  // was begun before and is not committed yet is begun anew.
  void use(std::shared_ptr<const Policy> policy);
  // While set, nothing new is granted; the text says why. Ends and decisions that end things always count.
  void hold_grants(std::string why);

  // Resolves when no Inbound is being worked on.
  Task<void> drain();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace jitbot
