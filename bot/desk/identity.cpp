#include "bot/desk/identity.hpp"

#include "bot/desk/link.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

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

using MaybeBinding = std::optional<Binding>;

Task<Result<MaybeBinding>> bound_to(Store& store, std::string email) {
  std::function<Result<MaybeBinding>(Tx&)> ask = [email](Tx& tx) -> Result<MaybeBinding> {
    return tx.binding_of_email(email);
  };
  co_return co_await query<MaybeBinding>(store, std::move(ask));
}

Task<Result<MaybeBinding>> binding_of(Store& store, PrincipalId person) {
  std::function<Result<MaybeBinding>(Tx&)> ask = [person](Tx& tx) -> Result<MaybeBinding> {
    return tx.binding(person);
  };
  co_return co_await query<MaybeBinding>(store, std::move(ask));
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

namespace {

constexpr Millis k_fresh = 60s;
constexpr std::size_t k_most_remembered = 1000;

Barred barred_for(std::string words) {
  Barred barred;
  barred.why = {ErrorKind::refused, std::move(words), {}};
  return barred;
}

Barred not_checked() {
  Barred barred;
  barred.why = {ErrorKind::unavailable, "I cannot check your account now; try again", {}};
  return barred;
}

Barred no_email(const Person& person) {
  if (!person.email.empty()) {
    return barred_for(
        "Your account's e-mail is not confirmed, so I cannot tell it from another of yours. Confirm it in "
        "the "
        "chat, then ask again");
  }
  auto barred = barred_for(
      "Your account shows no e-mail, so I cannot tell it from another of yours. Type /jit link in your other "
      "chat, and what it answers here");
  barred.remedy = Barred::Remedy::link;
  return barred;
}

bool is_linked(Tx& tx, const PrincipalId& account) {
  const auto links = tx.account_links();
  return std::ranges::any_of(links, [&](const AccountLink& link) { return link.account == account; });
}

// Whether whoever the e-mail is bound to still is somebody who has it: what one account was called once says
// nothing of who has the other one now.
Task<Result<bool>> still_has(SharedDesk desk, PrincipalId who, std::string email) {
  auto person = co_await desk->ports.directory.person(std::move(who));
  if (!person && person.error().kind != ErrorKind::not_found) co_return tl::unexpected<Error>(person.error());
  co_return person&& policy_name(*person) == email;
}

Task<Result<PrincipalId>> put_link(SharedDesk desk, PrincipalId account, PrincipalId person,
                                   std::string email) {
  std::function<Result<PrincipalId>(Tx&)> work =
      [desk, account, person, email, now = desk->ports.clock.now()](Tx& tx) -> Result<PrincipalId> {
    const auto theirs = tx.binding_of_email(email);
    if (!theirs || theirs->principal != person || tx.binding(account)) return account;
    if (is_linked(tx, account)) return person;
    Recorder record(tx, desk->settings.record, now);
    link_accounts(record, account, person, email, "trusted e-mail");
    return person;
  };
  co_return co_await transact<PrincipalId>(desk->ports.store, std::move(work));
}

// An account that is linked with nobody yet, by the e-mail that it shows.
Task<std::optional<Barred>> link_by_email(SharedDesk desk, PrincipalId account, std::string email) {
  if (desk->settings.identity != DeskSettings::Identity::trusted) co_return std::nullopt;
  auto bound = co_await bound_to(desk->ports.store, email);
  if (!bound) co_return not_checked();
  if (!*bound || !is_of_another_platform((*bound)->principal, account)) co_return std::nullopt;
  auto person = (*bound)->principal;
  auto same = co_await still_has(desk, person, email);
  if (!same) co_return not_checked();
  if (!*same) co_return std::nullopt;
  auto linked = co_await put_link(desk, account, person, email);
  if (!linked) co_return not_checked();
  if (*linked != account) desk->ports.aliases.add(account, *linked);
  co_return std::nullopt;
}

// An account that was linked: an e-mail that it shows has to be the person's still. One that it does not show
// tells nothing against it.
Task<std::optional<Barred>> still_his(SharedDesk desk, Person person, PrincipalId known_as) {
  if (!may_decide_at_all(person))
    co_return barred_for("This account of yours is a guest's, a bot's or another organisation's");
  if (person.email.empty()) co_return std::nullopt;
  const auto email = policy_name(person);
  if (!email) co_return no_email(person);
  auto bound = co_await binding_of(desk->ports.store, known_as);
  if (!bound) co_return not_checked();
  if (*bound && (*bound)->email == *email) co_return std::nullopt;
  auto barred = barred_for("The e-mail of this account is not any more that of your other one");
  barred.conflict =
      to_string(person.id) + " was linked with " + to_string(known_as) + " and is now " + *email;
  co_return barred;
}

void remember(DeskState& desk, const PrincipalId& account, const std::optional<Barred>& barred) {
  auto& known = desk.memory->recognised;
  if (barred && barred->why.kind == ErrorKind::unavailable) return;
  const Millis now = desk.ports.clock.clock().steady();
  if (known.size() >= k_most_remembered)
    std::erase_if(known, [now](const auto& entry) { return now - entry.second.at > k_fresh; });
  if (known.size() >= k_most_remembered) known.erase(known.begin());
  known.insert_or_assign(account, DeskMemory::Recognised{now, barred});
}

const DeskMemory::Recognised* remembered(const DeskState& desk, const PrincipalId& account) {
  const auto found = desk.memory->recognised.find(account);
  if (found == desk.memory->recognised.end()) return nullptr;
  return desk.ports.clock.clock().steady() - found->second.at > k_fresh ? nullptr : &found->second;
}

// Shared with the look under way: what it finds behind the deadline is remembered for the next time.
struct Recognising {
  std::optional<Barred> barred;
  std::unique_ptr<Timer> done;
};

Task<void> look(SharedDesk desk, PrincipalId account, std::shared_ptr<Recognising> looking) {
  try {
    looking->barred = co_await recognise(desk, std::move(account));
  } catch (const std::exception& problem) {
    spdlog::debug("event=account_not_looked_up detail=\"{}\"", problem.what());
  }
  looking->done->poke();
  finished(*desk);
}

}  // namespace

Task<std::optional<Barred>> recognise(SharedDesk desk, PrincipalId account) {
  if (desk->settings.platforms.size() < 2) co_return std::nullopt;
  auto person = co_await desk->ports.directory.person(account);
  if (!person) co_return not_checked();
  std::optional<Barred> barred;
  const PrincipalId known_as = desk->ports.aliases.person_of(account);
  const auto email = policy_name(*person);
  if (known_as != account) {
    barred = co_await still_his(desk, *person, known_as);
  } else if (email) {
    barred = co_await link_by_email(desk, account, *email);
  } else if (may_decide_at_all(*person)) {  // else refused by what he is, wherever that matters
    barred = no_email(*person);
  }
  remember(*desk, account, barred);
  co_return barred;
}

Task<std::optional<Barred>> recognised_lately(SharedDesk desk, PrincipalId account, Millis patience) {
  if (desk->settings.platforms.size() < 2) co_return std::nullopt;
  if (const auto* known = remembered(*desk, account)) co_return known->barred;
  auto looking = std::make_shared<Recognising>();
  looking->done = desk->ports.clock.clock().make_timer();
  begun(*desk);
  boost::asio::co_spawn(desk->ports.executor, look(desk, std::move(account), looking), boost::asio::detached);
  co_await looking->done->wait(patience);
  co_return looking->barred;
}

std::optional<Barred> remembered_as_barred(const DeskState& desk, const PrincipalId& account) {
  const auto* known = remembered(desk, account);
  return known == nullptr ? std::nullopt : known->barred;
}

std::string not_linked_with(const PrincipalId& other) {
  return "This account is not linked with yours on " + std::string(platform_of(other)) +
         ". Type /jit link there, and what it answers here";
}

}  // namespace jitbot
