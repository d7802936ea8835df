#pragma once

#include "bot/desk/desk.hpp"
#include "bot/desk/link.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

// Inside the desk: what its handlers share, and how one of them finishes.
namespace jitbot {

class CatalogSearch;
struct Shelf;

// Where what one person may ask for is kept a while, and who waits for it (see shelf.hpp).
struct ShelfPlace {
  std::shared_ptr<const Shelf> shelf;
  bool filling = false;
  enum class Stale { no, yes } stale = Stale::no;  // overtaken by a change while it was made
  Millis used{0};                                  // monotonic
  std::vector<std::shared_ptr<Timer>> waiting;
};

// Why nothing new is granted; empty: grants are open. Set on the loop, read by transactions, too.
class HeldWhy {
 public:
  void set(std::string why) {
    const std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }
  std::string get() const {
    const std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  mutable std::mutex mutex_;
  std::string why_;
};

// Why nothing is done for an account, and whether linking it with another one would help.
struct Barred {
  Error why;
  enum class Remedy { none, link } remedy = Remedy::none;
  std::string conflict = {};  // for the administrators; empty: none of theirs
};

// What the desk has whichever policy is in force. But for `held` of the loop alone.
struct DeskMemory {
  HeldWhy held;
  std::function<void(const std::string&)> channel_changed;
  struct Glance {
    Millis at;  // monotonic
    std::set<PrincipalId> members;
  };
  std::map<std::string, Glance> glances;  // who was in a live group lately; for showing, never for deciding
  struct PersonGlance {
    Millis at;  // monotonic
    Person person;
  };
  struct CatalogGlance {
    Millis at;  // monotonic
    std::set<std::string> names;
  };
  std::map<std::string, CatalogGlance> catalogs_seen;  // what a catalog listed lately; for showing, too
  std::map<PrincipalId, PersonGlance> people_seen;     // who people were lately; for showing, too
  std::map<std::string, PrincipalId> emails_seen;      // whose an e-mail was
  struct Recognised {
    Millis at;  // monotonic
    std::optional<Barred> barred;
  };
  std::map<PrincipalId, Recognised> recognised;  // whom accounts spoke for lately; for showing, too
  LinkOffers links;
  int working = 0;                   // Inbounds being worked on, and looks that outlast who asked
  std::vector<InboxRow> unfinished;  // of before the restart, until go_on()
  std::set<std::string> answering;   // the chats that go_on() was told of
  std::vector<std::unique_ptr<Timer>> waiting_for_quiet;
};

// The desk under one policy. What began with it ends with it: when the policy is replaced, new things begin
// with another one of these, and what was not decided by then is looked at anew (see conclude).
struct DeskState {
  DeskState(Desk::Ports ports_in, DeskSettings settings_in, std::shared_ptr<const Policy> policy_in,
            std::shared_ptr<DeskMemory> memory_in)
      : ports(std::move(ports_in)),
        settings(std::move(settings_in)),
        policy(std::move(policy_in)),
        memory(std::move(memory_in)) {}

  Desk::Ports ports;
  DeskSettings settings;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<DeskMemory> memory;
  std::map<PrincipalId, ShelfPlace> shelves;
  std::shared_ptr<const CatalogSearch> search;  // null: not made yet
};
using Members = decltype(Facts::groups);
using Listed = decltype(Facts::catalogs);
using SharedDesk = std::shared_ptr<DeskState>;

// Something is worked on that drain() waits for, and its end.
void begun(DeskState& desk);
void finished(DeskState& desk);

// One Inbound on its way.
struct Job {
  InboxRow row;
  Inbound inbound;
  PrincipalId account = inbound.from;  // by which he said it; `inbound` names the person

  // Through a button of a card, at once or by the form that it opened: the card shows what comes of it.
  bool from_card() const {
    return std::holds_alternative<Clicked>(inbound.what) || std::holds_alternative<Submitted>(inbound.what);
  }
  const PrincipalId& from() const { return inbound.from; }
};

struct Answered {
  enum class How {
    say,     // tell him privately
    silent,  // the card that he pressed shows it
    again,   // the facts are older than the state: undo, fetch them anew
  };
  How how = How::say;
  Card card;
};
// What the store has under that id; nothing: there is none.
Task<Result<std::optional<Request>>> stored_request(SharedDesk desk, RequestId id);

// Without the card's buttons: nobody edits a private answer, so they would outlive what they do.
Answered say(Card card);
Answered say(std::string text);
Answered say(const Error& error);
Answered silent();
Answered again();

// The one transaction of an Inbound: `work` and the end of its inbox row, whole or not at all. Where another
// policy is in force by then, nothing is done and the answer is again().
using Conclusion = std::function<Answered(Recorder&)>;
Task<Result<Answered>> conclude(SharedDesk desk, Job job, Conclusion work);
// The same for what no rule decides.
Task<Result<Answered>> conclude_under_any_policy(SharedDesk desk, Job job, Conclusion work);
// Facts for showing: the person asked live, groups as they were at most 60 s ago, and none for who may see
// nothing by a group anyway. So looking cannot use up what deciding needs.
Task<Facts> glance(SharedDesk desk, PrincipalId who, std::set<std::string> groups);

// The members of groups, and what catalogs list, as they were at most 60 s ago: for what is shown, never for
// what is decided. What is older is asked for all at once.
struct SeenLately {
  Members members;
  Listed listed;
};
Task<SeenLately> seen_lately(SharedDesk desk, std::set<std::string> groups, std::set<std::string> catalogs);
Task<Members> members_lately(SharedDesk desk, std::set<std::string> groups);
// Facts for deciding: all of it asked live.
Task<Facts> fetch_facts(SharedDesk desk, FactsWanted wanted);

// Nothing but an answer; the row ends.
Task<Result<Answered>> conclude_with(SharedDesk desk, Job job, Answered answer);
// A refusal that the audit remembers.
Task<Result<Answered>> refuse(SharedDesk desk, Job job, std::string action, std::string subject, Error error);

// The account's e-mail is bound to it at first use. Why this account may ask and decide nothing (another id
// with a bound e-mail, a changed e-mail), after telling the administrators; empty: nothing against it.
std::string bind_or_bar(Recorder& record, const Person& person);

// For a click that only approval cards offer, on a message of ours that we did not know of: its id was lost
// with a crash, so this is the card; or the card was posted twice, then this one shall point at the other.
void adopt_card(Recorder& record, const RequestId& id, const ReplyTo& from);

bool is_administrator(const DeskState& desk, const Person& person, const Facts& facts);
bool is_auditor(const DeskState& desk, const Person& person, const Facts& facts);

std::vector<Subject> voters_and_owners(const Request& request);
// Participants, voters, owners, administrators and auditors may know of a request and read it.
bool may_see(const DeskState& desk, const Request& request, const PrincipalId& who, const Facts& facts);
std::set<std::string> groups_to_see(const DeskState& desk, const Request& request);  // what may_see() reads

// What beneficiary or asker has no use for any more, or not after all.
Answered give_back(Recorder& record, const RequestId& id, const PrincipalId& who);

// "I know no request JIT-7K3F": the same for what does not exist and for what one may not know of.
Error unknown_request(const RequestId& id);

Task<Result<Answered>> handle(SharedDesk desk, Job job, AskIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, VoteIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ReviseIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, QuestionIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, AgainIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, CancelIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, DoneIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, RevokeIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, EndIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ExtendIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, MineIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, PendingIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ShowIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ActiveIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, WhoIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, HistoryIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ResourcesIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ExplainIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, HelpIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, StatusIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, DebtIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, AbandonIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, PolicyIntent intent);
Task<Result<Answered>> handle(SharedDesk desk, Job job, LinkIntent intent);

Task<Result<Answered>> handle(SharedDesk desk, Job job, PersonChanged changed);
Task<Result<Answered>> handle(SharedDesk desk, Job job, GroupChanged changed);
Task<Result<Answered>> handle(SharedDesk desk, Job job, ChannelChanged changed);

}  // namespace jitbot
