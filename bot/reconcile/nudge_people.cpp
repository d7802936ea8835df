#include "bot/reconcile/nudge_loop.hpp"
#include "bot/workflow/request_machine.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

// Reminders, escalations, and cards for voters whom no channel shows them.
namespace jitbot {

namespace {

constexpr std::size_t k_most_mentioned = 20;  // in one reply; the rest is counted
constexpr std::size_t k_most_told = 100;      // directly: a group of thousands is no list of approvers

using What = NudgeTask::What;

struct Seen {
  Request request;
  std::vector<Vote> votes;
  std::vector<CardRow> cards;
};

// A request that waits; nothing: it is decided, or gone.
std::optional<Seen> waiting(Tx& tx, const RequestId& id) {
  auto request = tx.request(id);
  if (!request || request->state != RequestState::pending) return std::nullopt;
  Seen seen{std::move(*request), tx.votes(id), tx.cards(id)};
  return seen;
}

Task<Result<std::optional<Seen>>> look_at(Store& store, RequestId id) {
  std::function<Result<std::optional<Seen>>(Tx&)> ask = [id](Tx& tx) -> Result<std::optional<Seen>> {
    return waiting(tx, id);
  };
  return query<std::optional<Seen>>(store, std::move(ask));
}

bool has_voted(const Seen& seen, const PrincipalId& who) {
  return std::ranges::any_of(
      seen.votes, [&](const Vote& vote) { return vote.voter == who && vote.stands_for(seen.request); });
}

// Nobody needs to be told of it: whoever asked, it is for, or has voted on what is asked now.
std::set<PrincipalId> heard(const Seen& seen) {
  std::set<PrincipalId> people{seen.request.asked.asker, seen.request.asked.beneficiary};
  for (const Vote& vote : seen.votes) {
    if (vote.stands_for(seen.request)) people.insert(vote.voter);
  }
  return people;
}

// Whom the steps name that still need somebody.
std::vector<Subject> open_subjects(const Seen& seen) {
  const auto counts = step_counts(seen.request, seen.votes);
  const auto& steps = seen.request.asked.steps;
  std::vector<Subject> subjects;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (counts[i] < steps[i].count)
      subjects.insert(subjects.end(), steps[i].from.begin(), steps[i].from.end());
  }
  return subjects;
}

// Where the approval card stands that people see and answer in.
std::vector<const CardRow*> threads(Tx& tx, const Seen& seen) {
  std::vector<const CardRow*> cards;
  for (const CardRow& card : seen.cards) {
    if (card.face != CardRow::Face::approval || card.place.direct || !card.message) continue;
    if (channel_state(tx, card.message->channel) == ChannelState::usable) cards.push_back(&card);
  }
  return cards;
}

bool may_still_be_posted(const Seen& seen) {
  return std::ranges::any_of(seen.cards, [](const CardRow& card) {
    return card.face == CardRow::Face::approval && !card.place.direct && !card.message &&
           card.problem.empty();
  });
}

nlohmann::json as_text(const std::vector<Person>& people, std::size_t most) {
  nlohmann::json list = nlohmann::json::array();
  for (const Person& person : people) {
    if (list.size() < most) list.push_back(to_string(person.id));
  }
  return list;
}

void audit_told(Recorder& record, const Seen& seen, const NudgeTask& task, const std::vector<Person>& people,
                std::size_t more) {
  nlohmann::json detail{{"what", to_string(task.what)}, {"people", as_text(people, people.size())}};
  if (more > 0) detail["not_looked_at"] = more;
  record.audit(system_principal("nudge"), "request.told", to_string(seen.request.id), detail);
}

void reminder_at(Recorder& record, const Seen& seen, const Place& place, const std::string& key,
                 const nlohmann::json& args) {
  record.notice(NoticeKind::reminder, to_string(seen.request.id) + "/remind/" + key, place, seen.request.id,
                args, seen.request.times_out_at - record.now());
}

void remind_in(Recorder& record, const Seen& seen, const CardRow& card, const std::vector<Person>& people,
               std::size_t more) {
  Place place;
  place.channel = card.message->channel;
  place.thread = card.message->id;
  nlohmann::json args{{"people", as_text(people, k_most_mentioned)}};
  if (people.size() > k_most_mentioned) more += people.size() - k_most_mentioned;
  if (more > 0) args["more"] = more;
  reminder_at(record, seen, place, std::to_string(card.id), args);
}

// Who was told now. An edit notifies nobody, so who has the card already is reminded by a message of its own.
std::vector<Person> tell_directly(Recorder& record, const Seen& seen, const NudgeTask& task,
                                  const std::vector<Person>& people) {
  std::vector<Person> told;
  for (const Person& person : people) {
    const bool has_it = !record.show_directly(seen.request, person.id);
    if (has_it && task.what == What::direct) continue;
    if (has_it) reminder_at(record, seen, direct(person.id), to_string(person.id), nlohmann::json::object());
    told.push_back(person);
  }
  return told;
}

// False: it is not known yet where the card will stand.
bool remind(Recorder& record, const Seen& seen, const NudgeTask& task, const std::vector<Person>& people,
            std::size_t more) {
  const bool directly = task.what == What::direct || seen.request.asked.remind_where == RemindWhere::direct;
  const auto places = directly ? std::vector<const CardRow*>{} : threads(record.tx(), seen);
  if (!directly && places.empty() && may_still_be_posted(seen)) return false;
  for (const CardRow* card : places) remind_in(record, seen, *card, people, more);
  const auto told = places.empty() ? tell_directly(record, seen, task, people) : people;
  if (!told.empty()) audit_told(record, seen, task, told, more);
  return true;
}

// Only what still holds when it is written: votes and decisions may have come meanwhile.
std::vector<Person> not_heard(const Seen& seen, std::vector<Person> people) {
  std::erase_if(people, [&](const Person& person) { return has_voted(seen, person.id); });
  return people;
}

// Settles first, so that nothing is told of what has timed out. Nothing: the task is over.
std::optional<Seen> at_the_end(Recorder& record, const NudgeTask& task, Time claimed) {
  end_task(record, task, claimed);
  record.settle_request(task.request);
  return waiting(record.tx(), task.request);
}

void escalate_to(Recorder& record, const Seen& seen, const NudgeTask& task, const Person& person,
                 bool decides) {
  if (decides && record.show_directly(seen.request, person.id)) return;
  // Edits notify nobody: who has the card already gets a message of its own.
  nlohmann::json args = nlohmann::json::object();
  if (decides) args["may_decide"] = 1;
  record.notice(NoticeKind::escalated,
                to_string(seen.request.id) + "/escalate/" + std::to_string(task.escalation) + "/" +
                    to_string(person.id),
                direct(person.id), seen.request.id, args, seen.request.times_out_at - record.now());
}

}  // namespace

Task<Result<void>> tell_approvers(NudgePorts ports, NudgeTask task, std::shared_ptr<RollCall> roll,
                                  Time claimed) {
  auto seen = co_await look_at(ports.loop.store, task.request);
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  if (!*seen) co_return co_await finish(ports, task, claimed);
  auto found = co_await roll->people(*ports.policy, open_subjects(**seen), heard(**seen), k_most_told);
  if (!found) co_return tl::unexpected<Error>(found.error());
  if (found->not_asked > 0)
    spdlog::warn("event=not_all_told subject={} left_out={}", to_string(task), found->not_asked);
  std::function<Result<void>(Recorder&)> work =
      [task, claimed, found = std::move(*found)](Recorder& record) -> Result<void> {
    const auto now = at_the_end(record, task, claimed);
    if (!now) return {};
    const auto people = not_heard(*now, found.people);
    if (people.empty() || remind(record, *now, task, people, found.not_asked)) return {};
    return fail(ErrorKind::unavailable, "the card is not posted yet");
  };
  co_return co_await record(ports.loop, std::move(work));
}

Task<Result<void>> escalate(NudgePorts ports, NudgeTask task, std::shared_ptr<RollCall> roll, Time claimed) {
  auto seen = co_await look_at(ports.loop.store, task.request);
  if (!seen) co_return tl::unexpected<Error>(seen.error());
  if (!*seen || task.escalation >= (*seen)->request.asked.escalate.size())
    co_return co_await finish(ports, task, claimed);
  const Request& request = (*seen)->request;
  auto found = co_await roll->people(*ports.policy, request.asked.escalate[task.escalation].to, heard(**seen),
                                     k_most_told);
  if (!found) co_return tl::unexpected<Error>(found.error());
  auto read = co_await roll->read_groups(*ports.policy, open_subjects(**seen));
  if (!read) co_return read;
  std::set<PrincipalId> deciders;
  for (const Person& person : found->people) {
    const auto may = may_vote(request, person, *ports.policy, roll->facts());
    if (may && *may) deciders.insert(person.id);
  }
  std::function<Result<void>(Recorder&)> work =
      [task, claimed, deciders, found = std::move(*found)](Recorder& record) -> Result<void> {
    const auto now = at_the_end(record, task, claimed);
    if (!now) return {};
    const auto people = not_heard(*now, found.people);
    for (const Person& person : people) escalate_to(record, *now, task, person, deciders.contains(person.id));
    if (!people.empty()) audit_told(record, *now, task, people, found.not_asked);
    return {};
  };
  co_return co_await record(ports.loop, std::move(work));
}

}  // namespace jitbot
