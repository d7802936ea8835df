#include "bot/desk/identity.hpp"

#include "bot/desk/link.hpp"

#include <nlohmann/json.hpp>

namespace jitbot {

namespace {

// As the person who reads it as `by` would write it.
std::string resolved(const std::string& mention, const PrincipalId& account, const PrincipalId& by,
                     const Aliases& aliases) {
  return mention_for(by, aliases.person_of(mentioned_by(account, mention)));
}

std::string with_people(const std::string& text, const PrincipalId& account, const PrincipalId& by,
                        const Aliases& aliases) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto open = text.find(k_mention_open, at);
    const auto close =
        open == std::string::npos ? open : text.find(k_mention_close, open + k_mention_open.size());
    if (close == std::string::npos) return out + text.substr(at);
    const auto begin = open + k_mention_open.size();
    out += text.substr(at, begin - at);
    out += resolved(text.substr(begin, close - begin), account, by, aliases);
    out += k_mention_close;
    at = close + k_mention_close.size();
  }
  return out;
}

Task<Result<std::optional<Binding>>> bound_to(Store& store, std::string email) {
  std::function<Result<std::optional<Binding>>(Tx&)> ask = [email](Tx& tx) -> Result<std::optional<Binding>> {
    return tx.binding_of_email(email);
  };
  co_return co_await query<std::optional<Binding>>(store, std::move(ask));
}

bool is_of_another_platform(const PrincipalId& one, const PrincipalId& other) {
  return platform_of(one) != platform_of(other);
}

}  // namespace

Inbound said_by_people(Inbound inbound, const Aliases& aliases) {
  const PrincipalId account = inbound.from;
  inbound.from = aliases.person_of(account);
  if (auto* said = std::get_if<Said>(&inbound.what))
    said->text = with_people(said->text, account, inbound.from, aliases);
  if (auto* form = std::get_if<Submitted>(&inbound.what)) {
    const auto whom = form->values.find("for_user");
    if (whom != form->values.end()) whom->second = resolved(whom->second, account, inbound.from, aliases);
  }
  if (auto* changed = std::get_if<PersonChanged>(&inbound.what))
    changed->who = aliases.person_of(changed->who);
  return inbound;
}

Task<Result<void>> link_by_email(SharedDesk desk, PrincipalId account) {
  if (desk->settings.identity != DeskSettings::Identity::trusted || desk->settings.platforms.size() < 2)
    co_return Result<void>();
  if (desk->ports.aliases.person_of(account) != account) co_return Result<void>();
  auto person = co_await desk->ports.directory.person(account);
  if (!person && person.error().kind == ErrorKind::unavailable)
    co_return tl::unexpected<Error>(person.error());
  const auto email = person ? policy_name(*person) : std::nullopt;
  if (!email) co_return Result<void>();
  auto bound = co_await bound_to(desk->ports.store, *email);
  if (!bound) co_return tl::unexpected<Error>(bound.error());
  if (!*bound || !is_of_another_platform((*bound)->principal, account)) co_return Result<void>();
  std::function<Result<PrincipalId>(Tx&)> work =
      [desk, account, email = *email, now = desk->ports.clock.now()](Tx& tx) -> Result<PrincipalId> {
    Recorder record(tx, desk->settings.record, now);
    const auto theirs = tx.binding_of_email(email);
    if (!theirs || tx.binding(account)) return account;
    link_accounts(record, account, theirs->principal, email, "trusted e-mail");
    return theirs->principal;
  };
  auto linked = co_await transact<PrincipalId>(desk->ports.store, std::move(work));
  if (!linked) co_return tl::unexpected<Error>(linked.error());
  if (*linked != account) desk->ports.aliases.add(account, *linked);
  co_return Result<void>();
}

namespace {

Task<Result<std::optional<Binding>>> binding_of(Store& store, PrincipalId person) {
  std::function<Result<std::optional<Binding>>(Tx&)> ask =
      [person](Tx& tx) -> Result<std::optional<Binding>> { return tx.binding(person); };
  co_return co_await query<std::optional<Binding>>(store, std::move(ask));
}

Error not_checked() {
  return {ErrorKind::unavailable, "I cannot check your account now; try again", {}};
}

}  // namespace

Task<std::optional<Error>> why_not_for(SharedDesk desk, PrincipalId account) {
  if (desk->settings.platforms.size() < 2) co_return std::nullopt;
  auto person = co_await desk->ports.directory.person(account);
  if (!person) co_return not_checked();
  const PrincipalId known_as = desk->ports.aliases.person_of(account);
  if (!may_decide_at_all(*person)) {
    if (known_as == account) co_return std::nullopt;  // refused by what he is, wherever that matters
    co_return Error{
        ErrorKind::refused, "this account of yours is a guest's, a bot's or another organisation's", {}};
  }
  const auto email = policy_name(*person);
  if (!email) {
    co_return Error{ErrorKind::refused,
                    "your account shows no confirmed e-mail, so I cannot tell it from another of yours",
                    {}};
  }
  if (known_as == account) co_return std::nullopt;
  auto bound = co_await binding_of(desk->ports.store, known_as);
  if (!bound) co_return not_checked();
  if (*bound && (*bound)->email == *email) co_return std::nullopt;
  co_return Error{
      ErrorKind::refused, "the e-mail of this account is not any more that of your other one", {}};
}

}  // namespace jitbot
