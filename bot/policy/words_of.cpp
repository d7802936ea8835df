#include "bot/policy/words_of.hpp"

#include "bot/model/duration.hpp"
#include "bot/policy/condition.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>

namespace jitbot {

namespace {

using Words = std::vector<std::string>;

Words names_of(const std::vector<Subject>& subjects) {
  Words words;
  for (const Subject& subject : subjects) words.push_back(to_string(subject));
  return words;
}

std::string commas(const Words& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

void say(Statements& all, std::string about, std::string words) {
  if (!words.empty()) all.push_back({std::move(about), {std::move(words)}, Statement::Form::one});
}

void list(Statements& all, std::string about, Words words) {
  if (!words.empty()) all.push_back({std::move(about), std::move(words), Statement::Form::list});
}

std::string text_of(const ConditionPtr& condition) {
  return condition ? condition->text : std::string();
}

std::string quoted(const std::string& text) {
  return fmt::format("\"{}\"", text);
}

Words durations(const std::vector<Millis>& all) {
  Words words;
  for (const Millis one : all) words.push_back(format_duration(one));
  return words;
}

std::string hinted(std::string words, const std::string& hint) {
  return hint.empty() ? words : fmt::format("{} ({})", words, hint);
}

std::string words_of(const ReasonRule& reason) {
  if (!reason.needed()) return "";
  Words parts;
  if (reason.min_length > 0) parts.push_back(fmt::format("at least {} characters", reason.min_length));
  if (!reason.contains.empty()) parts.push_back("with " + reason.contains + " in it");
  return hinted(commas(parts), reason.hint);
}

std::string words_of(const TicketRule& ticket) {
  if (!ticket.required && ticket.pattern.empty()) return "";
  const std::string which = ticket.pattern.empty() ? "any" : "of the form " + ticket.pattern;
  return hinted((ticket.required ? "must be named, " : "may be named, ") + which, ticket.hint);
}

std::string words_of(const ExtendTerms& extend) {
  if (extend.max <= Millis{0}) return "";
  return fmt::format("by {}, {} in all, {}", format_duration(extend.max), format_duration(extend.total),
                     extend.automatic ? "without asking" : "by the same steps");
}

std::string words_of(const Escalation& escalation) {
  return fmt::format("after {} to {}", format_duration(escalation.after), commas(names_of(escalation.to)));
}

std::string risk_word(Risk risk) {
  switch (risk) {
    case Risk::low:
      return "low";
    case Risk::high:
      return "high";
  }
  return "";
}

void say_approval(Statements& all, const Rule& rule) {
  if (rule.automatic) {
    say(all, "approval",
        rule.auto_for_others ? "nobody has to agree, not for others either" : "nobody has to agree");
    return;
  }
  for (const RuleStep& step : rule.steps) say(all, "step " + step.name, words_of(step));
  say(all, "approve_when", text_of(rule.approve_when));
  say(all, "denials that deny", std::to_string(rule.deny_threshold));
  say(all, "waits", format_duration(rule.pending_timeout));
}

void say_telling(Statements& all, const Rule& rule) {
  list(all, "post_to", rule.post_to);
  if (rule.remind > Millis{0} || rule.remind_where == RemindWhere::direct) {
    const std::string after =
        rule.remind > Millis{0} ? "after " + format_duration(rule.remind) : std::string("at once");
    say(all, "approvers are told",
        after + (rule.remind_where == RemindWhere::direct ? " directly" : " in the thread"));
  }
  Words escalations;
  for (const Escalation& one : rule.escalate) escalations.push_back(words_of(one));
  list(all, "escalates", std::move(escalations));
  list(all, "warns before the end", durations(rule.warn_before));
}

std::string approval_words(const Rule& rule) {
  if (rule.automatic) return "nobody has to agree";
  Words steps;
  for (const RuleStep& step : rule.steps) steps.push_back(fmt::format("{} ({})", step.name, words_of(step)));
  return fmt::format("{} must agree", fmt::join(steps, " and "));
}

std::string who(const std::vector<Subject>& requesters) {
  return requesters.empty() ? "everybody" : commas(names_of(requesters));
}

}  // namespace

std::string joined(const Statement& statement) {
  return commas(statement.words);
}

std::string joined(const Statements& statements) {
  Words parts;
  for (const Statement& one : statements) parts.push_back(fmt::format("{}: {}", one.about, joined(one)));
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string words_of(const Match& match) {
  Words parts;
  if (!match.resources.empty()) parts.push_back(commas(match.resources));
  for (const auto& [tag, values] : match.tags)
    parts.push_back(fmt::format("{}={}", tag, fmt::join(values, "|")));
  if (!match.roles.empty())
    parts.push_back(fmt::format("role{} {}", match.roles.size() == 1 ? "" : "s", commas(match.roles)));
  return parts.empty() ? "everything" : fmt::format("{}", fmt::join(parts, "; "));
}

std::string words_of(const RuleStep& step) {
  std::string words = fmt::format("{} of {}", step.count, commas(names_of(step.from)));
  if (step.when) words += " when " + step.when->text;
  return words;
}

Statements statements_of(const Rule& rule) {
  Statements all;
  say(all, "effect", rule.effect == Effect::deny ? "deny" : "allow");
  say(all, "for", words_of(rule.match));
  list(all, rule.effect == Effect::deny ? "denied" : "requesters", names_of(rule.requesters));
  say(all, "when", text_of(rule.when));
  if (rule.effect == Effect::deny) {
    say(all, "message", quoted(rule.message));
    return all;
  }
  say(all, "at most", format_duration(rule.max_duration));
  say(all, "reason", words_of(rule.reason));
  say(all, "ticket", words_of(rule.ticket));
  say_approval(all, rule);
  say(all, "prolonged", words_of(rule.extend));
  say_telling(all, rule);
  return all;
}

Statements statements_of(const Group& group) {
  Statements all;
  say(all, "from", group.from);
  list(all, "members", names_of(group.members));
  return all;
}

Statements statements_of(const Resource& resource) {
  Statements all;
  if (!resource.description.empty()) say(all, "description", quoted(resource.description));
  say(all, "catalog", resource.catalog);
  for (const auto& [tag, value] : resource.tags) say(all, "tag " + tag, value);
  list(all, "owners", names_of(resource.owners));
  if (resource.max_duration > Millis{0}) say(all, "at most", format_duration(resource.max_duration));
  say(all, "default role", resource.default_role);
  if (!resource.howto.empty()) say(all, "howto", quoted(resource.howto));
  return all;
}

Statements statements_of(const Role& role) {
  Statements all;
  if (!role.description.empty()) say(all, "description", quoted(role.description));
  say(all, "connector", role.connector);
  for (const auto& [key, value] : role.grants) say(all, "grants " + key, value);
  say(all, "risk", risk_word(role.risk));
  list(all, "includes", role.includes);
  if (role.max_duration > Millis{0}) say(all, "at most", format_duration(role.max_duration));
  return all;
}

std::string words_of(const Rule& rule) {
  const std::string when = rule.when ? " when " + rule.when->text : std::string();
  if (rule.effect == Effect::deny) {
    return fmt::format("denies {} {}{}: {}", who(rule.requesters), words_of(rule.match), when,
                       quoted(rule.message));
  }
  std::string words =
      fmt::format("{} may have {} for at most {}{}; {}", who(rule.requesters), words_of(rule.match),
                  format_duration(rule.max_duration), when, approval_words(rule));
  if (rule.approve_when) words += " (approve_when " + rule.approve_when->text + ")";
  if (const auto reason = words_of(rule.reason); !reason.empty()) words += "; reason: " + reason;
  if (const auto ticket = words_of(rule.ticket); !ticket.empty()) words += "; ticket: " + ticket;
  if (const auto more = words_of(rule.extend); !more.empty()) words += "; may be prolonged " + more;
  return words;
}

std::string words_of(const PolicyProblem& problem) {
  const SourceMark& where = problem.where;
  const std::string file = std::filesystem::path(where.file).filename().string();
  const std::string place =
      where.line > 0 ? fmt::format("{} line {}, column {}", file, where.line, where.column) : file;
  return fmt::format("{}: {}{}{}{}{}", place, problem.key, problem.key.empty() ? "" : ": ", problem.message,
                     problem.advice.empty() ? "" : " → ", problem.advice);
}

}  // namespace jitbot
