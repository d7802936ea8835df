#include "bot/record/record.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

// One line for each request asked and decided, and for each grant that begins or ends: who reads the log
// follows them by id. Why, and under which name, is for the audit log.
namespace jitbot {

void Recorder::log(const Request& request) {
  const Asked& asked = request.asked;
  std::string line =
      fmt::format("event=request id={} state={} who={} resource={}:{}", shown_id(request),
                  to_string(request.state), to_string(asked.beneficiary), asked.resource, asked.role);
  if (asked.asker != asked.beneficiary) line += " asker=" + to_string(asked.asker);
  if (asked.extends) line += " extends=" + to_string(*asked.extends);
  if (request.state != RequestState::pending) line += " by=" + to_string(request.decided_by);
  news_.push_back(std::move(line));
}

void Recorder::log(const Grant& grant) {
  std::string line =
      fmt::format("event=grant id={} state={} who={} resource={}:{}", to_string(grant.id),
                  to_string(grant.state), to_string(grant.beneficiary), grant.resource, grant.role);
  if (grant.ended_as) line += fmt::format(" as={}", to_string(*grant.ended_as));
  news_.push_back(std::move(line));
}

void log_news(const std::vector<std::string>& news) {
  for (const std::string& line : news) spdlog::info(line);
}

}  // namespace jitbot
