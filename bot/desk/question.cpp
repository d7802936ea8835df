#include "bot/desk/state.hpp"
#include "bot/workflow/audit_detail.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// "Ask…": a question about a request, or an answer to one, in the threads of its cards and by message.
namespace jitbot {

namespace {

constexpr int k_most_questions = 20;  // about one request, answers included
constexpr int k_events = 200;         // of one request, as far back as is looked
constexpr Millis k_day = 24h;

struct Asking {
  int before = 0;                    // questions and answers so far
  std::vector<PrincipalId> curious;  // who asked, but for the participants
};

Asking asked_so_far(Recorder& record, const Request& request) {
  Asking asking;
  for (const ChainedEvent& one : record.tx().audit_of(to_string(request.id), k_events)) {
    if (one.event.action != "request.question") continue;
    ++asking.before;
    const PrincipalId& who = one.event.actor;
    const bool asked = !is_participant(request, who);
    if (asked && std::ranges::find(asking.curious, who) == asking.curious.end())
      asking.curious.push_back(who);
  }
  return asking;
}

// Something may still come of it: it waits, or the access is there.
bool is_open(const SubjectView& view) {
  if (view.request.state == RequestState::pending) return true;
  return view.request.state == RequestState::approved && view.grant && view.grant->state != GrantState::ended;
}

std::optional<Error> against(const SubjectView& view, const Asking& asking) {
  if (!is_open(view)) {
    return Error{ErrorKind::conflict,
                 fmt::format("{} is over; nobody waits for an answer any more", shown_id(view.request)),
                 {}};
  }
  if (asking.before < k_most_questions) return std::nullopt;
  return Error{ErrorKind::refused,
               fmt::format("{} has {} questions and answers, which is the limit; talk in the card's thread",
                           shown_id(view.request), asking.before),
               {}};
}

nlohmann::json channels_of(Recorder& record, const RequestId& id) {
  nlohmann::json channels = nlohmann::json::array();
  for (const CardRow& card : record.tx().cards(id)) {
    if (card.face == CardRow::Face::approval && card.message && !card.place.direct)
      channels.push_back(card.message->channel);
  }
  return channels;
}

// Those whom it concerns: a question whoever asked for access, an answer whoever asked that.
std::vector<PrincipalId> readers_of(const Request& request, const PrincipalId& who, const Asking& asking) {
  std::vector<PrincipalId> readers{request.asked.asker};
  if (request.asked.beneficiary != request.asked.asker) readers.push_back(request.asked.beneficiary);
  if (is_participant(request, who))
    readers.insert(readers.end(), asking.curious.begin(), asking.curious.end());
  std::erase(readers, who);
  return readers;
}

enum class InThread { no, yes };

Answered told(const Request& request, const PrincipalId& who, const std::vector<PrincipalId>& readers,
              InThread in_thread) {
  const bool answers = is_participant(request, who);
  Line line = plain(fmt::format("{} {}", shown_id(request), answers ? "answered" : "asked about"));
  if (in_thread == InThread::yes) line.emplace_back(Plain{": it stands in the thread of its card"});
  for (std::size_t i = 0; i < readers.size(); ++i) {
    line.emplace_back(Plain{i == 0 ? ", and was sent to " : ", "});
    line.emplace_back(Mention{readers[i]});
  }
  return say(answer(std::move(line)));
}

Answered ask_about(Recorder& record, const Request& request, const std::string& text, const Job& job) {
  const PrincipalId& who = job.from();
  const Asking asking = asked_so_far(record, request);
  if (const auto why = against(record.view(request), asking)) {
    record.audit(who, "request.question_refused", to_string(request.id), {{"why", why->message}});
    return say(*why);
  }
  const std::string as = is_participant(request, who) ? "answer" : "question";
  const AuditEvent happened = event(record.now(), who, "request.question", request.id,
                                    {{"question", text}, {"as", as}, {"number", asking.before + 1}});
  record.tx().audit(happened);
  record.tell_steps(request.id, {happened}, {});
  const auto readers = readers_of(request, who, asking);
  const auto channels = channels_of(record, request.id);
  const nlohmann::json args{{"as", as}, {"who", to_string(who)}, {"text", text}, {"channels", channels}};
  for (const PrincipalId& reader : readers) {
    const std::string key =
        fmt::format("{}/question/{}/{}", to_string(request.id), to_ms(record.now()), to_string(reader));
    record.notice(NoticeKind::question, key, direct(reader), request.id, args, k_day);
  }
  return told(request, who, readers, channels.empty() ? InThread::no : InThread::yes);
}

Answered question(Recorder& record, const DeskState& desk, const QuestionIntent& intent, const Job& job,
                  const Facts& facts) {
  record.settle_request(intent.id);
  record.settle_grant(intent.id);
  const auto request = record.tx().request(intent.id);
  const PrincipalId& who = job.from();
  const auto person = facts.person(who);
  const auto barred = person ? bind_or_bar(record, *person) : std::string();
  if (!barred.empty()) return say(Error{ErrorKind::refused, barred, {}});
  if (!request || !may_see(desk, *request, who, facts)) {
    // Said alike for ids that do not exist, so it tells nothing about those that do.
    if (const auto unknown = missing_fact(facts)) return say(*unknown);
    record.audit(who, "request.question_refused", to_string(intent.id), {{"why", "may not see it"}});
    return say(unknown_request(intent.id));
  }
  adopt_card(record, intent.id, job.inbound.reply);
  return ask_about(record, *request, intent.text, job);
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, QuestionIntent intent) {
  auto request = co_await stored_request(desk, intent.id);
  if (!request) co_return tl::unexpected<Error>(request.error());
  std::set<std::string> groups = groups_to_see(*desk, *request ? **request : Request{});
  auto facts = co_await glance(desk, job.from(), std::move(groups));
  Conclusion work = [desk, intent = std::move(intent), job, facts = std::move(facts)](Recorder& record) {
    return question(record, *desk, intent, job, facts);
  };
  co_return co_await conclude(desk, std::move(job), std::move(work));
}

}  // namespace jitbot
