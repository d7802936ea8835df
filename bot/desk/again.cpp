#include "bot/desk/state.hpp"

#include <fmt/format.h>

// "Ask again": the same once more, decided afresh as if it were typed.
namespace jitbot {

namespace {

Result<AskIntent> same_as(const Request& request, const PrincipalId& who) {
  const Asked& asked = request.asked;
  if (asked.kind == RequestKind::extension) {
    return fail(ErrorKind::invalid,
                fmt::format("{} prolonged something; ask for more time with /jit extend {} 30m",
                            shown_id(request), asked.extends->value));
  }
  if (asked.until) {
    return fail(ErrorKind::invalid,
                fmt::format("That had a fixed end, which says nothing about now. How long this time? "
                            "/jit request {}:{} 1h <reason>",
                            asked.resource, asked.role));
  }
  AskIntent ask;
  ask.resource = asked.resource;
  ask.role = asked.role;
  ask.duration = asked.duration;
  ask.reason = asked.reason;
  ask.ticket = asked.ticket;
  // Whoever had it asked for him asks for himself now.
  if (who != asked.beneficiary) ask.for_user = mention_for(who, asked.beneficiary);
  return ask;
}

}  // namespace

Task<Result<Answered>> handle(SharedDesk desk, Job job, AgainIntent intent) {
  auto request = co_await stored_request(desk, intent.id);
  if (!request) co_return tl::unexpected<Error>(request.error());
  const bool his = *request && is_participant(**request, job.from());
  if (!his) {
    auto error = unknown_request(intent.id);
    auto about = to_string(intent.id);
    co_return co_await refuse(std::move(desk), std::move(job), "request.again_refused", std::move(about),
                              std::move(error));
  }
  auto ask = same_as(**request, job.from());
  if (!ask) {
    auto answer = say(ask.error());
    co_return co_await conclude_with(std::move(desk), std::move(job), std::move(answer));
  }
  auto same = std::move(*ask);
  co_return co_await handle(std::move(desk), std::move(job), std::move(same));
}

}  // namespace jitbot
